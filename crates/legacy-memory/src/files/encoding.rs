//! A source as UTF-8, whether it is in UTF-8 or in UTF-16.
//!
//! UTF-16 is known by its byte order mark or, because JSON begins with a character of ASCII, by the zero beside that one.

use std::{
    char::{REPLACEMENT_CHARACTER, decode_utf16},
    io::{self, Read},
};

const CHUNK: u64 = 32 << 10;

/// Half of a character, UTF-16's first half.
const HIGH: std::ops::Range<u16> = 0xD800..0xDC00;

/// Reads a source as UTF-8. What is UTF-8 already is passed on as it is, right or wrong; half a character of UTF-16 becomes
/// U+FFFD.
pub(super) struct Utf8<R> {
    source: R,
    encoding: Option<Encoding>,
    /// Bytes of the source that nobody has made text of yet.
    raw: Vec<u8>,
    /// Text that nobody has taken yet, and how much of it somebody has.
    text: Vec<u8>,
    taken: usize,
}

#[derive(Clone, Copy)]
enum Encoding {
    Utf8,
    Utf16(fn([u8; 2]) -> u16),
}

impl<R: Read> Utf8<R> {
    /// Nothing is read yet.
    pub(super) const fn new(source: R) -> Self {
        Self { source, encoding: None, raw: Vec::new(), text: Vec::new(), taken: 0 }
    }

    /// Where it reads from.
    pub(super) const fn source(&self) -> &R {
        &self.source
    }

    /// Where it reads from, to read on from there.
    pub(super) const fn source_mut(&mut self) -> &mut R {
        &mut self.source
    }

    /// As the first two bytes say.
    fn encoding(&mut self) -> io::Result<Encoding> {
        if let Some(encoding) = self.encoding {
            return Ok(encoding);
        }
        (&mut self.source).take(2).read_to_end(&mut self.raw)?;
        let encoding = match *self.raw {
            [0xFF, 0xFE] | [1..=0xFF, 0] => Encoding::Utf16(u16::from_le_bytes),
            [0xFE, 0xFF] | [0, 1..=0xFF] => Encoding::Utf16(u16::from_be_bytes),
            _ => Encoding::Utf8,
        };
        if matches!(*self.raw, [0xFF, 0xFE] | [0xFE, 0xFF]) {
            self.raw.clear();
        }
        if let Encoding::Utf8 = encoding {
            self.text = std::mem::take(&mut self.raw);
        }
        self.encoding = Some(encoding);
        Ok(encoding)
    }

    /// Makes text of the next bytes. `false` where there are none any more.
    fn decode(&mut self, unit: fn([u8; 2]) -> u16) -> io::Result<bool> {
        let is_more = (&mut self.source).take(CHUNK).read_to_end(&mut self.raw)? > 0;
        let (pairs, _) = self.raw.as_chunks::<2>();
        let mut units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        if is_more {
            // The other half of the last character may be still to come.
            units.pop_if(|last| HIGH.contains(last));
        }
        let chars = decode_utf16(units.iter().copied()).map(|char| char.unwrap_or(REPLACEMENT_CHARACTER));
        let mut text: String = chars.collect();
        self.raw.drain(..units.len() * 2);
        if !is_more && !std::mem::take(&mut self.raw).is_empty() {
            text.push(REPLACEMENT_CHARACTER);
        }
        (self.text, self.taken) = (text.into_bytes(), 0);
        Ok(is_more)
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let encoding = self.encoding()?;
        if self.taken == self.text.len() {
            match encoding {
                Encoding::Utf8 => return self.source.read(into),
                Encoding::Utf16(unit) => while self.decode(unit)? && self.text.is_empty() {},
            }
        }
        let read = (&self.text[self.taken..]).read(into)?;
        self.taken += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        Utf8::new(bytes).read_to_end(&mut text).expect("it can be read");
        text
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn utf_16_of_either_order_is_text_with_and_without_its_mark() {
        // Longer than a chunk, with a character of two halves at every place where a chunk may end.
        let hearts = "💙".repeat(20_000);
        let text = format!("[\"Привіт 💙\", \"{hearts}\", \"x{hearts}\"]");
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            for mark in ["", "\u{FEFF}"] {
                assert!(read(&utf16(&format!("{mark}{text}"), bytes)) == text.as_bytes());
            }
        }
    }

    #[test]
    fn what_is_utf_8_is_passed_on_as_it_is() {
        for bytes in [&b""[..], b"[", b"[]", b"[1, \"\xFF\xFE\"]", b"\xEF\xBB\xBF[]", b"\0", b"\xFF", b"  []"]
        {
            assert_eq!(read(bytes), bytes);
        }
    }

    #[test]
    fn half_a_character_becomes_a_mark() {
        let mut bytes = utf16("\u{FEFF}[\"a", u16::to_le_bytes);
        bytes.extend_from_slice(&0xD83D_u16.to_le_bytes());
        bytes.extend_from_slice(&utf16("b\"]", u16::to_le_bytes));
        assert_eq!(read(&bytes), "[\"a\u{FFFD}b\"]".as_bytes());
        bytes.push(b'\n');
        assert_eq!(read(&bytes), "[\"a\u{FFFD}b\"]\u{FFFD}".as_bytes());
    }
}
