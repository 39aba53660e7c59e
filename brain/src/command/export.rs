//! `/export`: everything that is kept, as a file, to the private chat of who asks for it.

use super::{Answer, Asked, press::Pressed, press::PressedKey};
use crate::{
    db::accounts,
    export::{Document, Export},
    ids::ChatId,
    reply::{Key, Keyboard},
    telegram::ChatKind,
    texts,
};

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<Answer> {
    let (chat, person) = (asked.at.chat, &asked.message.from);
    if asked.message.chat.kind == ChatKind::Private {
        return Ok(Answer { document: Some(document(chat, chat)), ..Answer::default() });
    }
    if person.id == chat.0 {
        return Ok(texts::EXPORT_IS_FOR_A_PERSON.to_owned().into());
    }
    if accounts::is_reachable(&asked.brain.pool, person.id).await? {
        let document = Some(document(chat, ChatId(person.id)));
        return Ok(Answer { document, ..texts::EXPORT_WENT_TO_PRIVATE.to_owned().into() });
    }
    let text = texts::export_needs_a_private_chat(&person.name, &asked.brain.bot.get().username);
    let keyboard = Some(Keyboard::row([Key::new(texts::EXPORT_NOW, "export")]));
    Ok(Answer { text, keyboard, ..Answer::default() })
}

/// The key under the word that the private chat was missing. Whoever administers the group may press it, and gets the file.
pub(super) async fn pressed(pressed: &PressedKey<'_>) -> sqlx::Result<Pressed> {
    let person = pressed.button.from.id;
    if !accounts::is_reachable(&pressed.brain.pool, person).await? {
        return Ok(Pressed::toast(texts::EXPORT_CANNOT_REACH));
    }
    let document = Some(document(pressed.at.chat, ChatId(person)));
    let answer = Some(Answer { document, ..Answer::default() });
    Ok(Pressed { answer, settled: true, ..Pressed::toast(texts::EXPORT_IS_ON_ITS_WAY) })
}

fn document(of: ChatId, to: ChatId) -> Document {
    let caption = if of.is_group() { texts::EXPORT_OF_GROUP } else { texts::EXPORT_OF_PERSON };
    Document { to, caption: caption.to_owned(), export: Export { chat: of } }
}
