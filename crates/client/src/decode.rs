//! From the body of a response to a type.

use crate::{AnswerError, ApiError, Done, transport::Reply};
use guestlist_model::{DecodeError, Invite};
use serde::de::DeserializeOwned;
use std::fmt;

/// A type of the model, by the function that decodes it.
pub(crate) fn model<T>(
    reply: &Reply,
    decode: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
) -> Result<T, ApiError> {
    check(reply)?;
    decode(&reply.body).map_err(|error| ApiError::Decode(error.into()))
}

pub(crate) fn invite(reply: &Reply) -> Result<Invite, ApiError> {
    model(reply, Invite::from_slice)
}

/// Decodes the response to a request that changes something. A response of another form
/// does not undo the change, so it is not a failure.
pub(crate) fn done<T>(
    reply: &Reply,
    decode: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
) -> Result<Done<T>, ApiError> {
    if reply.status == 204 || reply.body.is_empty() {
        return Ok(Done::Silent);
    }
    check(reply)?;
    Ok(match decode(&reply.body) {
        Ok(answer) => Done::Told(answer),
        Err(error) => Done::Odd(error.into()),
    })
}

/// A type that only this crate knows.
pub(crate) fn json<T: DeserializeOwned>(reply: &Reply) -> Result<T, ApiError> {
    check(reply)?;
    let mut deserializer = serde_json::Deserializer::from_slice(&reply.body);
    serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| failure(&error.path().to_string(), error.inner()))
}

pub(crate) fn failure(path: &str, error: &impl fmt::Display) -> ApiError {
    let path = match path {
        "." => "$".to_owned(),
        path if path.starts_with('[') => format!("${path}"),
        path => format!("$.{path}"),
    };
    ApiError::Decode(AnswerError::new(&path, &error.to_string()))
}

/// A response with a 2xx status can still be a proxy's page, or empty.
fn check(reply: &Reply) -> Result<(), ApiError> {
    let start = reply.body.iter().find(|byte| !byte.is_ascii_whitespace());
    match start {
        Some(b'{' | b'[') => Ok(()),
        _ => Err(ApiError::NotDiscord {
            status: Some(reply.status),
            excerpt: crate::error::excerpt(&reply.body),
        }),
    }
}
