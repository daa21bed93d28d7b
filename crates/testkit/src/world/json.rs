//! Payloads as Discord writes them.

use guestlist_model::{Event, Invite as Decoded, Timestamp, UserId};
use guestlist_tracker::JoinKey;

use super::guild;
use super::server::{Entry, How, Invite, Member, Server};

fn event(name: &str, data: &str) -> Event {
    Event::from_parts(name, data.as_bytes()).unwrap_or_else(|error| panic!("{error}: {data}"))
}

fn text(value: Option<Timestamp>) -> String {
    value.map_or_else(|| String::from("null"), |at| format!("\"{at}\""))
}

pub(super) fn ready() -> Event {
    event(
        "READY",
        &format!(
            r#"{{"v":10,"user":{{"id":"5","username":"bot","bot":true}},"session_id":"s","resume_gateway_url":"ws://x","shard":[0,1],"guilds":[{{"id":"{}","unavailable":true}}]}}"#,
            guild()
        ),
    )
}

pub(super) fn guild_create(server: &Server) -> Event {
    announced("GUILD_CREATE", server)
}

pub(super) fn guild_update(server: &Server) -> Event {
    announced("GUILD_UPDATE", server)
}

fn announced(name: &str, server: &Server) -> Event {
    let vanity = server
        .vanity
        .as_ref()
        .map_or_else(|| String::from("null"), |(code, _)| format!("\"{code}\""));
    event(
        name,
        &format!(
            r#"{{"id":"{}","name":"test","features":[],"vanity_url_code":{vanity},"unavailable":false,"member_count":{},"owner_id":"2"}}"#,
            guild(),
            3 + server.members.len()
        ),
    )
}

/// The event tells the time of a join more precisely than a search does.
pub(super) fn member_add(key: JoinKey, joined_at: Timestamp, how: &How, rejoined: bool) -> Event {
    event(
        "GUILD_MEMBER_ADD",
        &format!(
            r#"{{"guild_id":"{}","user":{{"id":"{}","username":"u{}","bot":{}}},"joined_at":"{}","roles":[],"pending":false,"flags":{}}}"#,
            key.guild,
            key.user,
            key.user,
            *how == How::Bot,
            joined_at,
            u8::from(rejoined)
        ),
    )
}

pub(super) fn member_remove(user: UserId) -> Event {
    event(
        "GUILD_MEMBER_REMOVE",
        &format!(
            r#"{{"guild_id":"{}","user":{{"id":"{user}","username":"u"}}}}"#,
            guild()
        ),
    )
}

fn fields(invite: &Invite) -> String {
    let inviter = invite.inviter.map_or_else(String::new, |id| {
        format!(r#","inviter":{{"id":"{id}","username":"host"}}"#)
    });
    format!(r#""code":"{}"{inviter}"#, invite.code)
}

pub(super) fn invite(invite: &Invite, uses: bool) -> Decoded {
    let roles = if invite.roles {
        r#","roles":[{"id":"9","name":"r"}]"#
    } else {
        ""
    };
    let meta = if uses {
        format!(
            r#","uses":{},"max_uses":{},"max_age":0,"temporary":false,"created_at":"{}""#,
            invite.uses, invite.max_uses, invite.created_at
        )
    } else {
        String::new()
    };
    let body = format!(
        r#"{{"type":0,{},"guild":{{"id":"{}","name":"test"}},"channel":{{"id":"3","type":0,"name":"c"}},"expires_at":{}{roles}{meta}}}"#,
        fields(invite),
        guild(),
        text(invite.expires_at)
    );
    Decoded::from_slice(body.as_bytes()).unwrap_or_else(|error| panic!("{error}: {body}"))
}

pub(super) fn invite_create(invite: &Invite, now: Timestamp) -> Event {
    let roles = match (invite.terse, invite.roles) {
        (true, _) => "",
        (false, true) => r#","flags":0,"role_ids":["9"]"#,
        (false, false) => r#","flags":0,"role_ids":[]"#,
    };
    event(
        "INVITE_CREATE",
        &format!(
            r#"{{{},"guild_id":"{}","channel_id":"3","uses":0,"max_uses":{},"max_age":0,"temporary":false,"created_at":"{now}","expires_at":{}{roles}}}"#,
            fields(invite),
            guild(),
            invite.max_uses,
            text(invite.expires_at)
        ),
    )
}

pub(super) fn invite_delete(code: &str) -> Event {
    event(
        "INVITE_DELETE",
        &format!(
            r#"{{"guild_id":"{}","channel_id":"3","code":"{code}"}}"#,
            guild()
        ),
    )
}

pub(super) fn member(user: UserId, member: &Member) -> String {
    format!(
        r#"{{"user":{{"id":"{user}","username":"u","bot":{}}},"joined_at":"{}","roles":[],"flags":{},"pending":false}}"#,
        member.told == How::Bot,
        member.joined_at,
        u8::from(member.rejoined)
    )
}

pub(super) fn searched(server: &Server, user: UserId, member: &Member) -> String {
    let mut source = member.told.source().number();
    let code = match &member.told {
        How::Invite(code) | How::Verified(code, _) => format!("\"{code}\""),
        How::Vanity if server.vanity_unnamed => String::from("null"),
        How::Vanity => {
            if server.vanity_as_invite {
                source = 5;
            }
            let code = server.vanity.as_ref().map_or("gone", |(code, _)| code);
            format!("\"{code}\"")
        }
        _ => String::from("null"),
    };
    let inviter = match &member.told {
        How::Invite(_) => "\"77\"",
        _ => "null",
    };
    format!(
        r#"{{"member":{},"source_invite_code":{code},"join_source_type":{source},"inviter_id":{inviter}}}"#,
        self::member(user, member)
    )
}

pub(super) fn entry(entry: &Entry) -> String {
    let target = entry
        .target
        .map_or_else(|| String::from("null"), |id| format!("\"{id}\""));
    let changes = entry.code.as_ref().map_or_else(String::new, |code| {
        let uses = entry.uses.map_or_else(String::new, |uses| {
            format!(r#",{{"key":"uses","old_value":{uses}}}"#)
        });
        format!(r#","changes":[{{"key":"code","old_value":"{code}"}}{uses}]"#)
    });
    format!(
        r#"{{"id":"{}","user_id":"{}","target_id":{target},"action_type":{}{changes}}}"#,
        entry.id, entry.by, entry.action
    )
}

pub(super) fn audit_entry(data: &Entry) -> Event {
    let body = entry(data);
    let body = format!(r#"{{"guild_id":"{}",{}"#, guild(), &body[1..]);
    event("GUILD_AUDIT_LOG_ENTRY_CREATE", &body)
}
