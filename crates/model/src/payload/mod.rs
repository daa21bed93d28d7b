//! Any payload that concerns invites, for tools that inspect them.

mod kind;
mod summary;

pub use kind::{PayloadKind, UnknownKind};

use crate::json::Reader;
use crate::{
    ApiErrorBody, AuditLog, AuditLogEntry, DecodeError, Decoder, ErrorKind, Event, Incidents,
    Invite, InviteApplication, InviteChannel, InviteGuild, InviteList, InviteStage, Member,
    MemberSearch, MemberSupplemental, MembersChunk, PartialInvite, ScheduledEvent, TargetUsersJob,
    User, Vanity, Widget,
};

/// A decoded payload of any kind.
///
/// Encoding it again loses nothing. Invites are encoded from their decoded form.
/// Everything else keeps its text, because its decoded form holds only what concerns
/// invites.
///
/// ```
/// use guestlist_model::{Content, decode_any};
///
/// let payload = decode_any(None, br#"{"code": "abc", "type": 0, "channel": null}"#)?;
/// if let Content::Invite(invite) = payload.content() {
///     assert_eq!(invite.code(), "abc");
/// }
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AnyPayload {
    kind: PayloadKind,
    content: Content,
    json: Box<str>,
    /// Where the text contains invites.
    invites: Vec<(usize, usize)>,
}

/// The content of a payload.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// An invite.
    Invite(Box<Invite>),
    /// A list of invites.
    InviteList(InviteList),
    /// Some keys of an invite.
    InviteMetadata(Box<PartialInvite>),
    /// A gateway event.
    Event(Event),
    /// A gateway frame without an event.
    NoEvent,
    /// A scheduled event, by itself or in a gateway event.
    ScheduledEvent(Box<ScheduledEvent>),
    /// Members sent in bulk.
    MembersChunk(MembersChunk),
    /// A member.
    Member(Box<Member>),
    /// A user.
    User(Box<User>),
    /// A guild.
    Guild(Box<InviteGuild>),
    /// A channel.
    Channel(Box<InviteChannel>),
    /// An application.
    Application(Box<InviteApplication>),
    /// A stage.
    Stage(Box<InviteStage>),
    /// A vanity invite.
    Vanity(Vanity),
    /// A widget or its settings.
    Widget(Widget),
    /// An audit log.
    AuditLog(AuditLog),
    /// An audit log entry.
    AuditLogEntry(Box<AuditLogEntry>),
    /// A response of the members search.
    MemberSearch(MemberSearch),
    /// How a member joined.
    MemberSupplemental(MemberSupplemental),
    /// The progress of setting target users.
    TargetUsersJob(TargetUsersJob),
    /// A guild's incident actions.
    Incidents(Incidents),
    /// An error.
    ApiError(ApiErrorBody),
}

/// Decodes a payload of the given kind, or detects the kind if it is `None`.
///
/// ```
/// use guestlist_model::{PayloadKind, decode_any};
///
/// let payload = decode_any(None, br#"{"code":"alien","uses":12}"#)?;
/// assert_eq!(payload.kind(), PayloadKind::Vanity);
/// assert_eq!(payload.summary(), "vanity invite alien, used 12 times");
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
///
/// # Errors
///
/// [`DecodeError`] if the text is not JSON, its kind is unknown, or it lacks a required
/// key. Elements of a list that are not invites do not cause an error; see
/// [`AnyPayload::failed`].
pub fn decode_any(kind: Option<PayloadKind>, json: &[u8]) -> Result<AnyPayload, DecodeError> {
    let detected = PayloadKind::detect(json)?;
    let Some(kind) = kind.or(detected) else {
        let expected = "a payload that concerns invites";
        return Err(DecodeError::new(ErrorKind::Kind { expected }, 0));
    };
    let mut invites = Vec::new();
    let content = content(kind, json, &mut invites)?;
    let text = std::str::from_utf8(json).unwrap_or_default();
    Ok(AnyPayload {
        kind,
        content,
        json: Box::from(text),
        invites,
    })
}

fn content(
    kind: PayloadKind,
    json: &[u8],
    invites: &mut Vec<(usize, usize)>,
) -> Result<Content, DecodeError> {
    let event = |name| Event::from_parts(name, json).map(Content::Event);
    Ok(match kind {
        PayloadKind::Invite => Content::Invite(Box::new(Invite::from_slice(json)?)),
        PayloadKind::InviteList => {
            let list = crate::decode_invites(json)?;
            let mut reader = Reader::from_slice(json)?;
            reader.array(|reader, index| {
                reader.skip_space();
                let start = reader.offset();
                reader.skip()?;
                if list.failed.iter().all(|(failed, _)| *failed != index) {
                    invites.push((start, reader.offset()));
                }
                Ok(())
            })?;
            Content::InviteList(list)
        }
        PayloadKind::InviteMetadata => {
            Content::InviteMetadata(Box::new(PartialInvite::from_slice(json)?))
        }
        PayloadKind::InviteCreate => event("INVITE_CREATE")?,
        PayloadKind::InviteDelete => event("INVITE_DELETE")?,
        PayloadKind::MemberAdd => event("GUILD_MEMBER_ADD")?,
        PayloadKind::MemberUpdate => event("GUILD_MEMBER_UPDATE")?,
        PayloadKind::MemberRemove => event("GUILD_MEMBER_REMOVE")?,
        PayloadKind::Frame => frame(json, invites)?,
        PayloadKind::MembersChunk => Content::MembersChunk(MembersChunk::from_slice(json)?),
        PayloadKind::Member => Content::Member(Box::new(Member::from_slice(json)?)),
        PayloadKind::User => Content::User(Box::new(User::from_slice(json)?)),
        PayloadKind::Guild => Content::Guild(Box::new(InviteGuild::from_slice(json)?)),
        PayloadKind::Channel => Content::Channel(Box::new(InviteChannel::from_slice(json)?)),
        PayloadKind::Application => {
            Content::Application(Box::new(InviteApplication::from_slice(json)?))
        }
        PayloadKind::ScheduledEvent => {
            Content::ScheduledEvent(Box::new(ScheduledEvent::from_slice(json)?))
        }
        PayloadKind::Stage => Content::Stage(Box::new(InviteStage::from_slice(json)?)),
        PayloadKind::Vanity => Content::Vanity(Vanity::from_slice(json)?),
        PayloadKind::Widget => Content::Widget(Widget::from_slice(json)?),
        PayloadKind::AuditLog => Content::AuditLog(AuditLog::from_slice(json)?),
        PayloadKind::AuditLogEntry => {
            Content::AuditLogEntry(Box::new(AuditLogEntry::from_slice(json)?))
        }
        PayloadKind::MemberSearch => Content::MemberSearch(MemberSearch::from_slice(json)?),
        PayloadKind::MemberSupplemental => {
            Content::MemberSupplemental(MemberSupplemental::from_slice(json)?)
        }
        PayloadKind::TargetUsersJob => Content::TargetUsersJob(TargetUsersJob::from_slice(json)?),
        PayloadKind::Incidents => Content::Incidents(Incidents::from_slice(json)?),
        PayloadKind::ApiError => Content::ApiError(ApiErrorBody::from_slice(json)?),
    })
}

/// Decodes a frame. Some events are decoded only here.
fn frame(json: &[u8], invites: &mut Vec<(usize, usize)>) -> Result<Content, DecodeError> {
    let mut name = None;
    let mut data = None;
    let mut reader = Reader::from_slice(json)?;
    reader.object(|reader, key, _| {
        match key {
            "t" => name = reader.nullable(Reader::owned)?,
            "d" => {
                reader.skip_space();
                let mark = reader.mark();
                reader.skip()?;
                data = Some((mark, reader.offset()));
            }
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    let (Some(name), Some((mark, end))) = (name, data) else {
        return whole(json);
    };
    let at_data = |error: DecodeError| error.at_key("d");
    match name.as_str() {
        "GUILD_MEMBERS_CHUNK" => {
            reader.rewind(mark);
            MembersChunk::read(&mut reader)
                .map(Content::MembersChunk)
                .map_err(at_data)
        }
        "GUILD_SCHEDULED_EVENT_CREATE"
        | "GUILD_SCHEDULED_EVENT_UPDATE"
        | "GUILD_SCHEDULED_EVENT_DELETE" => {
            reader.rewind(mark);
            crate::entity::required(&mut reader)
                .map(|event| Content::ScheduledEvent(Box::new(event)))
                .map_err(at_data)
        }
        _ => {
            if name == "INVITE_CREATE" {
                invites.push((mark.0, end));
            }
            whole(json)
        }
    }
}

fn whole(json: &[u8]) -> Result<Content, DecodeError> {
    let frame = Decoder::new().frame(json)?;
    Ok(frame.map_or(Content::NoEvent, |frame| Content::Event(frame.event)))
}

impl AnyPayload {
    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> PayloadKind {
        self.kind
    }

    /// The content.
    #[must_use]
    pub const fn content(&self) -> &Content {
        &self.content
    }

    /// The text it was decoded from.
    #[must_use]
    pub fn original(&self) -> &str {
        &self.json
    }

    /// The index and the error of each element of a list that is not an invite.
    #[must_use]
    pub fn failed(&self) -> &[(usize, DecodeError)] {
        match &self.content {
            Content::InviteList(list) => &list.failed,
            _ => &[],
        }
    }

    /// The invites in the payload.
    #[must_use]
    pub fn invites(&self) -> Vec<&Invite> {
        match &self.content {
            Content::Invite(invite) => vec![invite],
            Content::InviteList(list) => list.invites.iter().collect(),
            Content::Event(Event::InviteCreate(invite)) => vec![invite.invite()],
            _ => Vec::new(),
        }
    }

    /// The JSON text, encoded again.
    #[must_use]
    pub fn to_json(&self) -> String {
        let json = self.json.strip_prefix('\u{feff}').unwrap_or(&self.json);
        match &self.content {
            Content::Invite(invite) => invite.to_json(),
            Content::InviteMetadata(partial) => partial.to_json(),
            Content::Event(Event::InviteCreate(invite)) if self.invites.is_empty() => {
                invite.to_json()
            }
            _ if self.invites.is_empty() => json.to_owned(),
            _ => {
                // The invites in it encoded again, all around them as it was.
                let mut out = String::with_capacity(self.json.len());
                let mut done = self.json.len() - json.len();
                for ((start, end), invite) in self.invites.iter().zip(self.invites()) {
                    out.push_str(self.json.get(done..*start).unwrap_or_default());
                    invite.write(&mut out);
                    done = *end;
                }
                out.push_str(self.json.get(done..).unwrap_or_default());
                out
            }
        }
    }

    /// The JSON as a value, decoded from [`to_json`](Self::to_json).
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        crate::json::to_value(&self.to_json()).unwrap_or_default()
    }

    /// Whether encoding it again gives the same JSON value.
    #[must_use]
    pub fn is_lossless(&self) -> bool {
        crate::json::to_value(&self.json).is_ok_and(|original| original == self.to_value())
    }

    /// A summary for people, in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        summary::of(&self.content)
    }
}
