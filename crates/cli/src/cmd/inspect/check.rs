//! `--check`: nothing is lost.

use guestlist::model::{AnyPayload, DecodeError};
use serde::Serialize;
use serde_json::Value;

use crate::error::{CliError, InputError};
use crate::output::{Out, Tone, clean};

/// One line of the check.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    message: String,
}

/// Prints the outcome for one document; whether it is well.
pub(super) fn print(
    file: &str,
    bytes: &[u8],
    decoded: Result<AnyPayload, DecodeError>,
    json: bool,
    out: &mut Out,
) -> Result<bool, CliError> {
    let line = match &decoded {
        Ok(payload) => match (compare(bytes, payload), payload.failed().first()) {
            (Ok(()), None) => Line {
                file,
                status: "ok",
                kind: Some(payload.kind().name()),
                path: None,
                message: "nothing lost".into(),
            },
            (Ok(()), Some((_, error))) => Line {
                file,
                status: "error",
                kind: Some(payload.kind().name()),
                path: Some(error.path()),
                message: error.to_string(),
            },
            (Err((path, message)), _) => Line {
                file,
                status: "lossy",
                kind: Some(payload.kind().name()),
                path: Some(path),
                message,
            },
        },
        Err(error) => Line {
            file,
            status: "error",
            kind: None,
            path: Some(error.path()),
            message: error.to_string(),
        },
    };
    let well = line.status == "ok";
    write(&line, json, out)?;
    Ok(well)
}

/// Prints that a file cannot be read.
pub(super) fn print_unreadable(
    file: &str,
    error: InputError,
    json: bool,
    out: &mut Out,
) -> Result<(), CliError> {
    let source = std::error::Error::source(&error).map(ToString::to_string);
    let message = match source {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    let line = Line {
        file,
        status: "error",
        kind: None,
        path: None,
        message,
    };
    write(&line, json, out)
}

fn write(line: &Line<'_>, json: bool, out: &mut Out) -> Result<(), CliError> {
    if json {
        return out.json(line);
    }
    let (sign, tone) = match line.status {
        "ok" => ("ok   ", Tone::Good),
        _ => (
            if line.status == "lossy" {
                "lossy"
            } else {
                "error"
            },
            Tone::Bad,
        ),
    };
    let sign = tone.paint(sign, out.color());
    let kind = line
        .kind
        .map(|kind| format!("{kind}: "))
        .unwrap_or_default();
    out.line(format!(
        "{sign} {}: {kind}{}",
        clean(line.file),
        clean(&line.message)
    ))
}

/// Compares a payload, encoded again, with its original: the first place where
/// they differ.
fn compare(bytes: &[u8], payload: &AnyPayload) -> Result<(), (String, String)> {
    let whole = |message: String| ("$".to_owned(), message);
    let before: Value = serde_json::from_slice(bytes).map_err(|error| whole(error.to_string()))?;
    let after: Value =
        serde_json::from_str(&payload.to_json()).map_err(|error| whole(error.to_string()))?;
    match difference(&before, &after, &mut "$".to_owned()) {
        None => Ok(()),
        Some(found) => Err(found),
    }
}

fn difference(before: &Value, after: &Value, path: &mut String) -> Option<(String, String)> {
    let here = path.len();
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (key, value) in before {
                path.push('.');
                path.push_str(key);
                match after.get(key) {
                    None => return Some((path.clone(), format!("{path} is lost"))),
                    Some(other) => {
                        if let Some(found) = difference(value, other, path) {
                            return Some(found);
                        }
                    }
                }
                path.truncate(here);
            }
            let added = after.keys().find(|key| !before.contains_key(*key))?;
            Some((
                format!("{path}.{added}"),
                format!("{path}.{added} was added"),
            ))
        }
        (Value::Array(before), Value::Array(after)) => {
            if before.len() != after.len() {
                let message = format!(
                    "{path} has {} elements instead of {}",
                    after.len(),
                    before.len()
                );
                return Some((path.clone(), message));
            }
            for (index, (value, other)) in before.iter().zip(after).enumerate() {
                path.push_str(&format!("[{index}]"));
                if let Some(found) = difference(value, other, path) {
                    return Some(found);
                }
                path.truncate(here);
            }
            None
        }
        (before, after) if before == after => None,
        (before, after) => Some((
            path.clone(),
            format!("{path} was {before} and became {after}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(before: Value, after: Value) -> Option<String> {
        difference(&before, &after, &mut "$".to_owned()).map(|(_, message)| message)
    }

    #[test]
    fn the_first_difference_is_named_with_its_path() {
        assert_eq!(
            found(
                json!({"a": [1, {"b": null}]}),
                json!({"a": [1, {"b": null}]})
            ),
            None
        );
        assert_eq!(
            found(json!({"a": {"b": 1}}), json!({"a": {}})).unwrap(),
            "$.a.b is lost"
        );
        assert_eq!(found(json!({"a": null}), json!({})).unwrap(), "$.a is lost");
        assert_eq!(
            found(json!({}), json!({"a": null})).unwrap(),
            "$.a was added"
        );
        assert_eq!(
            found(json!([{"t": "1"}]), json!([{"t": 1}])).unwrap(),
            "$[0].t was \"1\" and became 1"
        );
        assert_eq!(
            found(json!([1]), json!([])).unwrap(),
            "$ has 0 elements instead of 1"
        );
    }
}
