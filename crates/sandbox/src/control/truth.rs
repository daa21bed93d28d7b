//! `GET /sandbox/truth`: what really happened, page by page.

use serde_json::{Value, json};

use super::{Outcome, Problem};
use crate::{
    server::Core,
    world::{InviteKey, Micros, TrueInvite, TrueJoin, time},
};

/// So many joins, and so many invites, are in one answer unless `limit` says otherwise.
const USUAL: usize = 1000;
const MOST: usize = 10_000;

/// Joins in the order in which they happened and invites by guild and the moment at which they
/// were made. `next` goes into `?after=` for what follows; it is null at the end.
pub(super) fn get(core: &Core, query: &[(String, String)]) -> Outcome {
    let wanted = super::asked_number(query, "guild")?;
    let limit = super::limit(query, USUAL, MOST)?;
    let Cursor { join, invite } = match super::asked(query, "after") {
        Some(text) => Cursor::parse(text)
            .ok_or_else(|| Problem::field("after", format!("{text:?} is not a `next`")))?,
        None => Cursor::default(),
    };
    let concerns = |guild: u64| wanted.is_none_or(|wanted| wanted == guild);
    let mut joins = core
        .world
        .true_joins()
        .iter()
        .enumerate()
        .skip(join)
        .filter(|(_, join)| concerns(join.guild_id));
    let mut after = join;
    let page: Vec<Value> = joins
        .by_ref()
        .take(limit)
        .map(|(index, join)| {
            after = index + 1;
            show_join(join)
        })
        .collect();
    let more_joins = joins.next().is_some();
    let (found, more_invites) = core
        .world
        .true_invites_after(wanted, invite.as_ref(), limit);
    let cursor = Cursor {
        join: if more_joins {
            after
        } else {
            core.world.true_joins().len()
        },
        invite: found.last().map(|(key, _)| key.clone()).or(invite),
    };
    let invites: Vec<Value> = found
        .iter()
        .map(|(_, invite)| show_invite(invite))
        .collect();
    let next = (more_joins || more_invites).then(|| cursor.to_string());
    Ok((
        200,
        json!({"joins": page, "invites": invites, "next": next}),
    ))
}

fn moment(at: Option<Micros>) -> Option<String> {
    at.map(time::format)
}

fn id(id: Option<u64>) -> Option<String> {
    id.map(|id| id.to_string())
}

fn show_join(join: &TrueJoin) -> Value {
    json!({
        "guild_id": join.guild_id.to_string(),
        "user_id": join.user_id.to_string(),
        "joined_at": time::format(join.joined_at),
        "via": join.via.name(),
        "code": join.code,
        "inviter_id": id(join.inviter_id),
        "bot": join.bot,
        "guest": join.guest,
        "left_at": moment(join.left_at),
    })
}

fn show_invite(invite: &TrueInvite) -> Value {
    json!({
        "guild_id": invite.guild_id.to_string(),
        "code": invite.code,
        "channel_id": invite.channel_id.to_string(),
        "inviter_id": id(invite.inviter_id),
        "created_at": time::format(invite.created_at),
        "max_uses": invite.max_uses,
        "max_age": invite.max_age,
        "uses": invite.uses,
        "state": invite.ending.map_or("active", |ending| ending.name()),
        "ended_at": moment(invite.ended_at),
        "ended_by": id(invite.ended_by),
    })
}

/// How far somebody has read.
#[derive(Debug, Default, PartialEq)]
struct Cursor {
    join: usize,
    invite: Option<InviteKey>,
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '.');
        let join = parts.next()?.parse().ok()?;
        let Some(guild) = parts.next() else {
            return Some(Self { join, invite: None });
        };
        let invite = InviteKey {
            guild_id: guild.parse().ok()?,
            created_at: parts.next()?.parse().ok()?,
            code: String::from(parts.next()?),
        };
        Some(Self {
            join,
            invite: Some(invite),
        })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.join)?;
        match &self.invite {
            None => Ok(()),
            Some(it) => write!(f, ".{}.{}.{}", it.guild_id, it.created_at, it.code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_is_written() {
        let invite = InviteKey {
            guild_id: 7,
            created_at: -3,
            code: String::from("a.b"),
        };
        for cursor in [
            Cursor::default(),
            Cursor {
                join: 12,
                invite: Some(invite),
            },
        ] {
            assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        }
        for broken in ["", "x", "1.2", "1.2.3", "1.x.3.code"] {
            assert_eq!(Cursor::parse(broken), None, "{broken:?}");
        }
    }
}
