//! Which address leads where.

use axum::{Router, middleware, routing::get};
use tower_http::compression::CompressionLayer;

use crate::{app::App, asset, fault::Fault, guard, live, pages};

/// Everything that a dashboard answers.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/", get(pages::overview))
        .route("/joins", get(pages::joins))
        .route("/joins/{guild}/{user}/{at}", get(pages::join))
        .route("/invites", get(pages::invites))
        .route("/inviters", get(pages::inviters))
        .route("/tracking", get(pages::health))
        .route("/assets/{version}/{name}", get(asset::serve))
        .route("/live", get(live::stream))
        .fallback(async || Fault::NotFound)
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn(guard::guard))
        .with_state(app)
}
