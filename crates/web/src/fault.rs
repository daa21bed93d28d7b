//! What a page says when it cannot be shown.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use guestlist_client::{ApiError, OauthError, Repeated};
use guestlist_ledger::{LedgerError, NotALabel};
use guestlist_view::for_terminal;
use maud::html;

use crate::{parts::frame, query::BadQuery};

/// What failed, by its description.
static FAILED: Repeated<String> = Repeated::new();

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The address names nothing that is there.
    #[error("the page does not exist")]
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
    /// A row could not be written as CSV.
    #[error("failed to write CSV: {0}")]
    Csv(#[from] csv::Error),
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
    /// What came back from Discord was not begun in this browser.
    #[error("the log-in was not started in this browser")]
    State,
    /// Somebody did not agree to be known.
    #[error("the person did not authorize the log-in")]
    Denied,
    /// Discord does not say who somebody is.
    #[error(transparent)]
    LogIn(#[from] OauthError),
    /// Somebody manages no server of the ledger.
    #[error("the person does not manage a server in this ledger")]
    NoServer,
    /// Discord did not say for too long whether somebody still manages their servers.
    #[error("Discord does not return which servers the person manages")]
    Unsure,
    /// What is asked for is about all servers.
    #[error("this covers all servers")]
    Whole,
    /// The system has no random numbers.
    #[error("the system cannot generate random numbers: {0}")]
    Random(getrandom::Error),
    /// Too many live streams are open.
    #[error("too many pages receive live updates")]
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
            Self::Ledger(LedgerError::TooMany { .. }) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::OtherHost => StatusCode::MISDIRECTED_REQUEST,
            Self::State | Self::LogIn(OauthError::Code) => StatusCode::BAD_REQUEST,
            Self::LogIn(OauthError::Token) => StatusCode::UNAUTHORIZED,
            Self::LogIn(OauthError::Client) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::LogIn(OauthError::Refused { .. } | OauthError::Api(_)) => StatusCode::BAD_GATEWAY,
            Self::Unsure => StatusCode::SERVICE_UNAVAILABLE,
            Self::Denied | Self::NoServer | Self::Whole | Self::LogIn(OauthError::Scope) => {
                StatusCode::FORBIDDEN
            }
            Self::Forged => StatusCode::FORBIDDEN,
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::Throttled(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Ledger(_) | Self::Chart(_) | Self::Csv(_) | Self::Json(_) | Self::Random(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// A title, and what to do. Nothing of the inside of this machine is in it.
    fn words(&self) -> (&'static str, String) {
        match self {
            Self::NotFound => (
                "This page does not exist",
                "Check the address, or continue from the overview.".to_owned(),
            ),
            Self::Query(error) => ("This filter is invalid", format!("{error}.")),
            Self::Discord(error) => (
                "Discord rejected this change",
                format!("{error}. To fix it: {}.", error.help()),
            ),
            Self::Label(error) => (
                "This label is invalid",
                format!("{error}. Go back to change it."),
            ),
            Self::Ledger(error) if error.is_transient() => (
                "The ledger is busy",
                "Another program holds its lock. Load this page again in a moment.".to_owned(),
            ),
            Self::Ledger(error @ LedgerError::TooMany { .. }) => (
                "This query covers too many joins",
                format!("{error}. Choose a server or a shorter time span."),
            ),
            Self::Ledger(_) => (
                "The ledger cannot be read",
                "See the log of guestlist for the reason.".to_owned(),
            ),
            Self::Chart(_) => (
                "A chart could not be drawn",
                "See the log of guestlist for the reason. Please report this.".to_owned(),
            ),
            Self::Csv(_) | Self::Json(_) => (
                "A row could not be written",
                "See the log of guestlist for the reason. Please report this.".to_owned(),
            ),
            Self::OtherHost => (
                "This host name is not accepted",
                "Open the dashboard at the address that guestlist printed. To use another name, \
                 pass it to --web-host."
                    .to_owned(),
            ),
            Self::Forged => (
                "This change was not made",
                "The request did not come from a page of this dashboard, or the page was too old. \
                 Load the page again, then repeat the change."
                    .to_owned(),
            ),
            Self::NoToken => (
                "The token is missing or wrong",
                "Log in, or send the token in the header Authorization, after Bearer.".to_owned(),
            ),
            Self::Throttled(_) => (
                "Too many wrong tokens",
                "Wait a minute, then try again.".to_owned(),
            ),
            Self::State => (
                "This log-in was not started here",
                "It was started in another browser or more than ten minutes ago, or it has already \
                 been used. Start again."
                    .to_owned(),
            ),
            Self::Denied | Self::LogIn(OauthError::Scope) => (
                "You were not logged in",
                "You did not allow Discord to share your account and your list of servers. Start \
                 again, and choose Authorize."
                    .to_owned(),
            ),
            Self::LogIn(OauthError::Code | OauthError::Token) => (
                "You were not logged in",
                "Discord no longer accepts this log-in, because it has already been used or took \
                 too long. Start again."
                    .to_owned(),
            ),
            Self::LogIn(OauthError::Client) => (
                "Discord does not know this dashboard",
                "Discord does not accept the client id and the client secret. Ask the person who \
                 runs guestlist to check them."
                    .to_owned(),
            ),
            Self::LogIn(OauthError::Refused { .. } | OauthError::Api(_)) => (
                "Discord does not respond",
                "You were not logged in. Try again in a moment.".to_owned(),
            ),
            Self::NoServer => (
                "You do not manage a server in this ledger",
                "You only see servers that guestlist tracks and in which you have the permission \
                 Manage Server."
                    .to_owned(),
            ),
            Self::Unsure => (
                "Discord does not respond",
                "guestlist cannot check whether you still manage your servers, so it shows nothing. \
                 Try again in a moment."
                    .to_owned(),
            ),
            Self::Whole => (
                "This page covers all servers",
                "Log in with the token to see it.".to_owned(),
            ),
            Self::Random(_) => (
                "The system cannot generate random numbers",
                "See the log of guestlist for the reason.".to_owned(),
            ),
            Self::Busy => (
                "Too many pages receive live updates",
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
            "help": for_terminal(&advice),
        }});
        self.finish((self.status(), Json(body)).into_response())
    }

    const fn is_of_log_in(&self) -> bool {
        matches!(
            self,
            Self::State | Self::Denied | Self::LogIn(_) | Self::NoServer
        )
    }

    fn log(&self) {
        if let Self::LogIn(error) = self
            && self.status() == StatusCode::BAD_GATEWAY
            && let Some(times) = FAILED.note(format!("log-in: {error}"))
        {
            tracing::warn!(%error, "a log-in with Discord failed{times}");
        }
        if self.status() == StatusCode::INTERNAL_SERVER_ERROR
            && let Some(times) = FAILED.note(self.to_string())
        {
            tracing::error!(error = %self, "a request failed{times}");
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
                p { (for_terminal(&advice)) }
                @if self.is_of_log_in() {
                    p { a href="/login" { "Log in" } }
                } @else {
                    p { a href="/" { "Overview" } }
                }
            },
        );
        self.finish((self.status(), page).into_response())
    }
}
