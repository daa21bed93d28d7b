//! Questions.

mod counts;
mod facts;
mod inviters;
mod invites;
mod joins;

use guestlist_model::{InviteCode, UserId};
use guestlist_tracker::{Gap, InviteRecord};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection, sqlite::SqliteRow};

pub(super) use self::{
    counts::{gaps, guild_names, guilds, series, totals},
    facts::{facts, names},
    inviters::inviters,
    invites::invites,
    joins::{JOIN_COLUMNS, attribution_history, join, join_row, joins},
};
use super::{
    convert::{Columns, id, undecodable},
    error::from_sqlx,
    load::stored_invite,
};
use crate::{GapRow, LedgerError, Scope};

type Sql = QueryBuilder<Sqlite>;

/// The beginning of Discord's ids, in microseconds after 1970.
const EPOCH: i64 = 1_420_070_400_000_000;

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

/// Narrows a question about joins, which are the table `table`, or what has the same
/// columns. Certainty and time are not among them.
fn narrow(sql: &mut Sql, table: &str, scope: &Scope) {
    if let Some(guild) = scope.guild {
        sql.push(format_args!(" AND {table}.guild_id = "))
            .push_bind(id(guild));
    }
    if let Some(user) = scope.user {
        sql.push(format_args!(" AND {table}.user_id = "))
            .push_bind(id(user));
    }
    if let Some(inviter) = scope.inviter {
        sql.push(format_args!(" AND {table}.inviter_id = "))
            .push_bind(id(inviter));
    }
    if let Some(code) = &scope.code {
        sql.push(format_args!(" AND {table}.code = "))
            .push_bind(code.as_str().to_owned());
    }
    if let Some(label) = &scope.label {
        sql.push(format_args!(
            " AND EXISTS (SELECT 1 FROM labels AS t WHERE t.guild_id = {table}.guild_id
                 AND t.code = {table}.code AND t.label = "
        ))
        .push_bind(label.as_str().to_owned())
        .push(")");
    }
    if let Some(origin) = &scope.origin {
        sql.push(format_args!(" AND {table}.origin = "))
            .push_bind(origin.clone());
    }
    narrow_member(sql, table, scope);
}

/// What of a scope is about the member and not the way in.
fn narrow_member(sql: &mut Sql, table: &str, scope: &Scope) {
    if let Some(here) = scope.here {
        if table == "j" {
            sql.push(" AND j.here = ").push_bind(here);
        } else {
            sql.push(format_args!(
                " AND EXISTS (SELECT 1 FROM joins AS jh WHERE jh.guild_id = {table}.guild_id
                     AND jh.user_id = {table}.user_id AND jh.joined_at = {table}.joined_at AND jh.here = "
            ))
            .push_bind(here)
            .push(")");
        }
    }
    if let Some(age) = scope.account_younger_than {
        let micros = i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
        sql.push(format_args!(
            " AND {table}.user_id > 0 AND {table}.joined_at - ({table}.user_id >> 22) * 1000 - {EPOCH} < "
        ))
        .push_bind(micros);
    }
    if let Some(name) = &scope.name {
        // A name in lower case may still differ from what SQLite makes of it.
        sql.push(format_args!(
            " AND (EXISTS (SELECT 1 FROM users AS u WHERE u.user_id = {table}.user_id
                 AND instr(coalesce(u.folded, lower(u.name)), "
        ))
        .push_bind(name.to_lowercase())
        .push(") > 0)");
        if let Ok(user) = name.trim().parse::<UserId>() {
            sql.push(format_args!(" OR {table}.user_id = "))
                .push_bind(id(user));
        }
        sql.push(")");
    }
}

/// What of a scope narrows invites.
fn of_invites(scope: &Scope) -> Scope {
    Scope {
        guild: scope.guild,
        inviter: scope.inviter,
        code: scope.code.clone(),
        label: scope.label.clone(),
        ..Scope::new()
    }
}

fn certainty(sql: &mut Sql, scope: &Scope) {
    if let Some(certainty) = scope.certainty {
        sql.push(" AND j.certainty = ")
            .push_bind(certainty.as_str());
    }
}

fn span(sql: &mut Sql, column: &str, scope: &Scope) {
    if let Some(since) = scope.since {
        sql.push(format_args!(" AND {column} >= "))
            .push_bind(since.as_micros());
    }
    if let Some(until) = scope.until {
        sql.push(format_args!(" AND {column} < "))
            .push_bind(until.as_micros());
    }
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
    gap.caught_up = row.get("caught_up")?;
    gap.uses_moved = row.optional_count("uses_moved")?;
    Ok(GapRow {
        gap,
        guild_name: row.get("guild_name")?,
    })
}
