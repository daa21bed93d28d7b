//! Reading bodies and queries.

use std::{collections::BTreeSet, convert::Infallible, future::ready};

use bytes::Bytes;
use futures_util::{FutureExt as _, stream};
use multer::Multipart;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::ApiError;

/// Undoes percent-encoding; broken escapes stay as they are.
pub(crate) fn decode_percent(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// `application/json`.
pub(crate) const JSON: &str = "application/json";
/// `application/x-www-form-urlencoded`.
pub(crate) const URL_ENCODED: &str = "application/x-www-form-urlencoded";
/// `multipart/form-data`.
pub(crate) const MULTIPART: &str = "multipart/form-data";

/// Which of the types that an endpoint takes a body is of.
///
/// See Discord Docs/Reference#content-type.
pub(crate) fn content_type(
    given: Option<&str>,
    taken: &'static [&'static str],
) -> Result<&'static str, ApiError> {
    let given = given.and_then(|it| it.split(';').next()).unwrap_or("");
    taken
        .iter()
        .find(|it| it.eq_ignore_ascii_case(given.trim()))
        .copied()
        .ok_or_else(|| ApiError::content_type(taken))
}

/// Reads a query string.
pub(crate) fn parse_query(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

/// Reads a body that has to be a JSON object.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => {
            let message = "Only dictionaries may be used in a DictType";
            Err(ApiError::whole_body("DICT_TYPE_CONVERT", message))
        }
        Err(_) => Err(ApiError::invalid_json()),
    }
}

/// The fields of a form, as if they had come as JSON: `flags` become true or
/// false and `lists` arrays, everything else stays the text that it is. A
/// list is a field that is repeated, or one that holds a JSON array.
pub(crate) fn fields(
    pairs: Vec<(String, String)>,
    flags: &[&str],
    lists: &[&str],
) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, text) in pairs {
        if lists.contains(&name.as_str()) {
            let more = match serde_json::from_str(&text) {
                Ok(Value::Array(values)) => values,
                _ => vec![Value::String(text)],
            };
            let list = fields.entry(name).or_insert_with(|| Value::Array(vec![]));
            if let Value::Array(list) = list {
                list.extend(more);
            }
            continue;
        }
        let value = match text.as_str() {
            "true" | "True" | "1" if flags.contains(&name.as_str()) => Value::Bool(true),
            "false" | "False" | "0" if flags.contains(&name.as_str()) => Value::Bool(false),
            _ => Value::String(text),
        };
        fields.insert(name, value);
    }
    fields
}

/// The parts of a multipart body: name and content. `None` if it is none, or
/// broken.
pub(crate) fn multipart(content_type: &str, body: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let boundary = multer::parse_boundary(content_type).ok()?;
    let body = Ok::<_, Infallible>(Bytes::copy_from_slice(body));
    let mut form = Multipart::new(stream::once(ready(body)), boundary);
    let parts = async {
        let mut parts = Vec::new();
        while let Some(field) = form.next_field().await? {
            // A part without a name is none that an endpoint looks for.
            let name = String::from(field.name().unwrap_or_default());
            parts.push((name, field.bytes().await?.to_vec()));
        }
        Ok::<_, multer::Error>(parts)
    };
    // The body is here in whole, so there is nothing to wait for.
    parts.now_or_never()?.ok()
}

/// Reads a target users file: a column `user_id` of snowflakes. Whoever
/// stands in it twice is in it once.
///
/// # Errors
///
/// One message a line that is wrong, as Discord words them.
pub(crate) fn target_users(file: &[u8]) -> Result<Vec<u64>, Vec<String>> {
    let text = String::from_utf8_lossy(file);
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text.lines().enumerate();
    let mut problems = Vec::new();
    match lines.next() {
        Some((_, header)) if header.trim().trim_matches('"') == "user_id" => {}
        _ => {
            return Err(vec![String::from(
                "Line 1: missing header - expected 'user_id'",
            )]);
        }
    }
    let mut users = Vec::new();
    let mut known = BTreeSet::new();
    for (index, line) in lines {
        let text = line.trim().trim_matches('"');
        if text.is_empty() {
            continue;
        }
        match text.parse::<u64>() {
            // The first snowflake that can be is one millisecond into 2015.
            Ok(id) if id >= 1 << 22 => {
                if known.insert(id) {
                    users.push(id);
                }
            }
            Ok(_) => problems.push(format!(
                "Line {}: invalid user ID - must be a valid Discord snowflake",
                index + 1
            )),
            Err(_) => problems.push(format!("Line {}: invalid user ID format", index + 1)),
        }
    }
    if problems.is_empty() {
        Ok(users)
    } else {
        Err(problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        assert_eq!(decode_percent("a%20b%zz%c3%a9+"), "a b%zzé+");
        assert_eq!(
            parse_query("a=1&b=x+y&c"),
            [
                (String::from("a"), String::from("1")),
                (String::from("b"), String::from("x y")),
                (String::from("c"), String::new()),
            ]
        );
    }

    #[test]
    fn multipart_bodies_come_apart() {
        let body = b"--XX\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n{}\r\n\
            --XX\r\nContent-Disposition: form-data; name=\"target_users_file\"; filename=\"a.csv\"\r\n\
            Content-Type: text/csv\r\n\r\nuser_id\n1\n\r\n--XX--\r\n";
        let parts = multipart("multipart/form-data; boundary=XX", body).unwrap();
        assert_eq!(parts[0], (String::from("payload_json"), b"{}".to_vec()));
        assert_eq!(parts[1].0, "target_users_file");
        assert_eq!(parts[1].1, b"user_id\n1\n");
        assert_eq!(multipart("multipart/form-data", body), None);
        assert_eq!(multipart("multipart/form-data; boundary=YY", body), None);
        let cut = &body[..body.len() - 8];
        assert_eq!(multipart("multipart/form-data; boundary=XX", cut), None);
    }

    #[test]
    fn wrong_lines_are_named() {
        assert_eq!(
            target_users(b"user_id\n257496590401536000\n\n12\nabc"),
            Err(vec![
                String::from("Line 4: invalid user ID - must be a valid Discord snowflake"),
                String::from("Line 5: invalid user ID format"),
            ])
        );
        assert_eq!(
            target_users(b"user_id\r\n257496590401536000\r\n"),
            Ok(vec![257_496_590_401_536_000])
        );
    }
}
