//! What each endpoint answers, from the same questions and fields as the pages.

use axum::{Json, extract::State};
use guestlist_ledger::{
    BurstLimits, CertaintyKind, Page as Rows, ProfileLimits, SeriesRow, Totals, TreeNode,
};
use guestlist_view::{Field, Fields, SeenInvite, View};
use serde_json::Value;

use super::{Asked, Told, page};
use crate::{
    app::App,
    fault::Fault,
    pages::{Flow, retention_question, tree_question},
    query::{BadQuery, Query, cursor},
};

type Answer = Result<Json<Value>, Told>;

/// Rows as JSON.
fn records<R>(fields: &Fields<R>, rows: &[R]) -> Result<Vec<Value>, Fault> {
    rows.iter()
        .map(|row| serde_json::to_value(fields.record(row)).map_err(Fault::Json))
        .collect()
}

/// All rows, as far as the limit goes.
fn list<R: View>(query: &Query, mut rows: Vec<R>) -> Answer {
    rows.truncate(query.limit as usize);
    Ok(page(records(&Fields::new(), &rows)?, None))
}

pub(super) async fn guilds(State(app): State<App>, Asked(query): Asked) -> Answer {
    list(&query, app.ledger(&query.visit).guilds().await?)
}

pub(super) fn totals_fields() -> Fields<Totals> {
    Fields::from(vec![
        Field::count("joins", |row: &Totals| row.joins.into()),
        Field::count("confirmed", |row: &Totals| {
            row.of(CertaintyKind::Confirmed).into()
        }),
        Field::count("deduced", |row: &Totals| {
            row.of(CertaintyKind::Deduced).into()
        }),
        Field::count("ambiguous", |row: &Totals| {
            row.of(CertaintyKind::Ambiguous).into()
        }),
        Field::count("unknown", |row: &Totals| {
            row.of(CertaintyKind::Unknown).into()
        }),
        Field::count("provisional", |row: &Totals| {
            row.of(CertaintyKind::Provisional).into()
        }),
        Field::count("waiting", |row: &Totals| row.waiting.into()),
        Field::count("leaves", |row: &Totals| row.leaves.into()),
        Field::count("missing", |row: &Totals| row.missing.into()),
        Field::count("invites", |row: &Totals| row.invites.into()),
        Field::count("guilds", |row: &Totals| row.guilds.into()),
    ])
}

pub(super) async fn totals(State(app): State<App>, Asked(query): Asked) -> Answer {
    let totals = app.ledger(&query.visit).totals(&query.scope()).await?;
    Ok(page(records(&totals_fields(), &[totals])?, None))
}

pub(super) fn series_fields() -> Fields<SeriesRow> {
    Fields::from(vec![
        Field::time("from", |row: &SeriesRow| row.from.into()),
        Field::text("certainty", |row: &SeriesRow| {
            row.certainty.map(CertaintyKind::as_str).into()
        }),
        Field::text("origin", |row: &SeriesRow| row.origin.as_deref().into()),
        Field::count("joins", |row: &SeriesRow| row.joins.into()),
        Field::count("leaves", |row: &SeriesRow| row.leaves.into()),
    ])
}

pub(super) async fn series(State(app): State<App>, Asked(query): Asked) -> Answer {
    let rows = Flow::rows(&*app.ledger(&query.visit), &query, &query.scope()).await?;
    Ok(page(records(&series_fields(), &rows)?, None))
}

pub(super) async fn joins(State(app): State<App>, Asked(query): Asked) -> Answer {
    let mut rows = Rows::first(query.limit + 1);
    rows.after = query.before;
    let mut rows = app.ledger(&query.visit).joins(&query.scope(), rows).await?;
    let more = rows.len() > query.limit as usize;
    rows.truncate(query.limit as usize);
    let next = rows.last().filter(|_| more);
    let next = next.map(|row| cursor(&row.join.key));
    Ok(page(records(&Fields::new(), &rows)?, next))
}

pub(super) async fn invites(State(app): State<App>, Asked(query): Asked) -> Answer {
    let status = query.living.at(query.now);
    let ledger = app.ledger(&query.visit);
    let rows = ledger
        .invites(&query.timeless(), status, Some(query.limit))
        .await?;
    let now = query.now;
    let rows = rows.into_iter().map(|row| SeenInvite { row, now });
    list(&query, rows.collect())
}

pub(super) async fn inviters(State(app): State<App>, Asked(query): Asked) -> Answer {
    let limits = ProfileLimits::new(query.now);
    let ledger = app.ledger(&query.visit);
    list(
        &query,
        ledger.inviter_profiles(&query.scope(), &limits).await?,
    )
}

pub(super) fn tree_fields() -> Fields<TreeNode> {
    Fields::from(vec![
        Field::id("user_id", |row: &TreeNode| row.user.into()),
        Field::text("name", |row: &TreeNode| row.name.as_deref().into()),
        Field::time("joined_at", |row: &TreeNode| row.joined_at.into()),
        Field::text("code", |row: &TreeNode| {
            row.code.as_ref().map(|code| code.as_str()).into()
        }),
        Field::text("certainty", |row: &TreeNode| {
            row.certainty.map(CertaintyKind::as_str).into()
        }),
        Field::flag("here", |row: &TreeNode| row.here.into()),
        Field::count("children", |row: &TreeNode| row.children.into()),
        Field::count("descendants", |row: &TreeNode| row.descendants.into()),
        Field::count("descendants_here", |row: &TreeNode| {
            row.descendants_here.into()
        }),
        Field::count("depth", |row: &TreeNode| u64::from(row.depth).into()),
    ])
}

pub(super) async fn tree(State(app): State<App>, Asked(query): Asked) -> Answer {
    let guild = query.guild.ok_or_else(|| BadQuery {
        name: "guild",
        problem: "must be the id of a server".to_owned(),
    })?;
    let shown = app
        .ledger(&query.visit)
        .tree(&tree_question(&query, guild))
        .await?;
    let next = shown
        .next
        .map(|it| format!("{}-{}", it.descendants, it.user));
    Ok(page(records(&tree_fields(), &shown.nodes)?, next))
}

pub(super) async fn retention(State(app): State<App>, Asked(query): Asked) -> Answer {
    let question = retention_question(&query);
    let ledger = app.ledger(&query.visit);
    list(&query, ledger.retention(&query.scope(), &question).await?)
}

pub(super) async fn bursts(State(app): State<App>, Asked(query): Asked) -> Answer {
    let limits = BurstLimits::new(query.now);
    list(
        &query,
        app.ledger(&query.visit)
            .bursts(&query.scope(), &limits)
            .await?,
    )
}

pub(super) async fn accuracy(State(app): State<App>, Asked(query): Asked) -> Answer {
    let found = app.ledger(&query.visit).accuracy(&query.scope()).await?;
    list(&query, found.months)
}

pub(super) async fn weights(State(app): State<App>, Asked(query): Asked) -> Answer {
    let found = app.ledger(&query.visit).accuracy(&query.scope()).await?;
    list(&query, found.weights)
}

pub(super) async fn labels(State(app): State<App>, Asked(query): Asked) -> Answer {
    list(
        &query,
        app.ledger(&query.visit).labels(&query.timeless()).await?,
    )
}

pub(super) async fn gaps(State(app): State<App>, Asked(query): Asked) -> Answer {
    let mut gaps = app.ledger(&query.visit).gaps(&query.scope()).await?;
    gaps.reverse();
    list(&query, gaps)
}
