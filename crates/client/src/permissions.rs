//! Permissions, computed from roles and channel overwrites.

use bitflags::bitflags;
use guestlist_model::{GuildId, RoleId, UserId};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

bitflags! {
    /// A set of permissions. It keeps bits that have no name here.
    ///
    /// See [Discord Docs/Permissions](https://discord.com/developers/docs/topics/permissions).
    ///
    /// ```
    /// use guestlist_client::Permissions;
    ///
    /// let lacks = Permissions::MANAGE_GUILD | Permissions::VIEW_AUDIT_LOG;
    /// assert_eq!(lacks.names().collect::<Vec<_>>(), ["Manage Server", "View Audit Log"]);
    /// ```
    #[derive(Clone, Copy, Default, Eq, Hash, PartialEq)]
    pub struct Permissions: u64 {
        /// Create invites.
        const CREATE_INVITE = 1 << 0;
        /// All permissions.
        const ADMINISTRATOR = 1 << 3;
        /// Manage channels: list and delete a channel's invites.
        const MANAGE_CHANNELS = 1 << 4;
        /// Manage the server: list its invites with their uses, search members.
        const MANAGE_GUILD = 1 << 5;
        /// Read the audit log.
        const VIEW_AUDIT_LOG = 1 << 7;
        /// See a channel.
        const VIEW_CHANNEL = 1 << 10;
        /// Manage roles: create invites that grant them.
        const MANAGE_ROLES = 1 << 28;

        const _ = !0;
    }
}

/// A role of a guild, reduced to what permissions need.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Role {
    /// The id of the role. The `@everyone` role has the guild's id.
    pub id: RoleId,
    /// The name.
    #[serde(default)]
    pub name: String,
    /// The permissions that it grants; `None` if the response does not say.
    #[serde(default)]
    pub permissions: Option<Permissions>,
}

/// A permission overwrite: what a channel allows or denies a role or member, in addition
/// to the guild.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct Overwrite {
    /// The role or member.
    pub target: OverwriteTarget,
    /// The allowed permissions.
    pub allow: Permissions,
    /// The denied permissions; within one overwrite, `allow` takes precedence.
    pub deny: Permissions,
}

/// The role or member that an [`Overwrite`] applies to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OverwriteTarget {
    /// All members with a role.
    Role(RoleId),
    /// One member.
    Member(UserId),
}

impl Permissions {
    /// The names of the permissions that matter for invites, as Discord's settings show
    /// them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.iter_names().filter_map(|(_, one)| {
            Some(match one {
                Self::CREATE_INVITE => "Create Invite",
                Self::ADMINISTRATOR => "Administrator",
                Self::MANAGE_CHANNELS => "Manage Channels",
                Self::MANAGE_GUILD => "Manage Server",
                Self::VIEW_AUDIT_LOG => "View Audit Log",
                Self::VIEW_CHANNEL => "View Channel",
                Self::MANAGE_ROLES => "Manage Roles",
                _ => return None,
            })
        })
    }

    /// The permissions of a member in a guild; `None` if they depend on a role whose
    /// permissions are unknown.
    ///
    /// `member_roles` does not need to contain the `@everyone` role.
    #[must_use]
    pub fn in_guild(
        guild: GuildId,
        owner: UserId,
        roles: &[Role],
        user: UserId,
        member_roles: &[RoleId],
    ) -> Option<Self> {
        if user == owner {
            return Some(Self::all());
        }
        let everyone: RoleId = guild.cast();
        let own = |role: RoleId| role == everyone || member_roles.contains(&role);
        let known = roles.iter().filter(|role| own(role.id));
        let mut union = Self::empty();
        let mut complete = known.clone().any(|role| role.id == everyone)
            && member_roles
                .iter()
                .all(|own| roles.iter().any(|role| role.id == *own));
        for role in known {
            match role.permissions {
                Some(permissions) => union |= permissions,
                None => complete = false,
            }
        }
        if union.contains(Self::ADMINISTRATOR) {
            Some(Self::all())
        } else {
            complete.then_some(union)
        }
    }

    /// The permissions in a channel of a member who has the permissions `self` in the
    /// guild.
    ///
    /// Without [`VIEW_CHANNEL`](Self::VIEW_CHANNEL), the result is empty.
    #[must_use]
    pub fn in_channel(
        self,
        guild: GuildId,
        overwrites: &[Overwrite],
        user: UserId,
        member_roles: &[RoleId],
    ) -> Self {
        if self.contains(Self::ADMINISTRATOR) {
            return Self::all();
        }
        let everyone: RoleId = guild.cast();
        let apply = |base: Self, matches: &dyn Fn(OverwriteTarget) -> bool| {
            let (allow, deny) = overwrites
                .iter()
                .filter(|overwrite| matches(overwrite.target))
                .fold(
                    (Self::empty(), Self::empty()),
                    |(allow, deny), overwrite| (allow | overwrite.allow, deny | overwrite.deny),
                );
            base.difference(deny) | allow
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
            Self::empty()
        }
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permissions({:#x}: {self})", self.bits())
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

impl Serialize for Permissions {
    /// Writes a string of digits, as Discord does, or a number in binary formats.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(&self.bits())
        } else {
            serializer.serialize_u64(self.bits())
        }
    }
}

impl<'de> Deserialize<'de> for Permissions {
    /// Reads a string of digits (since API v8) or a number.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Permissions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("permission bits as a string or a number")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                text.parse()
                    .map(Permissions::from_bits_retain)
                    .map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, bits: u64) -> Result<Self::Value, E> {
                Ok(Permissions::from_bits_retain(bits))
            }
        }

        if deserializer.is_human_readable() {
            deserializer.deserialize_any(Visitor)
        } else {
            deserializer.deserialize_u64(Visitor)
        }
    }
}

/// An overwrite as Discord writes it.
#[derive(Deserialize, Serialize)]
struct RawOverwrite {
    id: RoleId,
    #[serde(rename = "type")]
    kind: u8,
    allow: Permissions,
    deny: Permissions,
}

impl Serialize for Overwrite {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (id, kind) = match self.target {
            OverwriteTarget::Role(role) => (role, 0),
            OverwriteTarget::Member(user) => (user.cast(), 1),
        };
        let (allow, deny) = (self.allow, self.deny);
        RawOverwrite {
            id,
            kind,
            allow,
            deny,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Overwrite {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = RawOverwrite::deserialize(deserializer)?;
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
            permissions: Some(permissions),
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
            role(OTHERS, P::CREATE_INVITE),
        ];
        let permissions = P::in_guild(GUILD, OWNER, &roles, BOT, &[BOTS]).unwrap();
        assert_eq!(permissions, P::VIEW_CHANNEL | P::MANAGE_GUILD);
        assert_eq!(
            (P::MANAGE_GUILD | P::VIEW_AUDIT_LOG).difference(permissions),
            P::VIEW_AUDIT_LOG
        );
        assert_eq!(permissions.to_string(), "Manage Server, View Channel");
        assert_eq!(
            P::in_guild(GUILD, OWNER, &roles, OWNER, &[]),
            Some(P::all())
        );
        let roles = [role(GUILD.cast(), P::ADMINISTRATOR)];
        assert_eq!(P::in_guild(GUILD, OWNER, &roles, BOT, &[]), Some(P::all()));
    }

    #[test]
    fn what_is_not_known_is_not_taken_for_nothing() {
        let mut silent = role(BOTS, P::empty());
        silent.permissions = None;
        let everyone = role(GUILD.cast(), P::VIEW_CHANNEL);
        let of = |roles: &[Role], own: &[RoleId]| P::in_guild(GUILD, OWNER, roles, BOT, own);
        assert_eq!(of(&[everyone.clone(), silent.clone()], &[BOTS]), None);
        assert_eq!(
            of(&[everyone.clone(), silent.clone()], &[]),
            Some(P::VIEW_CHANNEL),
            "a role of somebody else's changes nothing"
        );
        assert_eq!(of(&[everyone], &[OTHERS]), None, "a role is missing");
        assert_eq!(of(&[], &[]), None, "the role that everybody has is missing");
        let all = role(GUILD.cast(), P::ADMINISTRATOR);
        assert_eq!(of(&[all, silent], &[BOTS]), Some(P::all()));
        let json = r#"{"id":"4","name":"bots"}"#;
        assert_eq!(
            serde_json::from_str::<Role>(json).unwrap().permissions,
            None
        );
    }

    #[test]
    fn overwrites_apply_from_everyone_over_roles_to_the_member() {
        let base = P::VIEW_CHANNEL | P::CREATE_INVITE;
        let in_channel =
            |overwrites: &[Overwrite]| base.in_channel(GUILD, overwrites, BOT, &[BOTS, OTHERS]);
        let everyone = OverwriteTarget::Role(GUILD.cast());
        assert_eq!(in_channel(&[]), base);
        assert_eq!(
            in_channel(&[overwrite(everyone, P::empty(), P::CREATE_INVITE)]),
            P::VIEW_CHANNEL
        );
        // A role's allow wins over everyone's deny, and over another role's deny.
        let roles = [
            overwrite(OverwriteTarget::Role(BOTS), P::CREATE_INVITE, P::empty()),
            overwrite(OverwriteTarget::Role(OTHERS), P::empty(), P::CREATE_INVITE),
            overwrite(everyone, P::empty(), P::CREATE_INVITE),
        ];
        assert_eq!(in_channel(&roles), base);
        // The member's own overwrite is the last word.
        let mut all = roles.to_vec();
        all.push(overwrite(
            OverwriteTarget::Member(BOT),
            P::empty(),
            P::CREATE_INVITE,
        ));
        assert_eq!(in_channel(&all), P::VIEW_CHANNEL);
        all.push(overwrite(
            OverwriteTarget::Member(OWNER),
            P::MANAGE_ROLES,
            P::empty(),
        ));
        assert_eq!(in_channel(&all), P::VIEW_CHANNEL);
    }

    #[test]
    fn who_cannot_see_a_channel_can_do_nothing_there() {
        let hidden = [overwrite(
            OverwriteTarget::Role(GUILD.cast()),
            P::empty(),
            P::VIEW_CHANNEL,
        )];
        let base = P::VIEW_CHANNEL | P::MANAGE_CHANNELS;
        assert_eq!(base.in_channel(GUILD, &hidden, BOT, &[]), P::empty());
        assert_eq!(P::all().in_channel(GUILD, &hidden, BOT, &[]), P::all());
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
            overwrite(OverwriteTarget::Member(BOT), P::CREATE_INVITE, P::empty())
        );
        assert!(serde_json::from_str::<Overwrite>(&json.replace(":1,", ":7,")).is_err());
    }
}
