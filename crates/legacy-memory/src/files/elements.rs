//! The elements of a JSON list, one after the other, however long the list is.
//!
//! Only brackets and quotes are looked at: what stands between them is for whoever reads the element. So one bad element
//! costs itself and nothing else, and the depth of the input costs nothing at all.

use std::io::{self, Read};

/// The longest element, in bytes: ten megabytes of text and what stands around them.
pub const LONGEST: usize = 12 << 20;
const CHUNK: usize = 64 << 10;

/// What comes next in the list.
#[derive(Debug, PartialEq, Eq)]
pub enum Element<'a> {
    /// An element as it stands there, from bracket to bracket.
    Whole(&'a [u8]),
    /// An element of more than [`LONGEST`] bytes.
    TooLong,
    /// The source ends within this element.
    CutOff,
    /// What follows the list's end, or stands in its place.
    Stray,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    InList,
    /// After the list; what follows is not looked at again.
    End,
}

/// Reads a list. A source that holds one object is a list of it; an empty one, `[]` and `{}` are empty lists.
pub struct Elements<R> {
    source: R,
    chunk: Box<[u8]>,
    at: usize,
    filled: usize,
    element: Vec<u8>,
    place: Place,
}

impl<R: Read> Elements<R> {
    /// Nothing is read yet.
    pub fn new(source: R) -> Self {
        Self {
            source,
            chunk: vec![0; CHUNK].into_boxed_slice(),
            at: 0,
            filled: 0,
            element: Vec::new(),
            place: Place::Start,
        }
    }

    /// Where it reads from.
    pub(super) fn source(&self) -> &R {
        &self.source
    }

    /// Where it reads from, to read on from there.
    pub(super) fn source_mut(&mut self) -> &mut R {
        &mut self.source
    }

    /// The next element; `None` at the end.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn next(&mut self) -> io::Result<Option<Element<'_>>> {
        let is_list = match self.place {
            Place::End => return Ok(None),
            Place::InList => true,
            Place::Start => {
                self.skip_byte_order_mark()?;
                match self.first()? {
                    None => {
                        self.place = Place::End;
                        return Ok(None);
                    }
                    Some(b'[') => {
                        self.at += 1;
                        self.place = Place::InList;
                        true
                    }
                    Some(b'{') => false,
                    Some(_) => {
                        self.place = Place::End;
                        return Ok(Some(Element::Stray));
                    }
                }
            }
        };
        if !is_list {
            // One object in the place of a list.
            self.place = Place::End;
            let whole = self.element()?;
            let is_empty =
                self.element.len() < 64 && self.element.iter().all(|byte| b" \t\r\n{}".contains(byte));
            return Ok(match whole {
                Ended::Whole if is_empty => None,
                ended => Some(self.given(ended)),
            });
        }
        match self.first_in_list()? {
            None => {
                self.place = Place::End;
                // The closing bracket is missing, and nobody knows what else.
                Ok(Some(Element::CutOff))
            }
            Some(b']') => {
                self.at += 1;
                self.place = Place::End;
                Ok(self.first()?.map(|_| Element::Stray))
            }
            Some(_) => {
                let ended = self.element()?;
                if ended == Ended::CutOff {
                    self.place = Place::End;
                }
                Ok(Some(self.given(ended)))
            }
        }
    }

    fn given(&self, ended: Ended) -> Element<'_> {
        match ended {
            Ended::Whole => Element::Whole(&self.element),
            Ended::TooLong => Element::TooLong,
            Ended::CutOff => Element::CutOff,
        }
    }

    /// Reads one element up to its last byte.
    fn element(&mut self) -> io::Result<Ended> {
        self.element.clear();
        let mut scan = Scan::default();
        let mut is_long = false;
        loop {
            let Some(rest) = self.rest()? else {
                // Nothing closes a number or a word, so the end of the source is no end that it could have.
                return Ok(Ended::CutOff);
            };
            let (used, is_over) = scan.over(rest);
            if self.element.len() + used > LONGEST {
                is_long = true;
                self.element = Vec::new();
            }
            if !is_long {
                let (from, to) = (self.at, self.at + used);
                self.element.extend_from_slice(&self.chunk[from..to]);
            }
            self.at += used;
            if is_over {
                return Ok(if is_long { Ended::TooLong } else { Ended::Whole });
            }
        }
    }

    fn first_in_list(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.first()? {
                Some(b',') => self.at += 1,
                other => return Ok(other),
            }
        }
    }

    /// The next byte that is no white space, not taken yet.
    fn first(&mut self) -> io::Result<Option<u8>> {
        loop {
            let Some(rest) = self.rest()? else { return Ok(None) };
            match rest.iter().position(|byte| !byte.is_ascii_whitespace()) {
                Some(skipped) => {
                    let byte = rest[skipped];
                    self.at += skipped;
                    return Ok(Some(byte));
                }
                None => self.at = self.filled,
            }
        }
    }

    fn skip_byte_order_mark(&mut self) -> io::Result<()> {
        for mark in *b"\xEF\xBB\xBF" {
            if self.rest()?.and_then(|rest| rest.first()) != Some(&mark) {
                break;
            }
            self.at += 1;
        }
        Ok(())
    }

    /// What has been read and not been taken; `None` at the end of the source.
    fn rest(&mut self) -> io::Result<Option<&[u8]>> {
        if self.at == self.filled {
            self.at = 0;
            self.filled = loop {
                match self.source.read(&mut self.chunk) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    read => break read?,
                }
            };
        }
        Ok((self.at < self.filled).then(|| &self.chunk[self.at..self.filled]))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Whole,
    TooLong,
    CutOff,
}

/// Where in an element we are.
#[derive(Default)]
struct Scan {
    depth: u64,
    in_string: bool,
    escaped: bool,
    begun: bool,
}

impl Scan {
    /// Goes over `bytes`: how many of them belong to the element, and whether it ends with them.
    fn over(&mut self, bytes: &[u8]) -> (usize, bool) {
        for (index, byte) in bytes.iter().enumerate() {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => {
                        self.in_string = false;
                        if self.depth == 0 {
                            return (index + 1, true);
                        }
                    }
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth > 0 => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return (index + 1, true);
                    }
                }
                // A number or a word ends where something else begins.
                b',' | b']' if self.depth == 0 && self.begun => return (index, true),
                _ => {}
            }
            self.begun = true;
        }
        (bytes.len(), false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes a few at a time, so that every boundary falls somewhere.
    struct Trickle<'a>(&'a [u8], usize);

    impl Read for Trickle<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let some = self.0.len().min(self.1).min(into.len());
            into[..some].copy_from_slice(&self.0[..some]);
            self.0 = &self.0[some..];
            Ok(some)
        }
    }

    fn read(json: &[u8]) -> Vec<String> {
        let whole = read_by(json, json.len().max(1));
        for some in 1..4 {
            assert_eq!(read_by(json, some), whole, "{some} bytes at a time");
        }
        whole
    }

    fn read_by(json: &[u8], some: usize) -> Vec<String> {
        let mut elements = Elements::new(Trickle(json, some));
        let mut read = Vec::new();
        while let Some(element) = elements.next().expect("it can be read") {
            read.push(match element {
                Element::Whole(bytes) => String::from_utf8_lossy(bytes).trim().to_owned(),
                other => format!("{other:?}"),
            });
        }
        assert_eq!(elements.next().expect("it can be read"), None);
        read
    }

    #[test]
    fn elements_come_one_by_one_whatever_stands_in_them() {
        assert_eq!(
            read(br#" [ {"a": "]}\"\\"}, [1, {"b": 2}] ,"x,]", 5,null , {} ] "#),
            [r#"{"a": "]}\"\\"}"#, r#"[1, {"b": 2}]"#, "\"x,]\"", "5", "null", "{}"]
        );
    }

    #[test]
    fn one_object_is_a_list_of_it_and_nothing_is_an_empty_list() {
        assert_eq!(read(br#"{"a": 1}"#), [r#"{"a": 1}"#]);
        for empty in ["", "  \n", "[]", "{}", " { } ", "[ ]", "\u{FEFF}[]", "\u{FEFF}"] {
            assert!(read(empty.as_bytes()).is_empty(), "{empty:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_passed_over() {
        assert_eq!(read("\u{FEFF}[1]".as_bytes()), ["1"]);
    }

    #[test]
    fn what_was_cut_off_costs_only_the_last_element() {
        assert_eq!(read(br#"[{"a": 1}, {"b": "cut"#), [r#"{"a": 1}"#, "CutOff"]);
        assert_eq!(read(br#"[{"a": 1}, 12"#), [r#"{"a": 1}"#, "CutOff"]);
        assert_eq!(read(br#"{"b": "cut"#), ["CutOff"]);
    }

    #[test]
    fn a_list_without_its_closing_bracket_says_that_something_is_missing() {
        assert_eq!(read(br#"[{"a": 1},"#), [r#"{"a": 1}"#, "CutOff"]);
    }

    #[test]
    fn what_is_no_list_or_follows_one_is_named() {
        assert_eq!(read(b"hello"), ["Stray"]);
        assert_eq!(read(b"[1] [2]"), ["1", "Stray"]);
        assert_eq!(read(b"\xFF\xFE[\0]\0"), ["Stray"], "UTF-16");
    }

    #[test]
    fn depth_costs_nothing() {
        let deep = format!("[{}{}, 1]", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(read_by(deep.as_bytes(), 1 << 16).last().map(String::as_str), Some("1"));
    }

    #[test]
    fn an_element_that_is_too_long_is_passed_over_without_being_kept() {
        let mut json = b"[\"".to_vec();
        json.resize(LONGEST + 100, b'x');
        json.extend_from_slice(b"\", 7]");
        assert_eq!(read_by(&json, 1 << 16), ["TooLong", "7"]);
        let mut elements = Elements::new(&json[..]);
        assert_eq!(elements.next().expect("it can be read"), Some(Element::TooLong));
        assert!(elements.element.capacity() < 1 << 20);
    }
}
