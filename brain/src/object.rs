//! Reading JSON without ever losing more than the field that is wrong.
//!
//! An object's values are located first and looked at only when asked for, each on its own. So a field that
//! we do not use may hold anything (`1e400000`, a thousand brackets), a field of a wrong shape counts as
//! absent, and of a repeated field the last one that can be read holds. Nothing here recurses with the depth
//! of the input.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

/// One JSON object: its fields in their order, the values still unread.
pub struct Object<'a> {
    fields: Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl<'a> Object<'a> {
    /// `None` when this is not JSON or not an object.
    #[must_use]
    pub fn parse(json: &'a str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    /// A whole number that fits; `5.0` and `"5"` do not count as one.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.values(name).find_map(|value| value.get().parse().ok())
    }

    /// A text in the form in which Postgres can keep it: NUL and lone surrogates become U+FFFD.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.values(name)
            .find_map(|value| Some(serde_json::from_str::<Text>(value.get()).ok()?.0.into_owned()))
    }

    /// The field as it stands in the source; `null` counts as absent.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&'a str> {
        self.values(name).map(RawValue::get).find(|value| *value != "null")
    }

    /// Whether the field is `true`.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.values(name).any(|value| value.get() == "true")
    }

    /// The field as an object.
    #[must_use]
    pub fn object(&self, name: &str) -> Option<Object<'a>> {
        self.values(name).find_map(|value| Object::parse(value.get()))
    }

    /// The objects in a list; what else the list holds is passed over.
    #[must_use]
    pub fn objects(&self, name: &str) -> Option<Vec<Object<'a>>> {
        let elements = self
            .values(name)
            .find_map(|value| serde_json::from_str::<Vec<&'a RawValue>>(value.get()).ok())?;
        Some(elements.into_iter().filter_map(|element| Object::parse(element.get())).collect())
    }

    /// Whether the field is there and says something.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.present().any(|field| field == name)
    }

    /// The names of the fields that say something, in their order: those that are neither `null` nor `false`.
    pub fn present(&self) -> impl Iterator<Item = &str> {
        let present = self.fields.iter().filter(|(_, value)| !matches!(value.get(), "null" | "false"));
        present.map(|(name, _)| name.as_ref())
    }

    /// The field's values, the last one first.
    fn values(&self, name: &str) -> impl Iterator<Item = &'a RawValue> {
        self.fields.iter().rev().filter(move |(key, _)| key == name).map(|(_, value)| *value)
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Object<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Object<'de>, M::Error> {
        let mut fields = Vec::with_capacity(8);
        while let Some((Text(name), value)) = map.next_entry()? {
            fields.push((name, value));
        }
        Ok(Object { fields })
    }
}

/// A JSON string. It is asked for as bytes, because `serde_json` refuses a lone surrogate escape (`\ud800`)
/// in a `String`, and a message must not be lost for half an emoji.
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<Text<'de>, E> {
        // Neither a NUL nor a surrogate can stand in JSON other than as an escape, and then the bytes are not
        // borrowed.
        Ok(Text(String::from_utf8_lossy(bytes)))
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(storable(bytes))))
    }
}

/// The bytes of an unescaped JSON string as text, as many UTF-16 units long as they were, because Telegram
/// counts in those.
fn storable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        // A lone surrogate is ED and two bytes more, and each of the three comes as an invalid chunk of its
        // own.
        if chunk.invalid().first() == Some(&0xED) {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    if text.contains('\0') { text.replace('\0', "\u{FFFD}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::Object;

    fn object(json: &str) -> Object<'_> {
        Object::parse(json).expect("an object")
    }

    #[test]
    fn only_an_object_is_an_object() {
        for json in ["", "null", "5", "\"text\"", "[]", "{", "{}}", "{\"a\"}", "{\"a\":01}"] {
            assert!(Object::parse(json).is_none(), "{json}");
        }
        assert!(Object::parse(" {} \n").is_some());
    }

    #[test]
    fn a_field_of_a_wrong_shape_is_absent_and_its_neighbours_are_not() {
        let wrong = object(r#"{"n":"5","t":7,"o":[1],"l":{},"f":"true","right":5}"#);
        assert_eq!(wrong.integer("n"), None);
        assert_eq!(wrong.text("t"), None);
        assert!(wrong.object("o").is_none());
        assert!(wrong.objects("l").is_none());
        assert!(!wrong.flag("f"));
        assert_eq!(wrong.integer("right"), Some(5));
    }

    #[test]
    fn absurd_numbers_are_absent() {
        let absurd =
            object(r#"{"a":1e400000,"b":9223372036854775808,"c":-9223372036854775808,"d":5.0,"e":1e2}"#);
        assert_eq!(absurd.integer("a"), None);
        assert_eq!(absurd.integer("b"), None);
        assert_eq!(absurd.integer("c"), Some(i64::MIN));
        assert_eq!(absurd.integer("d"), None);
        assert_eq!(absurd.integer("e"), None);
    }

    #[test]
    fn the_last_readable_of_repeated_fields_holds() {
        assert_eq!(object(r#"{"a":1,"a":2}"#).integer("a"), Some(2));
        assert_eq!(object(r#"{"a":1,"a":null}"#).integer("a"), Some(1));
    }

    #[test]
    fn nul_and_lone_surrogates_become_one_replacement_character_each() {
        let text = |json: &str| object(json).text("t").expect("a text");
        assert_eq!(text(r#"{"t":"a\u0000b"}"#), "a\u{FFFD}b");
        assert_eq!(text(r#"{"t":"a\ud83db"}"#), "a\u{FFFD}b");
        assert_eq!(text(r#"{"t":"\ude00"}"#), "\u{FFFD}");
        assert_eq!(text(r#"{"t":"\ud83d\ud83d\ude00\n"}"#), "\u{FFFD}😀\n");
        assert_eq!(text(r#"{"t":"\u041f\u0440"}"#), "Пр");
    }

    #[test]
    fn a_broken_name_of_a_field_does_not_hide_the_others() {
        assert_eq!(object(r#"{"\ud800":1,"\u0000":2,"\u0061":3}"#).integer("a"), Some(3));
    }

    #[test]
    fn a_list_gives_its_objects() {
        let list = object(r#"{"l":[1,{"a":1},null,"x",{"a":2},[{"a":3}]]}"#);
        let numbers: Vec<_> = list.objects("l").expect("a list").iter().map(|o| o.integer("a")).collect();
        assert_eq!(numbers, [Some(1), Some(2)]);
    }

    #[test]
    fn null_and_false_say_nothing() {
        let object = object(r#"{"a":null,"b":false,"c":true,"d":0,"e":[]}"#);
        assert!(!object.has("a") && !object.has("b") && !object.has("z"));
        assert_eq!(object.present().collect::<Vec<_>>(), ["c", "d", "e"]);
        assert!(object.has("c") && object.has("d") && object.has("e"));
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = format!(r#"{{"deep":{}{},"a":1}}"#, "[".repeat(500_000), "]".repeat(500_000));
        let object = object(&deep);
        assert_eq!(object.integer("a"), Some(1));
        assert!(object.object("deep").is_none() && object.text("deep").is_none());
        assert_eq!(object.objects("deep").map(|inner| inner.len()), Some(0));
    }
}
