//! Which address leads where.

use axum::{
    Router, middleware,
    routing::{get, post},
};
use tower_http::compression::CompressionLayer;

use crate::{access, api, app::App, asset, fault::Fault, live, pages};

/// Everything that a dashboard answers.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/", get(pages::overview))
        .route("/joins", get(pages::joins))
        .route("/joins/{guild}/{user}/{at}", get(pages::join))
        .route("/invites", get(pages::invites))
        .route("/invites/{guild}/{code}", get(pages::invite))
        .route("/invites/{guild}/{code}/label", post(pages::set_label))
        .route("/invites/{guild}/{code}/revoke", post(pages::revoke))
        .route(
            "/guilds/{guild}/invites",
            get(pages::new_invite).post(pages::make_invite),
        )
        .route(
            "/guilds/{guild}/personal",
            get(pages::personal).post(pages::make_personal),
        )
        .route("/guilds/{guild}/personal.csv", get(pages::personal_csv))
        .route("/guilds/{guild}/pause", post(pages::pause))
        .route("/inviters", get(pages::inviters))
        .route("/tree", get(pages::tree))
        .route("/retention", get(pages::retention))
        .route("/alerts", get(pages::alerts))
        .route("/accuracy", get(pages::accuracy))
        .route("/tracking", get(pages::health))
        .route("/assets/{version}/{name}", get(asset::serve))
        .route("/login", get(access::login_page).post(access::log_in))
        .route("/login/discord", get(access::begin))
        .route("/login/discord/back", get(access::come_back))
        .route("/logout", post(access::log_out))
        .route("/live", get(live::stream))
        .route("/metrics", get(api::metrics))
        .route("/health", get(api::health))
        .merge(api::router())
        .route_layer(middleware::from_fn(access::guard))
        .fallback(async || Fault::NotFound)
        .layer(middleware::from_fn_with_state(app.clone(), access::gate))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn(access::headers))
        .with_state(app)
}
