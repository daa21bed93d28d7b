//! The same numbers for programs: JSON under `/api/v1`, described by an OpenAPI document that
//! is made of the same list, `/metrics` and `/health`.

mod answers;
mod document;
mod endpoint;
mod metrics;
mod schema;

use axum::{Json, Router, extract::FromRequestParts, http::request::Parts, routing::get};
use serde_json::Value;

pub(crate) use self::metrics::{health, metrics};
use self::{document::document, endpoint::ENDPOINTS};
use crate::{app::App, fault::Fault, query::Query};

/// Where the API is.
const BASE: &str = "/api/v1";

/// Everything under [`BASE`].
pub(crate) fn router() -> Router<App> {
    let mut router = Router::new();
    for endpoint in ENDPOINTS {
        router = router.route(&format!("{BASE}{}", endpoint.path), (endpoint.route)());
    }
    router
        .route(
            &format!("{BASE}/openapi.json"),
            get(async || Json(document())),
        )
        .route(
            &format!("{BASE}/{{*path}}"),
            get(async || Told(Fault::NotFound)),
        )
}

/// A fault as a program is told it.
#[derive(Debug)]
pub(crate) struct Told(Fault);

impl<E: Into<Fault>> From<E> for Told {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl axum::response::IntoResponse for Told {
    fn into_response(self) -> axum::response::Response {
        self.0.told()
    }
}

/// What an address asks, refused in JSON.
pub(crate) struct Asked(Query);

impl FromRequestParts<App> for Asked {
    type Rejection = Told;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Told> {
        let query = Query::from_request_parts(parts, app).await;
        Ok(Self(query.map_err(Told)?))
    }
}

/// Rows, and where to go on.
fn page(rows: Vec<Value>, next: Option<String>) -> Json<Value> {
    Json(serde_json::json!({"data": rows, "next": next}))
}
