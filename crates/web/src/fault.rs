//! What a page says when it cannot be shown.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use guestlist_ledger::LedgerError;
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
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A chart could not be drawn.
    #[error("failed to draw a chart: {0}")]
    Chart(String),
    /// Too many live streams are open.
    #[error("too many pages follow this ledger at once")]
    Busy,
}

impl Fault {
    /// The status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Query(_) => StatusCode::BAD_REQUEST,
            Self::Ledger(error) if error.is_transient() => StatusCode::SERVICE_UNAVAILABLE,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Ledger(_) | Self::Chart(_) => StatusCode::INTERNAL_SERVER_ERROR,
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
            Self::Busy => (
                "Too many pages follow this ledger",
                "Close some of them, then load this page again.".to_owned(),
            ),
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let status = self.status();
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(error = %self, "a page could not be shown");
        }
        let (title, advice) = self.words();
        let page = frame::bare(
            title,
            &html! {
                p { (advice) }
                p { a href="/" { "Overview" } }
            },
        );
        (status, page).into_response()
    }
}
