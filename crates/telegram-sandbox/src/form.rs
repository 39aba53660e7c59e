//! The parameters of a call, in any of the encodings that Telegram takes:
//! <https://core.telegram.org/bots/api#making-requests>.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// Parameters by name. Outside of JSON every value is a string, so each reader takes both.
#[derive(Clone, Debug, Default)]
pub struct Form {
    values: Map<String, Value>,
    files: HashMap<String, File>,
}

/// A file that was sent along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Form {
    /// Reads the query and the body, which is of this kind; the body wins. None where the body is not what its type says.
    pub fn read(query: &str, kind: &str, body: &[u8]) -> Option<Self> {
        let mut form = Self::default();
        form.extend(url::form_urlencoded::parse(query.as_bytes()));
        if kind.starts_with("application/json") {
            form.values.extend(serde_json::from_slice::<Map<String, Value>>(body).ok()?);
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            form.extend(url::form_urlencoded::parse(body));
        } else if kind.starts_with("multipart/form-data") {
            let (_, boundary) = kind.split_once("boundary=")?;
            form.read_parts(body, boundary.trim_matches('"'))?;
        }
        Some(form)
    }

    /// A number.
    pub fn integer(&self, name: &str) -> Option<i64> {
        number(self.values.get(name)?)
    }

    /// A text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.as_str()
    }

    /// A truth, false where absent.
    pub fn flag(&self, name: &str) -> bool {
        self.values
            .get(name)
            .is_some_and(|value| value == true || matches!(value.as_str(), Some("true" | "True" | "1")))
    }

    /// A list or an object.
    pub fn json(&self, name: &str) -> Option<Value> {
        match self.values.get(name)? {
            Value::String(text) => serde_json::from_str(text).ok(),
            value => Some(value.clone()),
        }
    }

    /// A file: the part of that name, or the one that it points to, <https://core.telegram.org/bots/api#sending-files>.
    pub fn file(&self, name: &str) -> Option<&File> {
        let attached = self.text(name).and_then(|value| value.strip_prefix("attach://"));
        self.files.get(attached.unwrap_or(name))
    }

    fn extend<N: Into<String>, T: Into<String>>(&mut self, pairs: impl IntoIterator<Item = (N, T)>) {
        self.values.extend(pairs.into_iter().map(|(name, text)| (name.into(), Value::String(text.into()))));
    }

    /// The parts of a `multipart/form-data` body (RFC 7578): texts, and files under their names. None where it is not well
    /// formed.
    fn read_parts(&mut self, body: &[u8], boundary: &str) -> Option<()> {
        let delimiter = format!("--{boundary}");
        let (_, mut rest) = split_once(body, delimiter.as_bytes())?;
        while !rest.starts_with(b"--") {
            let (part, after) = split_once(rest, delimiter.as_bytes())?;
            let (head, content) = split_once(part, b"\r\n\r\n")?;
            let content = content.strip_suffix(b"\r\n")?;
            let head = String::from_utf8_lossy(head);
            let name = quoted(&head, "; name=")?.to_owned();
            if let Some(file) = quoted(&head, "; filename=") {
                self.files.insert(name, File { name: file.to_owned(), bytes: content.to_vec() });
            } else {
                self.values.insert(name, String::from_utf8_lossy(content).into_owned().into());
            }
            rest = after;
        }
        Some(())
    }
}

/// A number, which may be written as text.
pub fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// What stands between quotation marks after `label`.
fn quoted<'a>(head: &'a str, label: &str) -> Option<&'a str> {
    let (_, value) = head.split_once(label)?;
    value.strip_prefix('"')?.split_once('"').map(|(value, _)| value)
}

fn split_once<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let place = bytes.windows(at.len()).position(|window| window == at)?;
    Some((&bytes[..place], &bytes[place + at.len()..]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(query: &str, kind: &str, body: &str) -> Option<Form> {
        Form::read(query, kind, body.as_bytes())
    }

    #[test]
    fn every_encoding_gives_the_same_parameters() {
        let multipart = "--b\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n-5\r\n\
                         --b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nü\r\n\r\n&\r\n\
                         --b\r\nContent-Disposition: form-data; name=\"on\"\r\n\r\ntrue\r\n\
                         --b\r\nContent-Disposition: form-data; name=\"list\"\r\n\r\n[1]\r\n--b--\r\n";
        let json = r#"{"chat_id":-5,"text":"ü\r\n\r\n&","on":true,"list":[1]}"#;
        let encoded = "chat_id=-5&text=%C3%BC%0D%0A%0D%0A%26&on=true&list=[1]";
        for form in [
            read("", "multipart/form-data; boundary=b", multipart),
            read("", "application/json; charset=utf-8", json),
            read("", "application/x-www-form-urlencoded", encoded),
            read("chat_id=-5&text=%C3%BC%0D%0A%0D%0A%26&on=true&list=[1]", "", ""),
        ] {
            let form = form.unwrap();
            assert_eq!(form.integer("chat_id"), Some(-5));
            assert_eq!(form.text("text"), Some("ü\r\n\r\n&"));
            assert!(form.flag("on") && !form.flag("off"));
            assert_eq!(form.json("list"), Some(json!([1])));
        }
    }

    #[test]
    fn a_file_comes_with_its_name_and_its_bytes() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a.json\"\r\n\
                    Content-Type: application/json\r\n\r\n{\r\n\r\n}\r\n--b--\r\n";
        let form = read("", "multipart/form-data; boundary=b", body).unwrap();
        let file = File { name: "a.json".into(), bytes: b"{\r\n\r\n}".to_vec() };
        assert_eq!((form.file("document"), form.text("document")), (Some(&file), None));
    }

    #[test]
    fn a_body_that_is_not_of_its_type_is_refused() {
        assert!(read("", "application/json", "{").is_none());
        assert!(read("", "multipart/form-data; boundary=b", "--b\r\ncut off").is_none());
    }
}
