//! Questions.

mod accuracy;
mod counts;
mod facts;
mod inviters;
mod invites;
mod joins;
mod narrow;
mod present;
mod series;
mod spans;
mod texts;
mod tree;

use guestlist_model::InviteCode;
use guestlist_tracker::{Gap, InviteRecord};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection, sqlite::SqliteRow};

pub(super) use self::narrow::name_marks;
use self::narrow::{Table, is_of_ways, narrow, narrow_invites, narrow_ways, span};
pub(super) use self::{
    accuracy::accuracy,
    counts::{gaps, guild_names, guilds, totals},
    facts::{facts, names},
    inviters::inviters,
    invites::invites,
    joins::{JOIN_COLUMNS, attribution_history, join, join_row, joins},
    present::present,
    series::series,
    tree::tree,
};
use super::{
    convert::{Columns, undecodable},
    error::from_sqlx,
    load::stored_invite,
};
use crate::{GapRow, LedgerError};

type Sql = QueryBuilder<Sqlite>;

/// The rows of a question.
async fn rows(
    at: &str,
    connection: &mut SqliteConnection,
    mut sql: Sql,
) -> Result<Vec<SqliteRow>, LedgerError> {
    sql.build()
        .fetch_all(connection)
        .await
        .map_err(|error| from_sqlx(at, &error))
}

fn limit(sql: &mut Sql, limit: Option<u32>) {
    if let Some(limit) = limit {
        sql.push(" LIMIT ").push_bind(limit);
    }
}

/// An invite with the latest known name of its inviter.
pub(super) fn invite_record(row: &Columns<'_>) -> Result<InviteRecord, LedgerError> {
    let stored = stored_invite(row)?;
    let code: String = row.get("code")?;
    let code = code
        .parse::<InviteCode>()
        .map_err(|error| undecodable(row.at, "invite code", &error))?;
    let mut invite = InviteRecord::new(row.id("guild_id")?, code, stored.updated_at);
    invite.channel = stored.channel;
    invite.inviter = stored.inviter;
    invite.inviter_name = row.get("inviter_name")?;
    invite.created_at = row.optional_time("created_at")?;
    invite.expires_at = stored.expires_at;
    invite.max_uses = stored.max_uses;
    invite.max_age = stored.max_age;
    invite.temporary = stored.temporary;
    invite.uses = stored.uses;
    invite.state = stored.state;
    invite.ended_at = stored.ended_at;
    invite.ended_by = stored.ended_by;
    Ok(invite)
}

pub(super) fn gap_row(row: &Columns<'_>) -> Result<GapRow, LedgerError> {
    let mut gap = Gap::new(
        row.id("guild_id")?,
        row.time("observed_at")?,
        row.time("closed_at")?,
    );
    gap.last_known = row.optional_time("last_known")?;
    gap.joins_found = row.count("joins_found")?;
    gap.joins_missing = row.count("joins_missing")?;
    gap.joins_missing_at_most = row.optional_count("joins_missing_at_most")?;
    gap.caught_up = row.get("caught_up")?;
    gap.uses_moved = row.optional_count("uses_moved")?;
    gap.leaves_found = row.count("leaves_found")?;
    gap.compared = row.get("compared")?;
    Ok(GapRow {
        gap,
        guild_name: row.get("guild_name")?,
    })
}
