//! `--check`: nothing is lost.

use guestlist::model::{AnyPayload, DecodeError};
use serde::Serialize;

use super::compare::difference;
use crate::error::{CliError, InputError};
use crate::output::{Out, Paint, Tone, clean};

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
    decoded: Result<AnyPayload, DecodeError>,
    json: bool,
    out: &mut Out,
) -> Result<bool, CliError> {
    let line = match &decoded {
        Ok(payload) => {
            let (status, path, message) = outcome(payload);
            Line {
                file,
                status,
                kind: Some(payload.kind().name()),
                path,
                message,
            }
        }
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

/// The status, the path and the message for what could be decoded.
fn outcome(payload: &AnyPayload) -> (&'static str, Option<String>, String) {
    let compared = difference(payload.original(), &payload.to_json());
    match (compared, payload.failed().first()) {
        (Ok(None), None) => ("ok", None, "nothing lost".into()),
        (Ok(None), Some((_, error))) => ("error", Some(error.path()), error.to_string()),
        (Ok(Some(found)), _) => ("lossy", Some(found.path), found.message),
        (Err(error), _) => ("error", None, format!("cannot be compared: {error}")),
    }
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
