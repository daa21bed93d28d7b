//! Members of guilds.

use std::sync::Arc;

use bitflags::bitflags;
use serde::{Deserialize, Serialize};

use crate::entity::required;
use crate::json::Reader;
use crate::{DecodeError, ErrorKind, RoleId, Timestamp, User};

/// A member of a guild, reduced to what concerns joins.
///
/// See [Discord Docs/Guild Member Object](https://discord.com/developers/docs/resources/guild#guild-member-object).
///
/// ```
/// use guestlist_model::Member;
///
/// let member = Member::from_slice(br#"{
///     "user": {"id": "80351110224678912", "username": "ferris"},
///     "joined_at": "2026-03-01T12:00:00Z", "roles": [], "flags": 0
/// }"#)?;
/// assert_eq!(member.user.name(), "ferris");
/// assert!(member.joined_at.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Member {
    /// The user.
    pub user: Arc<User>,
    /// The name in this guild.
    pub nick: Option<String>,
    /// When the member joined. `None` for guests, who do not become members.
    pub joined_at: Option<Timestamp>,
    /// The member's roles.
    pub roles: Vec<RoleId>,
    /// Whether the member has not yet passed the guild's screening; `false` if absent.
    pub pending: bool,
    /// The member's flags; empty if absent.
    pub flags: MemberFlags,
}

bitflags! {
    /// The flags of a member, including those without a name.
    ///
    /// See [Discord Docs/Guild Member Flags](https://discord.com/developers/docs/resources/guild#guild-member-object-guild-member-flags).
    ///
    /// ```
    /// use guestlist_model::{Member, MemberFlags};
    ///
    /// let member = Member::from_slice(br#"{"user": {"id": "7"}, "roles": [], "flags": 3}"#)?;
    /// assert!(member.flags.contains(MemberFlags::DID_REJOIN));
    /// # Ok::<(), guestlist_model::DecodeError>(())
    /// ```
    #[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
    pub struct MemberFlags: u64 {
        /// The member left and rejoined. Discord clears this flag after some months.
        const DID_REJOIN = 1 << 0;
        /// The member completed the onboarding.
        const COMPLETED_ONBOARDING = 1 << 1;
        /// The member is exempt from the verification requirements.
        const BYPASSES_VERIFICATION = 1 << 2;
        /// The member started the onboarding.
        const STARTED_ONBOARDING = 1 << 3;
        /// The member is a guest: limited to one voice channel, and not a regular member.
        const IS_GUEST = 1 << 4;

        const _ = !0;
    }
}

crate::serde_text::flags_as_number!(MemberFlags);

/// A member that is being read among other keys.
#[derive(Default)]
pub(crate) struct MemberParts {
    user: Option<Arc<User>>,
    nick: Option<String>,
    joined_at: Option<Timestamp>,
    roles: Vec<RoleId>,
    pending: Option<bool>,
    is_pending: Option<bool>,
    flags: u64,
}

impl MemberParts {
    /// Reads the value of a key if a member has this key. Returns whether it does.
    pub(crate) fn read(&mut self, reader: &mut Reader<'_>, key: &str) -> Result<bool, DecodeError> {
        match key {
            "user" => self.user = Some(Arc::new(required(reader)?)),
            "nick" => self.nick = reader.nullable(Reader::owned)?,
            "joined_at" => self.joined_at = reader.nullable(Reader::timestamp)?,
            "roles" => {
                self.roles.clear();
                if !reader.null()? {
                    reader.array(|reader, _| {
                        self.roles.push(reader.id()?);
                        Ok(())
                    })?;
                }
            }
            "pending" => self.pending = reader.nullable(Reader::boolean)?,
            "is_pending" => self.is_pending = reader.nullable(Reader::boolean)?,
            "flags" => self.flags = reader.nullable(Reader::count)?.flatten().unwrap_or(0),
            _ => return Ok(false),
        }
        Ok(true)
    }

    pub(crate) fn finish(self, start: usize) -> Result<Member, DecodeError> {
        let Some(user) = self.user else {
            return Err(DecodeError::new(ErrorKind::Missing, start).at_key("user"));
        };
        Ok(Member {
            user,
            nick: self.nick,
            joined_at: self.joined_at,
            roles: self.roles,
            pending: self.pending.or(self.is_pending).unwrap_or(false),
            flags: MemberFlags::from_bits_retain(self.flags),
        })
    }
}

impl Member {
    /// Creates a member with nothing but a user. All fields are public.
    #[must_use]
    pub fn new(user: impl Into<Arc<User>>) -> Self {
        Self {
            user: user.into(),
            nick: None,
            joined_at: None,
            roles: Vec::new(),
            pending: false,
            flags: MemberFlags::empty(),
        }
    }

    /// Sets when the member joined.
    #[must_use]
    pub const fn with_joined_at(mut self, at: Timestamp) -> Self {
        self.joined_at = Some(at);
        self
    }

    /// Decodes a member object.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the text is not JSON, has no user, or a key has the wrong type.
    pub fn from_slice(json: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::from_slice(json)?;
        let member = Self::read(&mut reader)?;
        reader.end()?;
        Ok(member)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.skip_space();
        let start = reader.offset();
        let mut parts = MemberParts::default();
        reader.object(|reader, key, _| {
            if !parts.read(reader, key)? {
                reader.skip()?;
            }
            Ok(())
        })?;
        parts.finish(start)
    }
}

/// Decodes a list of members, such as the response of `GET /guilds/{id}/members`.
///
/// Unlike [`decode_invites`](crate::decode_invites), this fails if an element is not a member.
/// Otherwise, a member whose element was skipped would seem to have left the guild.
///
/// ```
/// let members = guestlist_model::decode_members(br#"[{"user": {"id": "7"}, "roles": []}]"#)?;
/// assert_eq!(members[0].user.id().get(), 7);
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
///
/// # Errors
///
/// [`DecodeError`] if the text is not a JSON array, or an element is not a member.
pub fn decode_members(json: &[u8]) -> Result<Vec<Member>, DecodeError> {
    let mut reader = Reader::from_slice(json)?;
    let mut members = Vec::new();
    reader.array(|reader, _| {
        members.push(Member::read(reader)?);
        Ok(())
    })?;
    reader.end()?;
    Ok(members)
}
