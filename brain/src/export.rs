//! What a person takes along: the memory of one chat, as a file that is made when it is sent.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use serde::{Deserialize, Serialize};

use crate::ids::ChatId;

/// Whose memory. In a private chat everything of its person, in a group that chat only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// The chat that is exported.
    pub chat: ChatId,
}

/// A file to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The chat that gets it: never a group.
    pub to: ChatId,
    /// What stands below it; at most 1,024 characters.
    pub caption: String,
    /// What it is made from.
    pub export: Export,
}

/// What came of making a file.
#[derive(Debug)]
pub enum Made {
    /// Here it is.
    File {
        /// `pykhbrain-export-<date>.json`, with `.gz` where it had to be compressed.
        name: String,
        /// Its content.
        bytes: Vec<u8>,
    },
    /// Nothing is kept of the chat.
    Nothing,
    /// Even compressed it is more than a bot may send.
    TooBig,
}

/// What Telegram takes from a bot, <https://core.telegram.org/bots/api#senddocument> (50 MB), and a little less.
pub(crate) const MOST_BYTES: usize = 49_000_000;

/// Compressed at a time, before others get their turn.
const CHUNK: usize = 1 << 20;

/// A growing text. Kept as it is while it is small enough to be sent, compressed from there on, so that it never takes much
/// more than twice what can be sent.
pub(crate) struct Sheet {
    content: Content,
    most: usize,
}

enum Content {
    Plain(Vec<u8>),
    Gzip(GzEncoder<Vec<u8>>),
}

/// It has become more than can be sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooBig;

impl Sheet {
    /// An empty one, for up to `most` bytes.
    pub(crate) fn new(most: usize) -> Self {
        Self { content: Content::Plain(Vec::new()), most }
    }

    /// Adds to it.
    pub(crate) async fn write(&mut self, text: &str) -> Result<(), TooBig> {
        if let Content::Plain(written) = &mut self.content
            && written.len() + text.len() > self.most
        {
            let written = std::mem::take(written);
            self.content = Content::Gzip(GzEncoder::new(Vec::new(), Compression::default()));
            for chunk in written.chunks(CHUNK) {
                self.push(chunk)?;
                tokio::task::yield_now().await;
            }
        }
        self.push(text.as_bytes())
    }

    /// The finished file under `name`.
    pub(crate) fn finish(self, name: String) -> Made {
        match self.content {
            Content::Plain(bytes) => Made::File { name, bytes },
            Content::Gzip(gzip) => match gzip.finish() {
                Ok(bytes) if bytes.len() <= self.most => Made::File { name: format!("{name}.gz"), bytes },
                _ => Made::TooBig,
            },
        }
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), TooBig> {
        match &mut self.content {
            Content::Plain(written) => written.extend_from_slice(bytes),
            // Writing into memory does not fail.
            Content::Gzip(gzip) => {
                let _ = gzip.write_all(bytes);
                if gzip.get_ref().len() > self.most {
                    return Err(TooBig);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    async fn of(texts: impl IntoIterator<Item = String>) -> Made {
        let mut sheet = Sheet::new(1000);
        for text in texts {
            if sheet.write(&text).await == Err(TooBig) {
                return Made::TooBig;
            }
        }
        sheet.finish("it.json".into())
    }

    #[tokio::test]
    async fn what_is_small_stays_as_it_is() {
        let Made::File { name, bytes } = of([("a".repeat(999)), "b".into()]).await else { panic!("no file") };
        assert_eq!((name.as_str(), bytes.len()), ("it.json", 1000));
    }

    #[tokio::test]
    async fn what_is_bigger_is_compressed_and_nothing_is_lost() {
        let lines: Vec<String> = (0..300).map(|n| format!("line {n}\n")).collect();
        let Made::File { name, bytes } = of(lines.clone()).await else { panic!("no file") };
        assert_eq!(name, "it.json.gz");
        assert!(bytes.len() <= 1000);
        let mut text = String::new();
        GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
        assert_eq!(text, lines.concat());
    }

    #[tokio::test]
    async fn what_cannot_be_compressed_enough_is_too_big() {
        let noise =
            (0..2000_u64).map(|n| format!("{:016x}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17)));
        assert!(matches!(of(noise).await, Made::TooBig));
    }
}
