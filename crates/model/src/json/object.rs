//! Access to the members of an object whose text was already checked.

use serde_json::Value;

use super::reader::Reader;

/// Calls `visit` with the key, decoded, the whole member's text and the value's text of
/// every member of an object. Does nothing for a text that is not an object.
pub(crate) fn members<'a>(object: &'a str, mut visit: impl FnMut(&str, &'a str, &'a str)) {
    let mut reader = Reader::new(object);
    // The text was checked when it was read, so there can be no error.
    let _ = reader.object(|reader, key, start| {
        let value = reader.raw()?;
        let member = reader.slice(start, reader.offset());
        visit(key, member, value);
        Ok(())
    });
}

/// The text of the value of a key; of the last one if there are several.
pub(crate) fn member<'a>(object: &'a str, wanted: &str) -> Option<&'a str> {
    let mut found = None;
    members(object, |key, _, value| {
        if key == wanted {
            found = Some(value);
        }
    });
    found
}

/// The object with a key set, behind all others.
pub(crate) fn with_member(object: &str, key: &str, value: &Value) -> String {
    let mut all = Vec::new();
    members(object, |name, member, _| {
        if name != key {
            all.push(member.to_owned());
        }
    });
    all.push(format!("{}:{value}", Value::from(key)));
    format!("{{{}}}", all.join(","))
}
