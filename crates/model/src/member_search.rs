//! Results of the members search, which say how members joined.

use serde::{Deserialize, Serialize};

use crate::json::Reader;
use crate::{DecodeError, ErrorKind, InviteCode, Member, Unnamed, UserId};

/// How a member joined, according to Discord.
///
/// ```
/// use guestlist_model::JoinSource;
///
/// assert_eq!(JoinSource::from(3), JoinSource::Discovery);
/// assert_eq!(JoinSource::Invite.number(), 5);
/// // A number without a name is kept.
/// assert_eq!(JoinSource::from(99).number(), 99);
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(from = "i64", into = "i64")]
#[non_exhaustive]
pub enum JoinSource {
    /// Not specified (0).
    #[default]
    Unspecified,
    /// Added by a bot through OAuth2 (1).
    Bot,
    /// Through an integration like Twitch (2).
    Integration,
    /// Through discovery (3).
    Discovery,
    /// Through a student hub (4).
    Hub,
    /// Through an invite (5). Discord also reports vanity invites this way at times.
    Invite,
    /// Through the vanity invite (6).
    Vanity,
    /// Through a manual verification (7).
    ManualVerification,
    /// Through a linked lobby (8).
    LinkedLobby,
    /// A way that this version has no name for.
    Unknown(Unnamed),
}

impl JoinSource {
    /// Discord's number for it.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Unspecified => 0,
            Self::Bot => 1,
            Self::Integration => 2,
            Self::Discovery => 3,
            Self::Hub => 4,
            Self::Invite => 5,
            Self::Vanity => 6,
            Self::ManualVerification => 7,
            Self::LinkedLobby => 8,
            Self::Unknown(number) => number.get(),
        }
    }
}

impl From<JoinSource> for i64 {
    fn from(it: JoinSource) -> Self {
        it.number()
    }
}

impl From<i64> for JoinSource {
    fn from(number: i64) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Bot,
            2 => Self::Integration,
            3 => Self::Discovery,
            4 => Self::Hub,
            5 => Self::Invite,
            6 => Self::Vanity,
            7 => Self::ManualVerification,
            8 => Self::LinkedLobby,
            other => Self::Unknown(Unnamed::new(other)),
        }
    }
}

/// How a member joined: the part that members-search and member-supplemental have in
/// common.
///
/// ```
/// use guestlist_model::{JoinSource, MemberSearch};
///
/// let json = br#"{"members": [{"member": {"user": {"id": "7"}, "roles": []},
///     "join_source_type": 6, "source_invite_code": "rust"}], "total_result_count": 1}"#;
/// let MemberSearch::Found { members, .. } = MemberSearch::from_slice(json)? else { panic!() };
/// let joined = &members[0].joined;
/// assert_eq!(joined.source, JoinSource::Vanity);
/// assert!(joined.code.as_ref().is_some_and(|code| *code == "rust"));
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct JoinDetails {
    /// The way.
    pub source: JoinSource,
    /// The code, if the member joined through an invite.
    pub code: Option<InviteCode>,
    /// The user who created the invite, or who added the bot.
    pub inviter_id: Option<UserId>,
    /// The type of the integration, if the member joined through one.
    pub integration_type: Option<i64>,
}

impl JoinDetails {
    /// Reads the value of a key if it is one of these. Returns whether it is.
    pub(crate) fn read(&mut self, reader: &mut Reader<'_>, key: &str) -> Result<bool, DecodeError> {
        match key {
            "join_source_type" => {
                self.source = reader
                    .nullable(Reader::integer)?
                    .flatten()
                    .unwrap_or(0)
                    .into();
            }
            // What is no code names no invite; the rest is still worth having.
            "source_invite_code" => {
                self.code = reader
                    .nullable(Reader::owned)?
                    .and_then(|code| code.parse().ok());
            }
            "inviter_id" => self.inviter_id = reader.nullable(Reader::id)?,
            "integration_type" => {
                self.integration_type = reader.nullable(Reader::integer)?.flatten();
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// A result of the members search.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SearchedMember {
    /// The member.
    pub member: Member,
    /// How the member joined.
    pub joined: JoinDetails,
}

/// How a user joined: a response of the member-supplemental endpoint, which bots cannot
/// use.
///
/// ```
/// use guestlist_model::{JoinSource, MemberSupplemental};
///
/// let member = MemberSupplemental::from_slice(br#"{"user_id": "7", "join_source_type": 5,
///     "source_invite_code": "abc", "inviter_id": "9"}"#)?;
/// assert_eq!(member.joined.source, JoinSource::Invite);
/// assert_eq!(member.joined.inviter_id.map(|user| user.get()), Some(9));
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MemberSupplemental {
    /// The user.
    pub user_id: UserId,
    /// How the member joined.
    pub joined: JoinDetails,
}

impl MemberSupplemental {
    /// Decodes an element of the response.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the text is not JSON, has no user, or a key has the wrong type.
    pub fn from_slice(json: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::from_slice(json)?;
        let mut user_id = None;
        let mut joined = JoinDetails::default();
        reader.object(|reader, key, _| {
            if key == "user_id" {
                user_id = Some(reader.id()?);
            } else if !joined.read(reader, key)? {
                reader.skip()?;
            }
            Ok(())
        })?;
        reader.end()?;
        match user_id {
            Some(user_id) => Ok(Self { user_id, joined }),
            None => Err(DecodeError::new(ErrorKind::Missing, 0).at_key("user_id")),
        }
    }
}

/// The response of `POST /guilds/{id}/members-search`.
///
/// ```
/// use guestlist_model::MemberSearch;
///
/// let search = MemberSearch::from_slice(br#"{"guild_id": "1", "members": [{
///     "member": {"user": {"id": "2", "username": "ferris"}, "roles": []},
///     "source_invite_code": "hB6mWNqr", "join_source_type": 5, "inviter_id": "3"
/// }], "page_result_count": 1, "total_result_count": 1}"#)?;
/// let MemberSearch::Found { members, total } = search else { panic!() };
/// assert_eq!((members.len(), total), (1, Some(1)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MemberSearch {
    /// The search succeeded; it may have found nobody.
    Found {
        /// The members.
        members: Vec<SearchedMember>,
        /// How many members match in total; `members` is one page of them.
        total: Option<u64>,
    },
    /// Discord has not indexed the guild yet (status 202).
    NotIndexed {
        /// How many milliseconds to wait before the next try, if Discord says so.
        retry_after_ms: Option<u64>,
    },
}

/// Discord's code for an index that is not ready.
const NOT_INDEXED: u64 = 110_000;

impl MemberSearch {
    /// Decodes a response body.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the body is not JSON, is neither of the two, or a key has the
    /// wrong type.
    pub fn from_slice(json: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::from_slice(json)?;
        let mut members = None;
        let mut total = None;
        let mut code = None;
        let mut retry_after_ms = None;
        reader.object(|reader, key, _| {
            match key {
                "members" => {
                    let mut found = Vec::new();
                    reader.array(|reader, _| {
                        found.push(searched(reader)?);
                        Ok(())
                    })?;
                    members = Some(found);
                }
                "total_result_count" => total = reader.nullable(Reader::count)?.flatten(),
                "code" => code = reader.nullable(Reader::count)?.flatten(),
                "retry_after" => retry_after_ms = reader.nullable(millis)?.flatten(),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        reader.end()?;
        match (members, code) {
            (Some(members), _) => Ok(Self::Found { members, total }),
            (None, Some(NOT_INDEXED)) => Ok(Self::NotIndexed { retry_after_ms }),
            (None, _) => Err(DecodeError::new(ErrorKind::Missing, 0).at_key("members")),
        }
    }
}

fn searched(reader: &mut Reader<'_>) -> Result<SearchedMember, DecodeError> {
    reader.skip_space();
    let start = reader.offset();
    let mut member = None;
    let mut joined = JoinDetails::default();
    reader.object(|reader, key, _| {
        if key == "member" {
            member = Some(Member::read(reader)?);
        } else if !joined.read(reader, key)? {
            reader.skip()?;
        }
        Ok(())
    })?;
    match member {
        Some(member) => Ok(SearchedMember { member, joined }),
        None => Err(DecodeError::new(ErrorKind::Missing, start).at_key("member")),
    }
}

/// Reads seconds, which may have a fraction, as milliseconds.
pub(crate) fn millis(reader: &mut Reader<'_>) -> Result<Option<u64>, DecodeError> {
    let (text, _) = reader.number()?;
    let secs: Option<f64> = text.parse().ok();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float saturates when cast, and is not negative"
    )]
    Ok(secs
        .filter(|secs| *secs >= 0.0)
        .map(|secs| (secs * 1_000.0).ceil() as u64))
}
