//! What a page says when it cannot be shown.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use guestlist_client::ApiError;
use guestlist_ledger::{LedgerError, NotALabel};
use maud::html;

use crate::{parts::frame, query::BadQuery};

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The address names nothing that is there.
    #[error("there is no such page")]
    NotFound,
    /// A filter in the address cannot be used.
    #[error(transparent)]
    Query(#[from] BadQuery),
    /// A text that cannot be a label.
    #[error(transparent)]
    Label(NotALabel),
    /// Discord refused a change, or was not reached.
    #[error(transparent)]
    Discord(#[from] ApiError),
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A chart could not be drawn.
    #[error("failed to draw a chart: {0}")]
    Chart(String),
    /// A row could not be written as JSON.
    #[error("failed to write JSON: {0}")]
    Json(serde_json::Error),
    /// The request names a host that is not this one.
    #[error("the request is for another host")]
    OtherHost,
    /// A change that none of our forms asked for.
    #[error("the request does not come from a form of this dashboard")]
    Forged,
    /// There is no token, or a wrong one.
    #[error("the token is missing or wrong")]
    NoToken,
    /// Too many wrong tokens.
    #[error("too many wrong tokens")]
    Throttled(Duration),
    /// The system has no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
    /// Too many live streams are open.
    #[error("too many pages follow this ledger at once")]
    Busy,
}

impl Fault {
    /// The status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Discord(_) => StatusCode::BAD_GATEWAY,
            Self::Query(_) | Self::Label(_) => StatusCode::BAD_REQUEST,
            Self::Ledger(error) if error.is_transient() => StatusCode::SERVICE_UNAVAILABLE,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::OtherHost => StatusCode::MISDIRECTED_REQUEST,
            Self::Forged => StatusCode::FORBIDDEN,
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::Throttled(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Ledger(_) | Self::Chart(_) | Self::Json(_) | Self::Random(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// A title, and what to do. Nothing of the inside of this machine is in it.
    fn words(&self) -> (&'static str, String) {
        match self {
            Self::NotFound => (
                "There is no such page",
                "Check the address, or go on from the overview.".to_owned(),
            ),
            Self::Query(error) => ("This filter cannot be used", format!("{error}.")),
            Self::Discord(error) => (
                "Discord did not do this",
                format!("{error}. To fix it: {}.", error.help()),
            ),
            Self::Label(error) => (
                "This label cannot be used",
                format!("{error}. Go back to change it."),
            ),
            Self::Ledger(error) if error.is_transient() => (
                "The ledger is busy",
                "Another program holds its lock. Load this page again in a moment.".to_owned(),
            ),
            Self::Ledger(_) => (
                "The ledger cannot be read",
                "The log of guestlist says why.".to_owned(),
            ),
            Self::Chart(_) => (
                "A chart could not be drawn",
                "The log of guestlist says why. Please report this.".to_owned(),
            ),
            Self::Json(_) => (
                "A row could not be written",
                "The log of guestlist says why. Please report this.".to_owned(),
            ),
            Self::OtherHost => (
                "This is another host's address",
                "Open the dashboard by the address that guestlist printed. A name needs --host."
                    .to_owned(),
            ),
            Self::Forged => (
                "This change was not made",
                "It did not come from a page of this dashboard, or the page was too old. Load the \
                 page again, then repeat it."
                    .to_owned(),
            ),
            Self::NoToken => (
                "The token is missing or wrong",
                "Log in, or send the token in the header Authorization, behind Bearer.".to_owned(),
            ),
            Self::Throttled(_) => (
                "Too many wrong tokens",
                "Wait a minute, then try again.".to_owned(),
            ),
            Self::Random(_) => (
                "The system gives no random numbers",
                "The log of guestlist says why.".to_owned(),
            ),
            Self::Busy => (
                "Too many pages follow this ledger",
                "Close some of them, then load this page again.".to_owned(),
            ),
        }
    }
}

impl Fault {
    /// As a program is told it: an object with `error` in it.
    pub(crate) fn told(&self) -> Response {
        self.log();
        let (title, advice) = self.words();
        let body = serde_json::json!({"error": {
            "status": self.status().as_u16(),
            "message": title,
            "help": advice,
        }});
        self.finish((self.status(), Json(body)).into_response())
    }

    fn log(&self) {
        if self.status() == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(error = %self, "a request could not be answered");
        }
    }

    fn finish(&self, mut response: Response) -> Response {
        if let Self::Throttled(wait) = self {
            let seconds = HeaderValue::from(wait.as_secs() + 1);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        self.log();
        let (title, advice) = self.words();
        let page = frame::bare(
            title,
            &html! {
                p { (advice) }
                p { a href="/" { "Overview" } }
            },
        );
        self.finish((self.status(), page).into_response())
    }
}
