//! What a scope means to each table.

use guestlist_model::{Timestamp, UserId};

use super::{
    super::{attributions::number, convert::id},
    Sql,
};
use crate::Scope;

/// The beginning of Discord's ids, in microseconds after 1970.
const EPOCH: i64 = 1_420_070_400_000_000;

/// The tables that are narrowed, under the names that the questions give them: always `d`,
/// with `w` for its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    /// `join_data AS d LEFT JOIN ways AS w`.
    Joins,
    /// `candidate_data AS d JOIN ways AS w`.
    Candidates,
    /// `leave_data AS l`, with the join that it ended as `d` and `w`.
    Leaves,
}

/// Narrows a question. The time is not among it: what that means depends on the question.
pub(super) fn narrow(sql: &mut Sql, table: Table, scope: &Scope) {
    // Whom a leave is about is known without a join.
    let whose = if table == Table::Leaves { "l" } else { "d" };
    if let Some(guild) = scope.guild {
        sql.push(format_args!(
            " AND {whose}.guild = (SELECT number FROM guilds WHERE guild_id = "
        ))
        .push_bind(id(guild))
        .push(")");
    }
    if let Some(user) = scope.user {
        sql.push(format_args!(" AND {whose}.user_id = "))
            .push_bind(id(user));
    }
    if let Some(inviter) = scope.inviter {
        sql.push(" AND d.way IN (SELECT number FROM ways WHERE inviter_id = ")
            .push_bind(id(inviter))
            .push(")");
    }
    if let Some(code) = &scope.code {
        sql.push(" AND d.way IN (SELECT number FROM ways WHERE code = ")
            .push_bind(code.as_str().to_owned())
            .push(")");
    }
    if let Some(label) = &scope.label {
        sql.push(
            " AND d.way IN (SELECT lw.number FROM labels AS t JOIN guilds AS tg ON tg.guild_id = t.guild_id
                 JOIN ways AS lw ON lw.code = t.code AND lw.guild = tg.number WHERE t.label = ",
        )
        .push_bind(label.as_str().to_owned())
        .push(")");
    }
    if let Some(origin) = &scope.origin {
        narrow_origin(sql, table, scope, origin);
    }
    if let (Some(certainty), true) = (scope.certainty, table != Table::Candidates) {
        sql.push(" AND d.certainty = ").push_bind(number(certainty));
    }
    if let Some(here) = scope.here {
        if table == Table::Candidates {
            sql.push(
                " AND EXISTS (SELECT 1 FROM join_data AS jh WHERE jh.guild = d.guild
                     AND jh.user_id = d.user_id AND jh.joined_at = d.joined_at AND jh.here = ",
            )
            .push_bind(here)
            .push(")");
        } else {
            sql.push(" AND d.here = ").push_bind(here);
        }
    }
    if let Some(age) = scope.account_younger_than {
        let micros = i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
        sql.push(format_args!(
            " AND d.user_id > 0 AND d.joined_at - (d.user_id >> 22) * 1000 - {EPOCH} < "
        ))
        .push_bind(micros);
    }
    if let Some(name) = &scope.name {
        let name = name.to_lowercase();
        sql.push(" AND (");
        if table == Table::Joins {
            // Most names are told apart without reading them.
            let marks = marks(&name);
            sql.push(format_args!("d.marks & {marks} = {marks} AND "));
        }
        // SQLite folds ASCII; what is more is stored folded. A value is looked up where it is
        // asked for; EXISTS would be, after all that there is to tell of a join.
        sql.push("(SELECT instr(coalesce(u.folded, lower(u.name)), ")
            .push_bind(name.clone())
            .push(format_args!(
                ") > 0 FROM users AS u WHERE u.user_id = {whose}.user_id)"
            ));
        if let Ok(user) = name.trim().parse::<UserId>() {
            sql.push(format_args!(" OR {whose}.user_id = "))
                .push_bind(id(user));
        }
        sql.push(")");
    }
}

fn narrow_origin(sql: &mut Sql, table: Table, scope: &Scope, origin: &str) {
    // Most joins of a server are by an invite. Of the other ways there are few, and a join is
    // told apart by the number of its way, without looking at that.
    if table == Table::Joins && origin != "invite" {
        sql.push(" AND +d.way IN (SELECT number FROM ways WHERE origin = ")
            .push_bind(origin.to_owned());
        if let Some(guild) = scope.guild {
            sql.push(" AND guild = (SELECT number FROM guilds WHERE guild_id = ")
                .push_bind(id(guild))
                .push(")");
        }
        sql.push(")");
    } else {
        sql.push(" AND w.origin = ").push_bind(origin.to_owned());
    }
}

/// The bits that the marks of every name have that this text is in. The view `name_marks`
/// says the same of a whole name.
fn marks(text: &str) -> i64 {
    let letters: Vec<u32> = text.chars().map(u32::from).collect();
    letters
        .windows(2)
        .filter_map(|pair| Some(1 << ((pair.first()? * 37 + pair.last()?) % 31)))
        .fold(0, |marks, mark: i64| marks | mark)
}

/// The marks of a whole name, as the view `name_marks` has them. One that is too long for marks,
/// or has a NUL in it, has them all.
pub(in crate::sqlite) fn name_marks(name: &str) -> i64 {
    const LONGEST: usize = 33;
    let name = match name.is_ascii() {
        true => name.to_ascii_lowercase(),
        false => name.to_lowercase(),
    };
    if name.contains('\0') || name.chars().count() > LONGEST {
        return -1;
    }
    marks(&name)
}

/// Whether a scope narrows nothing but ways in.
pub(super) fn is_of_ways(scope: &Scope) -> bool {
    let mut rest = scope.clone();
    (rest.guild, rest.inviter, rest.code) = (None, None, None);
    (rest.label, rest.origin) = (None, None);
    rest == Scope::new()
}

/// Narrows a question about `ways AS w`.
pub(super) fn narrow_ways(sql: &mut Sql, scope: &Scope) {
    if let Some(guild) = scope.guild {
        sql.push(" AND w.guild = (SELECT number FROM guilds WHERE guild_id = ")
            .push_bind(id(guild))
            .push(")");
    }
    if let Some(inviter) = scope.inviter {
        sql.push(" AND w.inviter_id = ").push_bind(id(inviter));
    }
    if let Some(code) = &scope.code {
        sql.push(" AND w.code = ")
            .push_bind(code.as_str().to_owned());
    }
    if let Some(label) = &scope.label {
        sql.push(
            " AND (w.guild, w.code) IN (SELECT tg.number, t.code FROM labels AS t
                 JOIN guilds AS tg ON tg.guild_id = t.guild_id WHERE t.label = ",
        )
        .push_bind(label.as_str().to_owned())
        .push(")");
    }
    if let Some(origin) = &scope.origin {
        sql.push(" AND w.origin = ").push_bind(origin.clone());
    }
}

/// Narrows a question about `invites AS i`.
pub(super) fn narrow_invites(sql: &mut Sql, scope: &Scope) {
    if let Some(guild) = scope.guild {
        sql.push(" AND i.guild_id = ").push_bind(id(guild));
    }
    if let Some(inviter) = scope.inviter {
        sql.push(" AND i.inviter_id = ").push_bind(id(inviter));
    }
    if let Some(code) = &scope.code {
        sql.push(" AND i.code = ")
            .push_bind(code.as_str().to_owned());
    }
    if let Some(label) = &scope.label {
        sql.push(
            " AND (i.guild_id, i.code) IN (SELECT t.guild_id, t.code FROM labels AS t WHERE t.label = ",
        )
        .push_bind(label.as_str().to_owned())
        .push(")");
    }
}

/// Narrows the time.
pub(super) fn span(sql: &mut Sql, column: &str, scope: &Scope) {
    let mut bound = |sign: &str, at: Option<Timestamp>| {
        if let Some(at) = at {
            sql.push(format_args!(" AND {column} {sign} "))
                .push_bind(at.as_micros());
        }
    };
    bound(">=", scope.since);
    bound("<", scope.until);
}
