//! From a message to a prompt, and from an answer to what is sent. Pure.

mod guidelines;
mod keyboard;
mod known;
mod markdown;
mod prompt;
mod recalled;
mod split;
mod tokens;
mod transcript;

pub use guidelines::guidelines;
pub use keyboard::{Key, Keyboard};
pub use markdown::outgoing_parts;
pub use prompt::{Assembled, Budget, PromptInput, assemble};
pub use recalled::{Packed, pack_recalled};
pub use split::{Part, plain_parts};
pub use tokens::Tokenizer;
pub use transcript::{ReadingPrompt, TRANSCRIPT_TOKENS, TranscriptInput, reading_prompt};
