//! What the page asks for and what people do on it, as JSON.

use std::convert::Infallible;

use futures::{StreamExt, stream};
use salvo::{
    fs::NamedFile,
    http::{StatusCode, mime},
    prelude::*,
    sse::{SseEvent, SseKeepAlive},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;

use telegram_sandbox::{chats::Event, say};

use super::{Playground, refusal::Refusal, state::News};

/// Far more than a message's 4,096 characters take.
const MAX_BODY: usize = 64 * 1024;

/// `GET api/state`.
pub(super) struct GetState(pub(super) Playground);

#[handler]
impl GetState {
    fn handle(&self, response: &mut Response) {
        response.render(Json(self.0.snapshot()));
    }
}

/// `POST api/messages`.
pub(super) struct PostMessage(pub(super) Playground);

#[handler]
impl PostMessage {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        let playground = self.0.clone();
        act(request, response, |said| async move { playground.say(said).await }).await;
    }
}

/// `PATCH api/messages`.
pub(super) struct PatchMessage(pub(super) Playground);

#[handler]
impl PatchMessage {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        let playground = self.0.clone();
        act(request, response, |edit| async move { playground.edit(edit).await }).await;
    }
}

/// `POST api/chats`.
pub(super) struct PostChat(pub(super) Playground);

#[handler]
impl PostChat {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        let playground = self.0.clone();
        act(request, response, |new| async move { playground.create(new).await }).await;
    }
}

/// `POST api/presses`.
pub(super) struct PostPress(pub(super) Playground);

#[handler]
impl PostPress {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        let playground = self.0.clone();
        act(request, response, |press| async move { playground.press(press).await }).await;
    }
}

/// `GET api/documents?chat_id=&message_id=`.
pub(super) struct GetDocument(pub(super) Playground);

#[handler]
impl GetDocument {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        let place = request.query::<i64>("chat_id").zip(request.query::<i64>("message_id"));
        let found = place.and_then(|(chat_id, message_id)| {
            let state = self.0.state();
            let document = state.sandbox.chats.message(chat_id, message_id)?.document.clone()?;
            Some((document.name, state.document(message_id)))
        });
        let Some((name, path)) = found else {
            response.status_code(StatusCode::NOT_FOUND);
            return response.render(Json(json!({"error": "There is no such file."})));
        };
        let file = NamedFile::builder(path).attached_name(name).content_type(mime::APPLICATION_OCTET_STREAM);
        file.send(request.headers(), response).await;
    }
}

/// Reads the body, acts, and answers with what came of it, or with the reason why nothing did.
async fn act<In, Out, Acting>(
    request: &mut Request,
    response: &mut Response,
    act: impl FnOnce(In) -> Acting + Send,
) where
    In: DeserializeOwned + Send,
    Out: Serialize + Send + 'static,
    Acting: Future<Output = Result<Out, Refusal>> + Send + 'static,
{
    let body = request.payload_with_max_size(MAX_BODY).await.ok();
    let Some(input) = body.and_then(|body| serde_json::from_slice(body).ok()) else {
        response.status_code(StatusCode::BAD_REQUEST);
        return response.render(Json(json!({"error": "The request cannot be read."})));
    };
    // On a task of its own, because a page that is closed at once must not leave a message that is said and not handed over.
    match tokio::spawn(act(input)).await {
        Ok(Ok(output)) => response.render(Json(output)),
        Ok(Err(refusal)) => {
            response.status_code(status(&refusal));
            response.render(Json(json!({"error": refusal.to_string()})));
        }
        Err(_) => {
            response.status_code(StatusCode::INTERNAL_SERVER_ERROR);
        }
    }
}

fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Sandbox(
            say::Refusal::NoSuchChat | say::Refusal::NoSuchMessage | say::Refusal::NoSuchKey,
        ) => StatusCode::NOT_FOUND,
        Refusal::Sandbox(say::Refusal::TooManyChats) => StatusCode::CONFLICT,
        Refusal::Sandbox(_) => StatusCode::BAD_REQUEST,
        Refusal::NotTaken(_) | Refusal::NotWritten(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// `GET api/events`.
pub(super) struct GetEvents {
    pub(super) playground: Playground,
    pub(super) stopping: CancellationToken,
}

#[handler]
impl GetEvents {
    fn handle(&self, response: &mut Response) {
        let news = stream::unfold(self.playground.news(), next)
            .take_until(self.stopping.clone().cancelled_owned())
            .map(Ok::<_, Infallible>);
        SseKeepAlive::new(news).stream(response);
    }
}

/// The next event that concerns a page; none when the process ends.
async fn next(mut news: broadcast::Receiver<News>) -> Option<(SseEvent, broadcast::Receiver<News>)> {
    loop {
        let item = match news.recv().await {
            Ok(item) => item,
            Err(RecvError::Lagged(_)) => News::Lost,
            Err(RecvError::Closed) => return None,
        };
        if let Some(event) = as_event(&item) {
            return Some((event, news));
        }
    }
}

fn as_event(news: &News) -> Option<SseEvent> {
    let named = |name: &str| SseEvent::default().name(name);
    match news {
        News::Event(Event::Chat(chat)) => named("chat").json(chat),
        News::Event(Event::Message(message)) => named("message").json(message),
        News::Event(Event::Edited(message)) => named("edited").json(message),
        News::Event(Event::Withdrawn(place)) => named("withdrawn").json(place),
        News::Event(Event::Numbered { .. }) => return None,
        News::Typing(typing) => named("typing").json(typing),
        News::Commands(commands) => named("commands").json(commands),
        News::Toast(toast) => named("toast").json(toast),
        News::Lost => named("lost").json(()),
    }
    .ok()
}

#[cfg(test)]
mod tests {
    use telegram_sandbox::{chats::Place, sandbox::Typing};

    use super::{super::state::Commands, *};

    fn written(news: &News) -> Option<String> {
        as_event(news).map(|event| event.to_string())
    }

    #[test]
    fn news_is_named_and_holds_only_what_it_is_about() {
        let withdrawn = News::Event(Event::Withdrawn(Place { chat_id: 5, message_id: 7 }));
        assert_eq!(
            written(&withdrawn).as_deref(),
            Some("event: withdrawn\ndata: {\"chat_id\":5,\"message_id\":7}\n\n")
        );
        let typing = News::Typing(Typing { chat_id: 5, thread_id: None });
        assert_eq!(
            written(&typing).as_deref(),
            Some("event: typing\ndata: {\"chat_id\":5,\"thread_id\":null}\n\n")
        );
        let commands = News::Commands(Commands::default());
        assert_eq!(
            written(&commands).as_deref(),
            Some("event: commands\ndata: {\"private\":[],\"group\":[]}\n\n")
        );
        assert_eq!(written(&News::Lost).as_deref(), Some("event: lost\ndata: null\n\n"));
        assert_eq!(written(&News::Event(Event::Numbered { update_id: 1 })), None);
    }
}
