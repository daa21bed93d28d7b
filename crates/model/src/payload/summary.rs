//! Payloads in one line.

use std::fmt::Write as _;

use super::Content;
use crate::{
    AuditLogEntry, Event, Expiry, Field, Incidents, Invite, InviteKind, JoinDetails, JoinSource,
    Member, MemberFlags, MemberSearch, Remaining, ScheduledEvent, TargetType, User, Widget,
};

pub(super) fn of(content: &Content) -> String {
    match content {
        Content::Invite(invite) => self::invite(invite),
        Content::InviteList(list) => {
            let mut line = plural(list.invites.len() as u64, "invite");
            for (index, invite) in list.invites.iter().take(5).enumerate() {
                let _ = write!(
                    line,
                    "{} {}",
                    if index == 0 { ":" } else { "," },
                    invite.code()
                );
            }
            if list.invites.len() > 5 {
                line.push_str(", …");
            }
            if !list.failed.is_empty() {
                let _ = write!(line, "; {} could not be decoded", list.failed.len());
            }
            line
        }
        Content::InviteMetadata(partial) => {
            let mut line = "metadata of an invite".to_owned();
            usage(&mut line, partial.uses(), partial.max_uses());
            if let Some(at) = partial.created_at() {
                let _ = write!(line, ", created {at}");
            }
            line
        }
        Content::Event(event) => self::event(event),
        Content::NoEvent => "a frame without an event".to_owned(),
        Content::ScheduledEvent(event) => scheduled(event),
        Content::MembersChunk(chunk) => {
            let bots = chunk
                .members
                .iter()
                .filter(|member| member.user.is_bot())
                .count();
            format!(
                "{}, {}",
                plural(chunk.members.len() as u64, "member"),
                plural(bots as u64, "bot")
            )
        }
        Content::Member(member) => format!("member {}", self::member(member)),
        Content::User(user) => format!("user {}", self::user(user)),
        Content::Guild(guild) => format!("guild {}", named(guild.name(), guild.id())),
        Content::Channel(channel) => {
            let mut line = format!("channel {}", named(channel.name(), channel.id()));
            let recipients = channel.recipients().len();
            if recipients > 0 {
                let _ = write!(line, ", {}", plural(recipients as u64, "recipient"));
            }
            line
        }
        Content::Application(application) => {
            format!(
                "application {}",
                named(application.name(), application.id())
            )
        }
        Content::Stage(stage) => {
            let mut line = format!("stage {:?}", stage.topic().unwrap_or_default());
            if let Some(count) = stage.participant_count() {
                let _ = write!(line, ", {}", plural(count, "participant"));
            }
            line
        }
        Content::Vanity(vanity) => match (&vanity.code, vanity.uses) {
            (Some(code), Some(uses)) => {
                format!("vanity invite {code}, used {}", plural(uses, "time"))
            }
            (Some(code), None) => format!("vanity invite {code}"),
            (None, _) => "no vanity invite".to_owned(),
        },
        Content::Widget(widget) => self::widget(widget),
        Content::AuditLog(log) => {
            let invites: Vec<_> = log.entries.iter().filter_map(invite_entry).collect();
            let mut line = format!(
                "audit log with {}, {} about invites",
                plural(log.entries.len() as u64, "entry"),
                invites.len()
            );
            for (index, entry) in invites.iter().enumerate() {
                let _ = write!(line, "{} {entry}", if index == 0 { ":" } else { ";" });
            }
            line
        }
        Content::AuditLogEntry(entry) => audit(entry),
        Content::MemberSearch(MemberSearch::Found { members, total }) => {
            let mut line = plural(members.len() as u64, "member");
            if let Some(total) = total {
                let _ = write!(line, " of {total}");
            }
            for found in members.iter().take(5) {
                let _ = write!(
                    line,
                    "; {} {}",
                    found.member.user.name(),
                    joined(&found.joined)
                );
            }
            line
        }
        Content::MemberSearch(MemberSearch::NotIndexed { retry_after_ms }) => {
            match retry_after_ms {
                Some(ms) => format!("not indexed yet, retry after {} s", seconds(*ms)),
                None => "not indexed yet".to_owned(),
            }
        }
        Content::MemberSupplemental(found) => {
            format!("user {} {}", found.user_id, joined(&found.joined))
        }
        Content::TargetUsersJob(job) => {
            let mut line = format!("target users: {}", job.status);
            if let (Some(done), Some(total)) = (job.processed_users, job.total_users) {
                let _ = write!(line, ", {done} of {total} processed");
            }
            if let Some(message) = &job.error_message {
                let _ = write!(line, ": {message}");
            }
            line
        }
        Content::Incidents(incidents) => self::incidents(incidents),
        Content::ApiError(error) => {
            let mut line = "error".to_owned();
            if error.code != 0 {
                let _ = write!(line, " {}", error.code);
            }
            if !error.message.is_empty() {
                let _ = write!(line, ": {}", error.message);
            }
            for field in &error.errors {
                let _ = write!(line, "; {}: {}", field.path, field.message);
            }
            line
        }
    }
}

fn plural(count: u64, noun: &str) -> String {
    if count == 1 {
        return format!("1 {noun}");
    }
    match noun.strip_suffix('y') {
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {noun}s"),
    }
}

fn seconds(ms: u64) -> String {
    if ms.is_multiple_of(1_000) {
        (ms / 1_000).to_string()
    } else {
        format!("{}.{:03}", ms / 1_000, ms % 1_000)
    }
}

fn named(name: Option<&str>, id: impl std::fmt::Display) -> String {
    match name {
        Some(name) => format!("{name:?} ({id})"),
        None => id.to_string(),
    }
}

fn user(user: &User) -> String {
    let mut line = named(Some(user.name()), user.id());
    if user.is_bot() {
        line.push_str(", a bot");
    }
    line
}

fn usage(line: &mut String, uses: Option<u64>, max_uses: Option<u64>) {
    match (uses, max_uses) {
        (Some(uses), Some(0)) => {
            let _ = write!(line, ", used {}", plural(uses, "time"));
        }
        (Some(uses), Some(most)) => {
            let _ = write!(line, ", used {uses} of {}", plural(most, "time"));
        }
        (Some(uses), None) => {
            let _ = write!(line, ", used {}", plural(uses, "time"));
        }
        (None, Some(most)) if most > 0 => {
            let _ = write!(line, ", for {}", plural(most, "use"));
        }
        (None, _) => {}
    }
}

fn invite(invite: &Invite) -> String {
    let what = match invite.kind() {
        InviteKind::Guild => "invite".to_owned(),
        InviteKind::GroupDm => "group DM invite".to_owned(),
        InviteKind::Friend => "friend invite".to_owned(),
        InviteKind::Unknown(number) => format!("invite of type {}", number.get()),
    };
    let mut line = format!("{what} {}", invite.code());
    if invite.is_vanity() == Some(true) {
        line.push_str(" (vanity)");
    }
    match (invite.guild(), invite.guild_id()) {
        (Some(guild), _) => {
            let _ = write!(line, " to {}", named(guild.name(), guild.id()));
        }
        (None, Some(id)) => {
            let _ = write!(line, " to {id}");
        }
        (None, None) => {}
    }
    match (invite.channel(), invite.channel_id()) {
        (Some(channel), _) => {
            let _ = write!(line, ", channel {}", named(channel.name(), channel.id()));
        }
        (None, Some(id)) => {
            let _ = write!(line, ", channel {id}");
        }
        (None, None) => {}
    }
    if let Some(inviter) = invite.inviter() {
        let _ = write!(line, ", by {}", user(inviter));
    }
    match invite.target_type() {
        Some(TargetType::Stream) => line.push_str(", to a stream"),
        Some(TargetType::EmbeddedApplication) => line.push_str(", to an activity"),
        Some(TargetType::RoleSubscriptions) => line.push_str(", to role subscriptions"),
        Some(TargetType::Unknown(number)) => {
            let _ = write!(line, ", target type {}", number.get());
        }
        None => {}
    }
    if let Some(user) = invite.target_user() {
        let _ = write!(line, " of {:?}", user.name());
    }
    if let Some(application) = invite.target_application() {
        let _ = write!(
            line,
            ", application {}",
            named(application.name(), application.id())
        );
    }
    if let Some(event) = invite.scheduled_event() {
        let _ = write!(line, ", {}", scheduled(event));
    }
    let roles = invite.role_ids().count();
    if roles > 0 {
        let _ = write!(line, ", grants {}", plural(roles as u64, "role"));
    }
    if invite.flags().contains(crate::InviteFlags::GUEST) {
        line.push_str(", for guests");
    }
    usage(&mut line, invite.uses(), invite.max_uses());
    if invite.uses().is_none() && invite.remaining_uses() == Remaining::Unlimited {
        line.push_str(", unlimited uses");
    }
    match invite.expiry() {
        Expiry::Never => line.push_str(", never expires"),
        Expiry::At(at) => {
            let _ = write!(line, ", expires {at}");
        }
        Expiry::Unknown => {}
    }
    if let Field::Value(count) = invite.approximate_member_count() {
        let _ = write!(line, ", about {}", plural(count, "member"));
    }
    if let Field::Value(count) = invite.approximate_presence_count() {
        let _ = write!(line, ", {count} online");
    }
    line
}

fn scheduled(event: &ScheduledEvent) -> String {
    let mut line = format!("scheduled event {}", named(event.name(), event.id()));
    if let Some(at) = event.starts_at() {
        let _ = write!(line, " at {at}");
    }
    line
}

fn member(member: &Member) -> String {
    let mut line = user(&member.user);
    if let Some(at) = member.joined_at {
        let _ = write!(line, ", joined {at}");
    }
    if member.pending {
        line.push_str(", pending");
    }
    if member.flags.contains(MemberFlags::DID_REJOIN) {
        line.push_str(", has rejoined");
    }
    if member.flags.contains(MemberFlags::IS_GUEST) {
        line.push_str(", a guest");
    }
    line
}

fn event(event: &Event) -> String {
    match event {
        Event::Ready(ready) => {
            format!(
                "ready as {}, {}",
                user(&ready.user),
                plural(ready.guild_ids.len() as u64, "guild")
            )
        }
        Event::Resumed => "resumed".to_owned(),
        Event::GuildCreate(guild) => {
            format!(
                "guild {} is available",
                named(guild.name.as_deref(), guild.id)
            )
        }
        Event::GuildUpdate(guild) => {
            format!("guild {} changed", named(guild.name.as_deref(), guild.id))
        }
        Event::GuildDelete(guild) if guild.unavailable => {
            format!("guild {} is unavailable", guild.id)
        }
        Event::GuildDelete(guild) => format!("guild {} was left or deleted", guild.id),
        Event::ChannelCreate(event) => format!("channel {} was created", event.channel.id()),
        Event::ChannelUpdate(event) => format!("channel {} was changed", event.channel.id()),
        Event::ChannelDelete(event) => format!("channel {} was deleted", event.channel.id()),
        Event::InviteCreate(create) => format!("created: {}", invite(create)),
        Event::InviteDelete(gone) => match gone.guild_id {
            Some(guild) => format!("invite {} of {guild} was deleted", gone.code),
            None => format!("invite {} was deleted", gone.code),
        },
        Event::MemberAdd(join) => format!("joined {}: {}", join.guild_id, member(&join.member)),
        Event::MemberUpdate(update) => {
            format!("changed in {}: {}", update.guild_id, member(&update.member))
        }
        Event::MemberRemove(leave) => format!("left {}: {}", leave.guild_id, user(&leave.user)),
        Event::AuditLogEntry(event) => format!("in {}: {}", event.guild_id, audit(&event.entry)),
        Event::Other { name } => format!("event {name}, not about invites"),
    }
}

fn invite_entry(entry: &AuditLogEntry) -> Option<String> {
    entry.invite_change().map(|_| audit(entry))
}

fn audit(entry: &AuditLogEntry) -> String {
    let Some(change) = entry.invite_change() else {
        return format!(
            "audit entry of type {}, not about an invite",
            entry.action.number()
        );
    };
    let what = match entry.action.number() {
        40 => "created",
        41 => "changed",
        _ => "revoked",
    };
    let mut line = match &change.code {
        Some(code) => format!("invite {code} {what}"),
        None => format!("an invite {what}"),
    };
    if let Some(user) = entry.user_id {
        let _ = write!(line, " by {user}");
    }
    if let Some(reason) = &entry.reason {
        let _ = write!(line, ", reason {reason:?}");
    }
    line
}

fn joined(details: &JoinDetails) -> String {
    let mut line = "joined ".to_owned();
    match details.source {
        JoinSource::Unspecified => line.push_str("in an unspecified way"),
        JoinSource::Bot => line.push_str("through OAuth2"),
        JoinSource::Integration => line.push_str("through an integration"),
        JoinSource::Discovery => line.push_str("through discovery"),
        JoinSource::Hub => line.push_str("through a hub"),
        JoinSource::Invite => line.push_str("through an invite"),
        JoinSource::Vanity => line.push_str("through the vanity invite"),
        JoinSource::ManualVerification => line.push_str("through manual verification"),
        JoinSource::LinkedLobby => line.push_str("through a linked lobby"),
        JoinSource::Unknown(number) => {
            let _ = write!(line, "in way {}", number.get());
        }
    }
    if let Some(code) = &details.code {
        let _ = write!(line, " {code}");
    }
    if let Some(inviter) = details.inviter_id {
        let _ = write!(line, " of {inviter}");
    }
    line
}

fn widget(widget: &Widget) -> String {
    let mut line = match widget.guild_id {
        Some(id) => format!("widget of {}", named(widget.name.as_deref(), id)),
        None => "settings of a widget".to_owned(),
    };
    match (&widget.instant_invite, widget.link()) {
        (_, Some(link)) => {
            let _ = write!(line, ", invite {}", link.code());
        }
        (Some(other), None) => {
            let _ = write!(line, ", invite {other:?} (not understood)");
        }
        (None, None) => line.push_str(", no invite"),
    }
    line
}

fn incidents(incidents: &Incidents) -> String {
    match incidents.invites_disabled_until {
        Some(until) => format!("invites are paused until {until}"),
        None => "invites are not paused".to_owned(),
    }
}
