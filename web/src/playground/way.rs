//! `GET api/way`: the way of a message, and what the model saw.

use brain::{
    db::way::{self, Call, Way},
    ids::ChatId,
};
use salvo::{http::StatusCode, prelude::*};
use serde_json::{Value, json};
use sqlx::PgPool;

use telegram_sandbox::chats::Message;

use super::{
    BOT, Playground,
    steps::{is_finished, steps},
};

/// `GET api/way?chat_id=&message_id=`.
pub(super) struct GetWay {
    pub(super) playground: Playground,
    pub(super) pool: PgPool,
}

#[handler]
impl GetWay {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        let place = request.query("chat_id").zip(request.query("message_id"));
        let message = place.and_then(|(chat_id, message_id)| {
            self.playground.state().sandbox.chats.message(chat_id, message_id).cloned()
        });
        let Some(message) = message else {
            response.status_code(StatusCode::NOT_FOUND);
            return response.render(Json(json!({"error": "There is no such message."})));
        };
        match self.look_up(&message).await {
            Ok(found) => response.render(Json(found)),
            Err(error) => {
                tracing::warn!(error = %error, "the way of a message cannot be looked up");
                response.status_code(StatusCode::SERVICE_UNAVAILABLE);
                response.render(Json(json!({"error": "The database does not answer, so the way of this message cannot be shown."})));
            }
        }
    }
}

impl GetWay {
    async fn look_up(&self, message: &Message) -> sqlx::Result<Value> {
        let chat = ChatId(message.chat_id);
        let way = match message.update_id {
            Some(update_id) => way::of_update(&self.pool, BOT.id, update_id).await?,
            None => way::of_sent(&self.pool, chat, message.message_id).await?,
        };
        let Some(way) = way else {
            return Ok(json!({"steps": [], "finished": true, "saw": null}));
        };
        let question =
            way.update.as_ref().and_then(|update| self.question(message.chat_id, update.update_id));
        let mut saw = way.calls.last().and_then(|call| saw(call, &way));
        if let Some(saw) = &mut saw {
            for tier in ["short_term", "recalled"] {
                let ids: Vec<i64> = serde_json::from_value(saw["messages"][tier].take()).unwrap_or_default();
                saw["messages"][tier] = json!(way::message_ids(&self.pool, chat, &ids).await?);
            }
        }
        let (said_at, question) = question.map(|question| (question.at, question.message_id)).unzip();
        let answers_to = question.filter(|question| *question != message.message_id);
        let finished = is_finished(&way);
        Ok(json!({"steps": steps(&way, said_at), "finished": finished, "saw": saw, "answers_to": answers_to}))
    }

    /// The message that came in with an update.
    fn question(&self, chat_id: i64, update_id: i64) -> Option<Message> {
        let state = self.playground.state();
        let messages = &state.sandbox.chats.room(chat_id)?.messages;
        messages.iter().find(|message| message.update_id == Some(update_id)).cloned()
    }
}

/// What went into the prompt, by sections.
fn saw(call: &Call, way: &Way) -> Option<Value> {
    let prompt = call.prompt.as_ref()?;
    let is_command = way.update.as_ref().is_some_and(|update| update.outcome.as_deref() == Some("command"));
    (!is_command).then(|| {
        json!({
            "model": call.model,
            "sections": prompt["sections"],
            "dropped": prompt["dropped"],
            "budget": prompt["budget"],
            "messages": {"short_term": prompt["short_term"], "recalled": prompt["recalled"]},
        })
    })
}
