//! Who may do what: pure computing from roles and channel overwrites.

use guestlist_model::{GuildId, RoleId, UserId};
use serde::{Deserialize, Deserializer, de};
use std::{fmt, ops};

/// A set of permissions. Bits that have no name here are kept.
///
/// See [Discord Docs/Permissions](https://discord.com/developers/docs/topics/permissions).
#[derive(Clone, Copy, Default, Eq, Hash, PartialEq)]
pub struct Permissions(u64);

/// A role of a guild, as far as permissions need it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
pub struct Role {
    /// The role; the one everybody has bears the guild's id.
    pub id: RoleId,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// What it permits.
    pub permissions: Permissions,
    /// Its place in the hierarchy; higher roles manage lower ones.
    #[serde(default)]
    pub position: i64,
    /// Whether an integration owns it, so that nobody can be given it.
    #[serde(default)]
    pub managed: bool,
}

/// What a channel permits or denies to a role or a member, on top of the guild.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Overwrite {
    /// To whom.
    pub target: OverwriteTarget,
    /// What is permitted.
    pub allow: Permissions,
    /// What is denied; `allow` wins within one overwrite.
    pub deny: Permissions,
}

/// To whom an [`Overwrite`] applies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum OverwriteTarget {
    /// Members with a role.
    Role(RoleId),
    /// One member.
    Member(UserId),
}

macro_rules! named {
    ($($(#[$doc:meta])* $name:ident = $bit:literal, $words:literal;)*) => {
        impl Permissions {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)*
            const NAMES: &'static [(Self, &'static str)] = &[$((Self::$name, $words)),*];
        }
    };
}

named! {
    /// Create invites.
    CREATE_INVITE = 0, "Create Invite";
    /// Kick members.
    KICK_MEMBERS = 1, "Kick Members";
    /// Ban members.
    BAN_MEMBERS = 2, "Ban Members";
    /// Everything.
    ADMINISTRATOR = 3, "Administrator";
    /// Manage channels: list and delete a channel's invites.
    MANAGE_CHANNELS = 4, "Manage Channels";
    /// Manage the server: list its invites with their uses, search members.
    MANAGE_GUILD = 5, "Manage Server";
    /// Read the audit log.
    VIEW_AUDIT_LOG = 7, "View Audit Log";
    /// See a channel.
    VIEW_CHANNEL = 10, "View Channel";
    /// Write in a channel.
    SEND_MESSAGES = 11, "Send Messages";
    /// Manage roles: create invites that grant them.
    MANAGE_ROLES = 28, "Manage Roles";
}

impl Permissions {
    /// None at all.
    pub const NONE: Self = Self(0);
    /// All, as an administrator has them.
    pub const ALL: Self = Self(u64::MAX);

    /// From Discord's bits.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// Discord's bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Whether all of `other` are in this set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// What `wanted` has and this set lacks.
    #[must_use]
    pub const fn missing(self, wanted: Self) -> Self {
        Self(wanted.0 & !self.0)
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The names of those that matter for invites, as Discord's settings show them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .iter()
            .filter(move |(one, _)| self.contains(*one))
            .map(|(_, name)| *name)
    }

    /// What a member may do in a guild as a whole.
    ///
    /// `member_roles` need not have the role that everybody has.
    #[must_use]
    pub fn in_guild(
        guild: GuildId,
        owner: UserId,
        roles: &[Role],
        user: UserId,
        member_roles: &[RoleId],
    ) -> Self {
        if user == owner {
            return Self::ALL;
        }
        let everyone: RoleId = guild.cast();
        let union = roles
            .iter()
            .filter(|role| role.id == everyone || member_roles.contains(&role.id))
            .fold(Self::NONE, |union, role| union | role.permissions);
        if union.contains(Self::ADMINISTRATOR) {
            Self::ALL
        } else {
            union
        }
    }

    /// What a member who may do `self` in the guild may do in a channel.
    ///
    /// Without [`VIEW_CHANNEL`](Self::VIEW_CHANNEL) nothing is left.
    #[must_use]
    pub fn in_channel(
        self,
        guild: GuildId,
        overwrites: &[Overwrite],
        user: UserId,
        member_roles: &[RoleId],
    ) -> Self {
        if self.contains(Self::ADMINISTRATOR) {
            return Self::ALL;
        }
        let everyone: RoleId = guild.cast();
        let apply = |base: Self, matches: &dyn Fn(OverwriteTarget) -> bool| {
            let (allow, deny) = overwrites
                .iter()
                .filter(|overwrite| matches(overwrite.target))
                .fold((Self::NONE, Self::NONE), |(allow, deny), overwrite| {
                    (allow | overwrite.allow, deny | overwrite.deny)
                });
            Self((base.0 & !deny.0) | allow.0)
        };
        let base = apply(self, &|target| target == OverwriteTarget::Role(everyone));
        let base = apply(base, &|target| match target {
            OverwriteTarget::Role(role) => role != everyone && member_roles.contains(&role),
            OverwriteTarget::Member(_) => false,
        });
        let base = apply(base, &|target| target == OverwriteTarget::Member(user));
        if base.contains(Self::VIEW_CHANNEL) {
            base
        } else {
            Self::NONE
        }
    }
}

impl ops::BitOr for Permissions {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permissions({:#x}: {self})", self.0)
    }
}

impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.names().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{name}")?;
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Permissions {
    /// From a string of digits (since API v8) or a number.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Permissions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("permission bits as a string or a number")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                text.parse().map(Permissions).map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, bits: u64) -> Result<Self::Value, E> {
                Ok(Permissions(bits))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl<'de> Deserialize<'de> for Overwrite {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Raw {
            id: RoleId,
            #[serde(rename = "type")]
            kind: u8,
            allow: Permissions,
            deny: Permissions,
        }

        let raw = Raw::deserialize(deserializer)?;
        let target = match raw.kind {
            0 => OverwriteTarget::Role(raw.id),
            1 => OverwriteTarget::Member(raw.id.cast()),
            other => {
                return Err(de::Error::custom(format!(
                    "unknown kind of overwrite {other}"
                )));
            }
        };
        Ok(Self {
            target,
            allow: raw.allow,
            deny: raw.deny,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Overwrite, OverwriteTarget, Permissions as P, Role};
    use guestlist_model::{GuildId, Id, RoleId, UserId};

    const fn id<M>(number: u64) -> Id<M> {
        Id::new_checked(number).unwrap()
    }

    const GUILD: GuildId = id(1);
    const OWNER: UserId = id(2);
    const BOT: UserId = id(3);
    const BOTS: RoleId = id(4);
    const OTHERS: RoleId = id(5);

    fn role(id: RoleId, permissions: P) -> Role {
        Role {
            id,
            name: String::new(),
            permissions,
            position: 0,
            managed: false,
        }
    }

    fn overwrite(target: OverwriteTarget, allow: P, deny: P) -> Overwrite {
        Overwrite {
            target,
            allow,
            deny,
        }
    }

    #[test]
    fn a_member_has_what_everyone_and_its_roles_have() {
        let roles = [
            role(GUILD.cast(), P::VIEW_CHANNEL),
            role(BOTS, P::MANAGE_GUILD),
            role(OTHERS, P::KICK_MEMBERS),
        ];
        let permissions = P::in_guild(GUILD, OWNER, &roles, BOT, &[BOTS]);
        assert_eq!(permissions, P::VIEW_CHANNEL | P::MANAGE_GUILD);
        assert_eq!(
            permissions.missing(P::MANAGE_GUILD | P::VIEW_AUDIT_LOG),
            P::VIEW_AUDIT_LOG
        );
        assert_eq!(permissions.to_string(), "Manage Server, View Channel");
        assert_eq!(P::in_guild(GUILD, OWNER, &roles, OWNER, &[]), P::ALL);
        let roles = [role(GUILD.cast(), P::ADMINISTRATOR)];
        assert_eq!(P::in_guild(GUILD, OWNER, &roles, BOT, &[]), P::ALL);
    }

    #[test]
    fn overwrites_apply_from_everyone_over_roles_to_the_member() {
        let base = P::VIEW_CHANNEL | P::CREATE_INVITE;
        let in_channel =
            |overwrites: &[Overwrite]| base.in_channel(GUILD, overwrites, BOT, &[BOTS, OTHERS]);
        let everyone = OverwriteTarget::Role(GUILD.cast());
        assert_eq!(in_channel(&[]), base);
        assert_eq!(
            in_channel(&[overwrite(everyone, P::NONE, P::CREATE_INVITE)]),
            P::VIEW_CHANNEL
        );
        // A role's allow wins over everyone's deny, and over another role's deny.
        let roles = [
            overwrite(OverwriteTarget::Role(BOTS), P::CREATE_INVITE, P::NONE),
            overwrite(OverwriteTarget::Role(OTHERS), P::NONE, P::CREATE_INVITE),
            overwrite(everyone, P::NONE, P::CREATE_INVITE),
        ];
        assert_eq!(in_channel(&roles), base);
        // The member's own overwrite is the last word.
        let mut all = roles.to_vec();
        all.push(overwrite(
            OverwriteTarget::Member(BOT),
            P::NONE,
            P::CREATE_INVITE,
        ));
        assert_eq!(in_channel(&all), P::VIEW_CHANNEL);
        all.push(overwrite(
            OverwriteTarget::Member(OWNER),
            P::MANAGE_ROLES,
            P::NONE,
        ));
        assert_eq!(in_channel(&all), P::VIEW_CHANNEL);
    }

    #[test]
    fn who_cannot_see_a_channel_can_do_nothing_there() {
        let hidden = [overwrite(
            OverwriteTarget::Role(GUILD.cast()),
            P::NONE,
            P::VIEW_CHANNEL,
        )];
        let base = P::VIEW_CHANNEL | P::MANAGE_CHANNELS;
        assert_eq!(base.in_channel(GUILD, &hidden, BOT, &[]), P::NONE);
        assert_eq!(P::ALL.in_channel(GUILD, &hidden, BOT, &[]), P::ALL);
    }

    #[test]
    fn bits_are_read_as_text_or_number() {
        assert_eq!(
            serde_json::from_str::<P>("\"1099511627775\"")
                .unwrap()
                .bits(),
            (1 << 40) - 1
        );
        assert_eq!(
            serde_json::from_str::<P>("33").unwrap(),
            P::CREATE_INVITE | P::MANAGE_GUILD
        );
        assert!(serde_json::from_str::<P>("\"-1\"").is_err());
        let json = r#"{"id":"3","type":1,"allow":"1","deny":"0"}"#;
        let read: Overwrite = serde_json::from_str(json).unwrap();
        assert_eq!(
            read,
            overwrite(OverwriteTarget::Member(BOT), P::CREATE_INVITE, P::NONE)
        );
        assert!(serde_json::from_str::<Overwrite>(&json.replace(":1,", ":7,")).is_err());
    }
}
