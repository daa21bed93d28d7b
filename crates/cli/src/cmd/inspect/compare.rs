//! Where two JSON texts differ in value.
//!
//! Works on the texts, so that a large document costs little more than itself
//! and no number or string has to fit a type: what is written alike is alike,
//! and only what is not is taken apart.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Number;
use serde_json::value::RawValue;

/// The first place where two texts differ.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// Where, as in `$[3].guild.id`.
    pub(super) path: String,
    /// What is different there.
    pub(super) message: String,
}

/// Compares two JSON texts.
///
/// The order of keys does not matter; of a key that is there twice, the last
/// value counts.
pub(super) fn difference(
    before: &str,
    after: &str,
) -> Result<Option<Difference>, serde_json::Error> {
    let before = serde_json::from_str(before)?;
    let after = serde_json::from_str(after)?;
    values(before, after, &mut "$".to_owned())
}

type Outcome = Result<Option<Difference>, serde_json::Error>;

fn values(before: &RawValue, after: &RawValue, path: &mut String) -> Outcome {
    let (before, after) = (before.get(), after.get());
    if before == after {
        return Ok(None);
    }
    match (before.as_bytes().first(), after.as_bytes().first()) {
        (Some(b'{'), Some(b'{')) => objects(before, after, path),
        (Some(b'['), Some(b'[')) => arrays(before, after, path),
        (Some(b'"'), Some(b'"')) if string(before) == string(after) => Ok(None),
        (Some(b'-' | b'0'..=b'9'), _) if same_number(before, after) => Ok(None),
        _ => Ok(Some(Difference {
            path: path.clone(),
            message: format!("{path} was {} and became {}", short(before), short(after)),
        })),
    }
}

fn objects(before: &str, after: &str, path: &mut String) -> Outcome {
    let Members(before) = serde_json::from_str(before)?;
    let Members(after) = serde_json::from_str(after)?;
    let here = path.len();
    for (key, value) in &before {
        path.push('.');
        path.push_str(shown(key));
        let Some(other) = after.get(key) else {
            return Ok(Some(Difference {
                path: path.clone(),
                message: format!("{path} is lost"),
            }));
        };
        if let Some(found) = values(value, other, path)? {
            return Ok(Some(found));
        }
        path.truncate(here);
    }
    let added = after.keys().find(|key| !before.contains_key(*key));
    Ok(added.map(|key| {
        let path = format!("{path}.{}", shown(key));
        let message = format!("{path} was added");
        Difference { path, message }
    }))
}

fn arrays(before: &str, after: &str, path: &mut String) -> Outcome {
    let before: Vec<&RawValue> = serde_json::from_str(before)?;
    let after: Vec<&RawValue> = serde_json::from_str(after)?;
    if before.len() != after.len() {
        let message = format!(
            "{path} has {} elements instead of {}",
            after.len(),
            before.len()
        );
        return Ok(Some(Difference {
            path: path.clone(),
            message,
        }));
    }
    let here = path.len();
    for (index, (value, other)) in before.into_iter().zip(after).enumerate() {
        path.push_str(&format!("[{index}]"));
        if let Some(found) = values(value, other, path)? {
            return Ok(Some(found));
        }
        path.truncate(here);
    }
    Ok(None)
}

/// A string without its escapes, or as it is written if it has no such form:
/// half a surrogate pair.
type Text<'a> = Result<Cow<'a, str>, &'a str>;

fn string(text: &str) -> Text<'_> {
    match text.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
        Some(plain) if !plain.contains('\\') => Ok(plain.into()),
        _ => serde_json::from_str(text).map(Cow::Owned).map_err(|_| text),
    }
}

fn shown<'a>(key: &'a Text<'_>) -> &'a str {
    match key {
        Ok(key) => key,
        Err(key) => key,
    }
}

/// Whether two numbers that are written differently are the same. Whole
/// numbers never are, and neither is what no type can hold.
fn same_number(before: &str, after: &str) -> bool {
    let parse = |text: &str| -> Option<Number> {
        let float = text.contains(['.', 'e', 'E']);
        float.then(|| serde_json::from_str(text).ok())?
    };
    parse(before).is_some_and(|before| parse(after) == Some(before))
}

/// A value for a message.
fn short(text: &str) -> Cow<'_, str> {
    const MOST: usize = 200;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}

/// The members of an object, by key.
struct Members<'a>(BTreeMap<Text<'a>, &'a RawValue>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ByKey;

        impl<'de> Visitor<'de> for ByKey {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                    members.insert(string(key.get()), value);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(ByKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(before: &str, after: &str) -> Option<String> {
        let difference = difference(before, after).unwrap()?;
        assert!(difference.message.starts_with(&difference.path));
        Some(difference.message)
    }

    #[test]
    fn the_first_difference_is_named_with_its_path() {
        for (before, after, message) in [
            (r#"{"a": {"b": 1}}"#, r#"{"a": {}}"#, "$.a.b is lost"),
            (r#"{"a": null}"#, "{}", "$.a is lost"),
            ("{}", r#"{"a": null}"#, "$.a was added"),
            (
                r#"[0, {"t": "1"}]"#,
                r#"[0, {"t": 1}]"#,
                "$[1].t was \"1\" and became 1",
            ),
            ("[1]", "[]", "$ has 0 elements instead of 1"),
            ("{}", "[]", "$ was {} and became []"),
        ] {
            assert_eq!(
                found(before, after).as_deref(),
                Some(message),
                "{before} {after}"
            );
        }
    }

    #[test]
    fn space_order_and_escapes_make_no_difference() {
        for (before, after) in [
            (
                r#" {"a": [1, {"b": null}], "c": true} "#,
                r#"{"c":true,"a":[1,{"b":null}]}"#,
            ),
            (r#""\u00e9\/""#, "\"é/\""),
            (r#"{"\u0061": 1}"#, r#"{"a": 1}"#),
            (r#"{"a": 0, "a": 1}"#, r#"{"a": 1}"#),
            (r#"["\ud83d", {"\ud83d": 1}]"#, r#"["\ud83d",{"\ud83d":1}]"#),
        ] {
            assert_eq!(found(before, after), None, "{before} {after}");
        }
        assert_eq!(
            found(r#"{"a": 1, "a": 0}"#, r#"{"a": 1}"#).as_deref(),
            Some("$.a was 0 and became 1")
        );
        let half = r#"{"\ud83d": 1, "\"\\ud83d\"": 1}"#;
        assert!(found(half, r#"{"\ud83d": 1}"#).is_some());
        assert!(found(r#"["\ud83d"]"#, "[\"\u{fffd}\"]").is_some());
    }

    #[test]
    fn numbers_are_compared_beyond_every_type() {
        for (before, after) in [
            ("[1e400, 1]", "[1e400,1]"),
            ("[1.50]", "[1.5]"),
            ("[1E2]", "[1e2]"),
        ] {
            assert_eq!(found(before, after), None, "{before} {after}");
        }
        for (before, after) in [
            ("[1e400]", "[1e401]"),
            ("[18446744073709551616]", "[18446744073709551617]"),
            ("[1.0]", "[1]"),
            ("[-0]", "[0]"),
            ("[1]", "[\"1\"]"),
        ] {
            assert!(found(before, after).is_some(), "{before} {after}");
        }
    }

    #[test]
    fn what_is_long_is_cut_in_the_message() {
        let message = found(&format!("[\"{}\"]", "é".repeat(100_000)), "[0]").unwrap();
        assert!(message.len() < 1000 && message.contains('…'), "{message}");
    }
}
