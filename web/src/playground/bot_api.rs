//! The Bot API of the local chat: the sandbox, over HTTP, for its one bot.

use salvo::{
    http::{StatusCode, header::CONTENT_TYPE, mime},
    prelude::*,
};
use serde_json::json;
use telegram_sandbox::{error::ApiError, form::Form};

use super::Playground;

/// The longest text with its markup, escaped, and what else a call holds.
const MAX_BODY: usize = 1024 * 1024;
/// Telegram's 50 MB for files, and what a form has around them.
const MAX_UPLOAD: usize = 51 * 1024 * 1024;

/// `POST telegram/bot1:local/METHOD`.
pub(super) struct BotApi(pub(super) Playground);

#[handler]
impl BotApi {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        let bot = request.param::<String>("bot").unwrap_or_default();
        let method = request.param::<String>("method").unwrap_or_default().to_ascii_lowercase();
        let answer = if bot.strip_prefix("bot") == Some(Playground::TOKEN) {
            let form = read(request).await;
            self.0.state().perform(&method, &form, self.0.now())
        } else {
            Err(ApiError::new(401, "Unauthorized"))
        };
        match answer {
            Ok(result) => response.render(Json(json!({"ok": true, "result": result}))),
            Err(error) => {
                response.status_code(StatusCode::from_u16(error.code()).unwrap_or(StatusCode::BAD_REQUEST));
                response.render(Json(error.body()));
            }
        }
    }
}

/// What cannot be read is as if it were absent. Where nothing says what the body is, it is JSON.
async fn read(request: &mut Request) -> Form {
    let is_form = request.content_type().is_some_and(|kind| kind.subtype() == mime::FORM_DATA);
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or("application/json").to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let body = request.payload_with_max_size(if is_form { MAX_UPLOAD } else { MAX_BODY }).await;
    body.ok().and_then(|body| Form::read(&query, &kind, body)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use telegram_sandbox::{chats::Event, people::first_chats, sandbox::Toast};

    use super::{
        super::{
            scratch::Scratch,
            state::{News, State},
        },
        *,
    };

    struct Server {
        state: State,
        _kept: Scratch,
    }

    impl Server {
        fn start() -> Self {
            let scratch = Scratch::new();
            let mut state = State::open(scratch.path()).expect("to open");
            for chat in first_chats() {
                state.record(Event::Chat(chat)).expect("to write");
            }
            Self { state, _kept: scratch }
        }

        fn perform(&mut self, method: &str, form: &Form) -> Result<Value, ApiError> {
            self.state.perform(method, form, 1_795_363_200_123)
        }

        fn call(&mut self, method: &str, params: &Value) -> Result<Value, ApiError> {
            let form = Form::read("", "application/json", params.to_string().as_bytes()).expect("JSON");
            self.perform(method, &form)
        }
    }

    #[test]
    fn a_confirmed_press_is_told_to_who_pressed() {
        let mut server = Server::start();
        let mut news = server.state.news.subscribe();
        let answer = json!({"callback_query_id": "-2001:1002:5", "text": "Kept."});
        assert_eq!(server.call("answercallbackquery", &answer), Ok(json!(true)));
        let toast = Toast { chat_id: -2001, from_id: 1002, text: "Kept.".into() };
        assert!(matches!(news.try_recv(), Ok(News::Toast(told)) if told == toast));
        assert!(server.call("answercallbackquery", &json!({"callback_query_id": "5"})).is_err());
    }

    #[test]
    fn a_document_is_kept_with_its_name_and_its_bytes() {
        let mut server = Server::start();
        let part = |head: &str, content: &str| {
            format!("--b\r\ncontent-disposition: form-data; {head}\r\n\r\n{content}\r\n")
        };
        let body = part("name=\"chat_id\"", "1001")
            + &part("name=\"caption\"", "Yours")
            + &part("name=\"document\"; filename=\"a.json\"", "{}")
            + "--b--\r\n";
        let form = Form::read("", "multipart/form-data; boundary=b", body.as_bytes()).expect("a form");
        let sent = server.perform("senddocument", &form).expect("a message");
        assert_eq!((&sent["caption"], &sent["document"]["file_name"]), (&json!("Yours"), &json!("a.json")));
        let id = sent["message_id"].as_i64().expect("an id");
        assert_eq!(std::fs::read(server.state.document(id)).expect("the file"), b"{}");
        assert!(server.call("senddocument", &json!({"chat_id": 1001})).is_err());
    }
}
