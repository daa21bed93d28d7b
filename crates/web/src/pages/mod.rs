//! The pages: one a file.

mod accuracy;
mod alerts;
mod flow;
mod health;
mod invite;
mod inviters;
mod invites;
mod join;
mod joins;
mod manage;
mod overview;
mod personal;
mod retention;
mod tree;

use axum::http::Uri;
use guestlist_ledger::{BurstLimits, ProfileLimits};

pub(crate) use self::{
    accuracy::accuracy,
    alerts::alerts,
    flow::Flow,
    health::health,
    invite::{invite, set_label},
    inviters::inviters,
    invites::invites,
    join::join,
    joins::joins,
    manage::{make_invite, new_invite, pause, revoke},
    overview::overview,
    personal::{make_personal, personal, personal_csv},
    retention::{question as retention_question, retention},
    tree::{question as tree_question, tree},
};
use crate::{
    app::{App, now},
    query::{Grouping, Query},
};

/// Asks what the pages over all servers show unless they are asked for something else, so that
/// nobody waits for it.
pub(crate) async fn ask_ahead(app: App) {
    let Ok(query) = Query::read(&Uri::from_static("/"), now()) else {
        return;
    };
    let (ledger, scope) = (app.every_ledger(), query.scope());
    // What fails is asked again when somebody wants it, and told then.
    let _ = ledger
        .inviter_profiles(&scope, &ProfileLimits::new(query.now))
        .await;
    let _ = ledger.bursts(&scope, &BurstLimits::new(query.now)).await;
    let _ = ledger.accuracy(&scope).await;
    for grouping in Grouping::ALL {
        for weekly in [false, true] {
            let mut query = query.clone();
            (query.grouping, query.weekly) = (grouping, weekly);
            let _ = ledger.retention(&scope, &retention_question(&query)).await;
        }
    }
}
