//! What a form of ours sends.

use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
    http::header,
};
use subtle::ConstantTimeEq as _;

use super::gate::Visit;
use crate::fault::Fault;

const LARGEST: usize = 64 * 1024;

/// The fields of a form that one of our pages holds.
#[derive(Debug)]
pub(crate) struct Form {
    fields: Vec<(String, String)>,
    pub(crate) visit: Visit,
}

impl Form {
    /// The name of the field that holds the browser's secret.
    pub(crate) const SECRET: &'static str = "form";

    /// A field's text, without white space around it; none if there is nothing in it.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(it, _)| it == name);
        found
            .map(|(_, text)| text.trim())
            .filter(|it| !it.is_empty())
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Fault;

    async fn from_request(request: Request, _: &S) -> Result<Self, Fault> {
        let visit = request.extensions().get::<Visit>().cloned();
        let visit = visit.unwrap_or_default();
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|it| it.to_str().ok()).unwrap_or("");
        if kind.split(';').next() != Some("application/x-www-form-urlencoded") {
            return Err(Fault::Forged);
        }
        let body = to_bytes(request.into_body(), LARGEST).await;
        let body = body.map_err(|_| Fault::Forged)?;
        let fields: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
        let given = fields.iter().find(|(name, _)| name == Self::SECRET);
        let given = given.map_or("", |(_, secret)| secret.as_str());
        let is_ours: bool = given.as_bytes().ct_eq(visit.secret.as_bytes()).into();
        // A program that has the token needs no form of ours; no page can send its header.
        if !visit.bearer && (visit.secret.is_empty() || !is_ours) {
            return Err(Fault::Forged);
        }
        Ok(Self { fields, visit })
    }
}
