//! JSON in the form of Discord's documentation.

use std::fmt::Write as _;

use guestlist_model::Timestamp;

use super::delay::{Micros, discord};
use super::invite::Invite;
use super::member::{Entry, Row, TrueJoin, Way};

fn time(micros: Micros) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn or_null(text: Option<impl std::fmt::Display>) -> String {
    text.map_or_else(|| String::from("null"), |text| format!("\"{text}\""))
}

fn user(id: u64, bot: bool) -> String {
    let bot = if bot { r#","bot":true"# } else { "" };
    format!(
        r#"{{"id":"{id}","username":"user{id}","discriminator":"0","global_name":null,"avatar":null{bot}}}"#
    )
}

pub(super) fn ready(shard: u32, shards: u32, guilds: &[u64]) -> String {
    let guilds: Vec<String> = guilds
        .iter()
        .map(|id| format!(r#"{{"id":"{id}","unavailable":true}}"#))
        .collect();
    format!(
        r#"{{"v":10,"user":{{"id":"5","username":"watcher","bot":true}},"session_id":"s","resume_gateway_url":"wss://x","shard":[{shard},{shards}],"guilds":[{}]}}"#,
        guilds.join(",")
    )
}

pub(super) fn guild(id: u64, vanity: Option<&str>, members: u64, bot_since: Micros) -> String {
    format!(
        r#"{{"id":"{id}","name":"g","features":["COMMUNITY"],"vanity_url_code":{},"unavailable":false,"member_count":{members},"owner_id":"2","joined_at":"{}"}}"#,
        or_null(vanity),
        time(discord(bot_since))
    )
}

pub(super) fn guild_gone(id: u64, unavailable: bool) -> String {
    if unavailable {
        format!(r#"{{"id":"{id}","unavailable":true}}"#)
    } else {
        format!(r#"{{"id":"{id}"}}"#)
    }
}

fn member(join: &TrueJoin, joined_at: Micros) -> String {
    let flags = u64::from(join.rejoined);
    format!(
        r#""user":{},"nick":null,"roles":[],"joined_at":"{}","premium_since":null,"deaf":false,"mute":false,"flags":{flags},"pending":{}"#,
        user(join.user, matches!(join.way, Way::Bot { .. })),
        time(joined_at),
        join.pending
    )
}

pub(super) fn member_add(guild: u64, join: &TrueJoin) -> String {
    format!(
        r#"{{"guild_id":"{guild}",{}}}"#,
        member(join, join.joined_at)
    )
}

pub(super) fn member_remove(guild: u64, id: u64) -> String {
    format!(r#"{{"guild_id":"{guild}","user":{}}}"#, user(id, false))
}

fn common(invite: &Invite) -> String {
    let mut text = format!(r#""code":"{}""#, invite.code);
    if let Some(inviter) = invite.inviter {
        let _ = write!(text, r#","inviter":{}"#, user(inviter, false));
    }
    let _ = write!(
        text,
        r#","max_uses":{},"max_age":{},"temporary":{},"created_at":"{}""#,
        invite.max_uses,
        invite.max_age(),
        invite.temporary,
        time(invite.created_at),
    );
    text
}

impl Invite {
    /// For how many seconds it is valid; 0 means forever.
    pub(super) fn max_age(&self) -> i64 {
        let first = self.expires.all().next().copied().flatten();
        first.map_or(0, |at| (at - self.made).max(0) / 1_000_000)
    }

    fn expires_text(&self, view: Micros) -> String {
        let skew = self.expires_skew;
        or_null(self.expires.at(view).map(|at| time(discord(at + skew))))
    }
}

/// An invite of a list.
pub(super) fn listed(guild: u64, invite: &Invite, view: Micros, uses: Option<u64>) -> String {
    let mut text = format!(
        r#"{{"type":0,"guild":{{"id":"{guild}","name":"g"}},"guild_id":"{guild}","channel":{{"id":"{}","type":0,"name":"c"}},"expires_at":{}"#,
        invite.channel,
        invite.expires_text(view)
    );
    if *invite.roles.at(view) {
        text.push_str(r#","roles":[{"id":"9","name":"r"}]"#);
    }
    if invite.guest {
        text.push_str(r#","flags":1"#);
    }
    match uses {
        Some(uses) => {
            let _ = write!(text, r#","uses":{uses},{}}}"#, common(invite));
        }
        None => {
            let _ = write!(text, r#","code":"{}""#, invite.code);
            if let Some(inviter) = invite.inviter {
                let _ = write!(text, r#","inviter":{}"#, user(inviter, false));
            }
            text.push('}');
        }
    }
    text
}

pub(super) fn invite_create(guild: u64, invite: &Invite, now: Micros) -> String {
    let roles = match (invite.terse, *invite.roles.at(now)) {
        (true, _) => String::new(),
        (false, roles) => {
            let flags = u64::from(invite.guest);
            let ids = if roles { r#""9""# } else { "" };
            format!(r#","flags":{flags},"role_ids":[{ids}]"#)
        }
    };
    format!(
        r#"{{"guild_id":"{guild}","channel_id":"{}","uses":0,"expires_at":{},{}{roles}}}"#,
        invite.channel,
        invite.expires_text(now),
        common(invite)
    )
}

pub(super) fn invite_delete(guild: u64, channel: u64, code: &str) -> String {
    format!(r#"{{"guild_id":"{guild}","channel_id":"{channel}","code":"{code}"}}"#)
}

pub(super) fn entry(entry: &Entry) -> String {
    let target = or_null(entry.target);
    let changes = entry.code.as_ref().map_or_else(String::new, |code| {
        format!(r#","changes":[{{"key":"code","old_value":"{code}"}}]"#)
    });
    format!(
        r#""id":"{}","user_id":"{}","target_id":{target},"action_type":{}{changes}"#,
        entry.id, entry.by, entry.action
    )
}

pub(super) fn audit_entry(guild: u64, data: &Entry) -> String {
    format!(r#"{{"guild_id":"{guild}",{}}}"#, entry(data))
}

pub(super) fn audit_log(entries: &[&Entry]) -> String {
    let entries: Vec<String> = entries
        .iter()
        .map(|data| format!("{{{}}}", entry(data)))
        .collect();
    format!(
        r#"{{"audit_log_entries":[{}],"users":[]}}"#,
        entries.join(",")
    )
}

pub(super) fn vanity(told: Option<(&str, u64)>) -> String {
    let (code, uses) = told.map_or((None, 0), |(code, uses)| (Some(code), uses));
    format!(r#"{{"code":{},"uses":{uses}}}"#, or_null(code))
}

pub(super) fn searched(guild: u64, rows: &[(&TrueJoin, &Row)], total: usize) -> String {
    let members: Vec<String> = rows
        .iter()
        .map(|(join, row)| {
            format!(
                r#"{{"member":{{{}}},"source_invite_code":{},"join_source_type":{},"inviter_id":{}}}"#,
                member(join, row.joined_at),
                or_null(row.code.as_ref()),
                row.source,
                or_null(row.inviter)
            )
        })
        .collect();
    format!(
        r#"{{"guild_id":"{guild}","members":[{}],"page_result_count":{},"total_result_count":{total}}}"#,
        members.join(","),
        rows.len()
    )
}

pub(super) fn members(joins: &[&TrueJoin]) -> String {
    let members: Vec<String> = joins
        .iter()
        .map(|join| format!("{{{}}}", member(join, join.joined_at)))
        .collect();
    format!("[{}]", members.join(","))
}

pub(super) fn not_indexed() -> &'static str {
    r#"{"message":"Index not yet available. Try again later","code":110000,"documents_indexed":0,"retry_after":2}"#
}
