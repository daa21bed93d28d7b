//! Invites from Discord, described for people.

use guestlist_model::{Expiry, Field, Invite, InviteFlags, InviteKind, Timestamp};

use crate::{grouped, moment};

/// Describes an invite as labels and values. The text is not escaped yet.
#[must_use]
pub fn invite_lines(invite: &Invite) -> Vec<(&'static str, String)> {
    let mut lines = Lines::default();
    lines.add("invite", invite.link().to_string());
    lines.add("kind", kind_label(invite.kind()));
    lines.maybe("server", guild_label(invite));
    lines.maybe("channel", channel_label(invite));
    lines.maybe("inviter", inviter_label(invite));
    lines.maybe("uses", uses_label(invite));
    lines.add("expires", expiry_sentence(invite));
    lines.maybe(
        "created",
        invite.created_at().map(|at| format!("{} UTC", moment(at))),
    );
    if invite.temporary() == Some(true) {
        lines.add("temporary", "members leave when they disconnect".to_owned());
    }
    lines.maybe("target", target_label(invite));
    lines.maybe(
        "event",
        invite
            .scheduled_event()
            .map(|event| format!("{} ({})", event.name().unwrap_or_default(), event.id())),
    );
    lines.maybe("roles", roles_label(invite));
    lines.maybe("flags", flags_label(invite));
    if let Field::Value(members) = invite.approximate_member_count() {
        lines.add("members", format!("about {}", grouped(members)));
    }
    if let Field::Value(online) = invite.approximate_presence_count() {
        lines.add("online", format!("about {}", grouped(online)));
    }
    lines.0
}

#[derive(Default)]
struct Lines(Vec<(&'static str, String)>);

impl Lines {
    fn add(&mut self, label: &'static str, value: String) {
        self.0.push((label, value));
    }

    fn maybe(&mut self, label: &'static str, value: Option<String>) {
        if let Some(value) = value {
            self.add(label, value);
        }
    }
}

fn kind_label(kind: InviteKind) -> String {
    match kind {
        InviteKind::Guild => "to a server".to_owned(),
        InviteKind::GroupDm => "to a group".to_owned(),
        InviteKind::Friend => "to be friends".to_owned(),
        other => format!("{other:?}"),
    }
}

/// A name with its id, or the id alone.
fn named(name: Option<&str>, id: impl std::fmt::Display) -> String {
    match name {
        Some(name) if !name.is_empty() => format!("{name} ({id})"),
        _ => id.to_string(),
    }
}

fn guild_label(invite: &Invite) -> Option<String> {
    let id = invite.guild_id()?;
    Some(named(invite.guild().and_then(|guild| guild.name()), id))
}

/// The channel's name and id.
#[must_use]
pub fn channel_label(invite: &Invite) -> Option<String> {
    let id = invite.channel_id()?;
    let name = invite.channel().and_then(|channel| channel.name());
    Some(match name {
        Some(name) => format!("#{name} ({id})"),
        None => id.to_string(),
    })
}

/// The inviter's name and id.
#[must_use]
pub fn inviter_label(invite: &Invite) -> Option<String> {
    let id = invite.inviter_id()?;
    Some(named(invite.inviter().map(|user| user.name()), id))
}

fn uses_label(invite: &Invite) -> Option<String> {
    let uses = invite.uses()?;
    Some(match invite.max_uses() {
        Some(0) => format!("{uses}, without limit"),
        Some(max) => format!("{uses} of {max}"),
        None => uses.to_string(),
    })
}

fn expiry_sentence(invite: &Invite) -> String {
    match invite.expiry() {
        Expiry::Never => "never".to_owned(),
        Expiry::At(at) => format!("{} UTC", moment(at)),
        _ => "not told".to_owned(),
    }
}

/// When it expires, for a table.
#[must_use]
pub fn expiry_label(invite: &Invite, now: Timestamp) -> String {
    match invite.expiry() {
        Expiry::Never => "never".to_owned(),
        Expiry::At(at) if at <= now => format!("{} (over)", moment(at)),
        Expiry::At(at) => moment(at),
        _ => "–".to_owned(),
    }
}

fn target_label(invite: &Invite) -> Option<String> {
    if let Some(user) = invite.target_user() {
        return Some(format!(
            "the stream of {}",
            named(Some(user.name()), user.id())
        ));
    }
    if let Some(application) = invite.target_application() {
        return Some(format!(
            "the application {}",
            named(application.name(), application.id())
        ));
    }
    invite.target_type().map(|target| format!("{target:?}"))
}

fn roles_label(invite: &Invite) -> Option<String> {
    let roles: Vec<String> = invite
        .roles()
        .iter()
        .map(|role| named(role.name(), role.id()))
        .collect();
    (!roles.is_empty()).then(|| roles.join(", "))
}

fn flags_label(invite: &Invite) -> Option<String> {
    let mut flags = invite.flags().iter_names();
    let mut words: Vec<String> = flags
        .by_ref()
        .map(|(name, flag)| match flag {
            InviteFlags::GUEST => "for guests".to_owned(),
            InviteFlags::VIEWED => "viewed".to_owned(),
            InviteFlags::ENHANCED => "enhanced".to_owned(),
            InviteFlags::APPLICATION_BYPASS => "without application".to_owned(),
            _ => name.to_lowercase(),
        })
        .collect();
    if !flags.remaining().is_empty() {
        words.push(format!("{:#x}", flags.remaining().bits()));
    }
    (!words.is_empty()).then(|| words.join(", "))
}
