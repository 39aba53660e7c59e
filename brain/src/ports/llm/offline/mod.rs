//! The built-in model that answers where no model is configured. It knows nothing of the world and needs no network:
//! it answers from what its prompt holds and finds the facts in a transcript, by rules and a small dictionary of four
//! languages, so that the memory can be seen at work.
//!
//! Reading a prompt: `prompt`, `transcript`. Texts as words: `language`, `meanings`, `lexicon`, `stem`, `tokens`,
//! `words`, `clause`. What is said and asked: `claim` (with `subject`, `told`, `asked`), `question`, `knowledge`. What
//! answers: `retrieve` (with `bearing`). What comes out: `answer` (with `phrases`, `person`, `conjugate`) and `facts`
//! (with `worth`).

mod answer;
mod asked;
mod bearing;
mod claim;
mod clause;
mod conjugate;
mod facts;
mod knowledge;
mod language;
mod lexicon;
mod meanings;
mod person;
mod phrases;
mod prompt;
mod question;
mod retrieve;
mod sections;
mod stem;
mod subject;
mod tokens;
mod told;
mod transcript;
mod words;
mod worth;

#[cfg(test)]
mod tests;

use super::{
    ChatAnswer, Prompt,
    render::{self, PromptMessage},
};

/// The model's name, wherever one is shown.
pub const MODEL: &str = "offline (built in)";

/// How many bytes or characters count as one token.
const TOKEN: usize = 4;

/// Answers a prompt of the form that `reply::sections` describes. The same prompt always gets the same answer, and any
/// prompt at all gets one.
///
/// The text keeps within `max_tokens`, except that it is never empty and fact operations are always a whole JSON
/// document. Token counts are an estimate: a quarter of the characters, rounded up.
#[must_use]
pub fn complete(request: &super::ChatRequest) -> ChatAnswer {
    let form = match request.prompt {
        Prompt::Reply(_) => AnswerForm::Text,
        Prompt::Extraction(_) => AnswerForm::FactOperations,
    };
    let messages = render::messages(&request.prompt);
    answered(&ChatRequest { model: request.model.clone(), messages, form, max_tokens: request.max_tokens })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum AnswerForm {
    Text,
    FactOperations,
}

struct ChatRequest {
    #[allow(dead_code, reason = "it answers by one name")]
    model: String,
    messages: Vec<PromptMessage>,
    form: AnswerForm,
    max_tokens: u32,
}

fn answered(request: &ChatRequest) -> ChatAnswer {
    let most = usize::try_from(request.max_tokens).unwrap_or(usize::MAX).saturating_mul(TOKEN);
    let text = match request.form {
        AnswerForm::Text => shortened(answer::answer(&request.messages), most),
        AnswerForm::FactOperations => facts::operations(&request.messages, most),
    };
    let prompt = request.messages.iter().map(|message| message.content.chars().count()).sum();
    let tokens_out = tokens(text.chars().count());
    ChatAnswer { text, model: MODEL.to_owned(), tokens_in: tokens(prompt), tokens_cached: 0, tokens_out }
}

fn tokens(characters: usize) -> u32 {
    u32::try_from(characters.div_ceil(TOKEN)).unwrap_or(u32::MAX)
}

/// The first characters of a text, one at least.
fn shortened(mut text: String, most: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(most.max(1)) {
        text.truncate(end);
    }
    text
}
