//! Errors of logging in.

use serde::Deserialize;

use crate::ApiError;

/// The error of a failed log-in. It contains no secret, code or token.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OauthError {
    /// `invalid_grant`: the code was used before, has expired, or was issued to someone
    /// else.
    #[error("Discord does not accept the code: it was used before or has expired")]
    Code,
    /// `invalid_client`: the application's id or secret is wrong.
    #[error("Discord does not accept the client secret")]
    Client,
    /// The person granted fewer scopes than were requested.
    #[error("the person did not allow access to their account and their list of servers")]
    Scope,
    /// The token was revoked or has expired.
    #[error("Discord no longer accepts the person's token")]
    Token,
    /// Any other error response of the token endpoint.
    #[error("Discord rejected the log-in (HTTP {status:?}, {error})")]
    Refused {
        /// The HTTP status, if known.
        status: Option<u16>,
        /// The OAuth2 error code, or `unknown`.
        error: &'static str,
    },
    /// The request failed.
    #[error(transparent)]
    Api(ApiError),
}

/// OAuth2's error codes. Others are not repeated, because they could contain anything.
const WORDS: [&str; 6] = [
    "invalid_request",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_grant_type",
    "access_denied",
    "server_error",
];

pub(super) fn of_token_endpoint(status: Option<u16>, body: &[u8]) -> OauthError {
    #[derive(Deserialize)]
    struct Answer {
        error: String,
    }
    match (status, serde_json::from_slice::<Answer>(body)) {
        (_, Ok(answer)) => match answer.error.as_str() {
            "invalid_grant" => OauthError::Code,
            "invalid_client" => OauthError::Client,
            word => OauthError::Refused {
                status,
                error: WORDS
                    .into_iter()
                    .find(|it| *it == word)
                    .unwrap_or("unknown"),
            },
        },
        // Discord's usual errors say nothing of what was sent.
        (Some(status @ (429 | 500..)), Err(_)) => OauthError::Api(ApiError::Api {
            status,
            code: 0,
            message: "it cannot answer now".to_owned(),
        }),
        (status, Err(_)) => OauthError::Refused {
            status,
            error: "unknown",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_apart_and_their_words_are_not_repeated() {
        let of = |status, body: &str| of_token_endpoint(Some(status), body.as_bytes());
        let grant = r#"{"error": "invalid_grant", "error_description": "Invalid \"code\" s3cret"}"#;
        assert!(matches!(of(400, grant), OauthError::Code));
        assert!(matches!(
            of(401, r#"{"error": "invalid_client"}"#),
            OauthError::Client
        ));
        assert!(matches!(
            of(503, "upstream"),
            OauthError::Api(ApiError::Api { status: 503, .. })
        ));
        for body in [grant, r#"{"error": "s3cret"}"#, "s3cret", ""] {
            let error = of(400, body);
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{body}");
        }
    }
}
