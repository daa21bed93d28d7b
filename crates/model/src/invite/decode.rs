//! From JSON to an invite.

use std::sync::Arc;

use super::key::Key;
use super::{Data, Invite, InviteList};
use crate::entity::Entity;
use crate::json::{KeyTable, Kind, Reader};
use crate::{
    DecodeError, ErrorKind, InviteApplication, InviteChannel, InviteCode, InviteGuild, InviteRole,
    InviteStage, ScheduledEvent, User,
};

type Result<T> = std::result::Result<T, DecodeError>;

/// Decodes invites and remembers the guilds, channels and users in them. An entity that
/// appears again with the same text is shared instead of decoded again.
///
/// Use one decoder for many payloads to share more. The number of entities that it
/// remembers is bounded. Its results are never stale: an entity whose text has changed is
/// decoded again.
///
/// ```
/// use std::sync::Arc;
///
/// use guestlist_model::Decoder;
///
/// let mut decoder = Decoder::new();
/// let first = decoder.invite(br#"{"code": "abc", "guild": {"id": "1", "name": "Rust"}}"#)?;
/// let second = decoder.invite(br#"{"code": "def", "guild": {"id": "1", "name": "Rust"}}"#)?;
/// let (Some(one), Some(other)) = (first.guild(), second.guild()) else { panic!() };
/// assert!(Arc::ptr_eq(one, other));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct Decoder {
    guilds: Recent<InviteGuild>,
    channels: Recent<InviteChannel>,
    users: Recent<User>,
    /// The members of the current invite that are kept as text.
    rest: String,
    /// The same for the last invite that had such members.
    last_rest: Option<Arc<str>>,
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder").finish_non_exhaustive()
    }
}

impl Decoder {
    /// Creates an empty decoder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A decoder for one payload: it remembers nothing, which takes less time.
    pub(crate) fn once() -> Self {
        Self {
            guilds: Recent::forgetful(),
            channels: Recent::forgetful(),
            users: Recent::forgetful(),
            ..Self::default()
        }
    }

    /// Decodes one invite.
    ///
    /// # Errors
    ///
    /// As [`Invite::from_slice`].
    pub fn invite(&mut self, json: &[u8]) -> Result<Invite> {
        let mut reader = Reader::from_slice(json)?;
        let invite = self.read(&mut reader)?;
        reader.end()?;
        Ok(invite)
    }

    /// Decodes a list of invites.
    ///
    /// # Errors
    ///
    /// As [`decode_invites`](crate::decode_invites).
    pub fn invites(&mut self, json: &[u8]) -> Result<InviteList> {
        super::list::decode(self, json)
    }

    /// Reads an invite.
    pub(crate) fn read(&mut self, reader: &mut Reader<'_>) -> Result<Invite> {
        reader.skip_space();
        let start = reader.offset();
        let (code, data) = self.read_partial(reader)?;
        match code {
            Some(code) => Ok(Invite { code, data }),
            None => Err(DecodeError::new(ErrorKind::Missing, start).at_key("code")),
        }
    }

    /// Reads an invite that may lack a code.
    pub(super) fn read_partial(
        &mut self,
        reader: &mut Reader<'_>,
    ) -> Result<(Option<InviteCode>, Data)> {
        self.rest.clear();
        let mut decoding = Decoding {
            data: Data::default(),
            code: None,
            decoder: self,
        };
        reader.object_of(&KEYS, |reader, index, _, start| {
            decoding.member(reader, Key::ALL.get(index).copied(), start)
        })?;
        let Decoding { mut data, code, .. } = decoding;
        if !self.rest.is_empty() {
            let rest = match &self.last_rest {
                Some(last) if **last == *self.rest => Arc::clone(last),
                _ => Arc::from(self.rest.as_str()),
            };
            data.rest = Some(Arc::clone(&rest));
            self.last_rest = Some(rest);
        }
        Ok((code, data))
    }
}

static KEYS: KeyTable<{ Key::ALL.len() }> = KeyTable::new(&Key::NAMES);

/// An invite that is being decoded.
struct Decoding<'d> {
    data: Data,
    code: Option<InviteCode>,
    decoder: &'d mut Decoder,
}

impl Decoding<'_> {
    #[inline]
    fn member(&mut self, reader: &mut Reader<'_>, key: Option<Key>, start: usize) -> Result<()> {
        let Some(key) = key else {
            reader.skip()?;
            self.keep(reader, start);
            return Ok(());
        };
        if key != Key::Code && reader.null()? {
            self.null(key);
            self.mark(key, true, reader, start);
            self.data.null.set(key);
            return Ok(());
        }
        let faithful = self.value(reader, key)?;
        self.mark(key, faithful, reader, start);
        Ok(())
    }

    /// Reads the value of a known key. Returns whether the typed form holds everything.
    fn value(&mut self, reader: &mut Reader<'_>, key: Key) -> Result<bool> {
        let data = &mut self.data;
        match key {
            Key::Code => self.code = Some(reader.code()?),
            Key::Type => return small(reader, &mut data.kind),
            Key::TargetType => return small(reader, &mut data.target_type),
            Key::TargetUserType => return small(reader, &mut data.target_user_type),
            Key::Uses => return number(reader, &mut data.uses),
            Key::MaxUses => return number(reader, &mut data.max_uses),
            Key::MaxAge => return number(reader, &mut data.max_age),
            Key::Flags => return number(reader, &mut data.flags),
            Key::Temporary => data.temporary = reader.boolean()?,
            Key::CreatedAt => {
                let (at, form) = reader.timestamp_form()?;
                data.created_at = at;
                data.created_form = form.unwrap_or(data.created_form);
                return Ok(form.is_some());
            }
            Key::ExpiresAt => {
                let (at, form) = reader.timestamp_form()?;
                data.expires_at = at;
                data.expires_form = form.unwrap_or(data.expires_form);
                return Ok(form.is_some());
            }
            Key::GuildId => {
                let (id, faithful) = reader.id_form()?;
                data.guild_id = Some(id);
                return Ok(faithful);
            }
            Key::ChannelId => {
                let (id, faithful) = reader.id_form()?;
                data.channel_id = Some(id);
                return Ok(faithful);
            }
            Key::Guild => {
                data.guild = self.decoder.guilds.read(reader)?;
                return Ok(data.guild.is_some());
            }
            Key::Channel => {
                data.channel = self.decoder.channels.read(reader)?;
                return Ok(data.channel.is_some());
            }
            Key::Inviter => {
                data.inviter = self.decoder.users.read(reader)?;
                return Ok(data.inviter.is_some());
            }
            Key::TargetUser => {
                let user = self.decoder.users.read(reader)?;
                let faithful = user.is_some();
                data.side_mut().target_user = user;
                return Ok(faithful);
            }
            Key::TargetApplication => {
                let application = InviteApplication::read(reader)?.map(Arc::new);
                let faithful = application.is_some();
                data.side_mut().target_application = application;
                return Ok(faithful);
            }
            Key::ScheduledEvent => {
                let event = ScheduledEvent::read(reader)?.map(Arc::new);
                let faithful = event.is_some();
                data.side_mut().scheduled_event = event;
                return Ok(faithful);
            }
            Key::StageInstance => {
                let stage = InviteStage::read(reader)?.map(Arc::new);
                data.side_mut().stage_instance = stage;
            }
            Key::Roles => {
                let mut roles = Vec::new();
                let mut faithful = true;
                reader.array(|reader, _| {
                    match InviteRole::read(reader)? {
                        Some(role) => roles.push(Arc::new(role)),
                        None => faithful = false,
                    }
                    Ok(())
                })?;
                data.side_mut().roles = roles;
                return Ok(faithful);
            }
            Key::RoleIds => {
                let mut ids = Vec::new();
                let mut faithful = true;
                reader.array(|reader, _| {
                    let (id, same) = reader.id_form()?;
                    ids.push(id);
                    faithful &= same;
                    Ok(())
                })?;
                data.side_mut().role_ids = ids;
                return Ok(faithful);
            }
            Key::MemberCount => {
                let count = reader.count()?;
                data.side_mut().member_count = count.unwrap_or(0);
                return Ok(count.is_some());
            }
            Key::PresenceCount => {
                let count = reader.count()?;
                data.side_mut().presence_count = count.unwrap_or(0);
                return Ok(count.is_some());
            }
        }
        Ok(true)
    }

    /// Removes the value of a key that is repeated as null.
    fn null(&mut self, key: Key) {
        let data = &mut self.data;
        if !data.present.has(key) {
            return;
        }
        data.forget(key);
    }

    fn mark(&mut self, key: Key, faithful: bool, reader: &Reader<'_>, start: usize) {
        let data = &mut self.data;
        data.present.set(key);
        data.null.clear(key);
        // A key that was kept as text remains so: the last of several texts counts.
        if !faithful || data.kept.has(key) {
            data.kept.set(key);
            self.keep(reader, start);
        }
    }

    /// Keeps the member that was just read as text.
    fn keep(&mut self, reader: &Reader<'_>, start: usize) {
        let rest = &mut self.decoder.rest;
        if !rest.is_empty() {
            rest.push(',');
        }
        rest.push_str(reader.slice(start, reader.offset()));
    }
}

impl Data {
    /// Removes the typed value of a key.
    pub(super) fn forget(&mut self, key: Key) {
        match key {
            Key::Guild => self.guild = None,
            Key::GuildId => self.guild_id = None,
            Key::Channel => self.channel = None,
            Key::ChannelId => self.channel_id = None,
            Key::Inviter => self.inviter = None,
            Key::TargetUser
            | Key::TargetApplication
            | Key::ScheduledEvent
            | Key::StageInstance
            | Key::Roles
            | Key::RoleIds => {
                let side = self.side_mut();
                match key {
                    Key::TargetUser => side.target_user = None,
                    Key::TargetApplication => side.target_application = None,
                    Key::ScheduledEvent => side.scheduled_event = None,
                    Key::StageInstance => side.stage_instance = None,
                    Key::Roles => side.roles.clear(),
                    _ => side.role_ids.clear(),
                }
            }
            // Numbers, timestamps and flags are only returned if the key has a value.
            _ => {}
        }
    }
}

/// Reads a number into 32 bits if it fits.
#[inline]
fn number(reader: &mut Reader<'_>, into: &mut u32) -> Result<bool> {
    match reader.count()?.map(u32::try_from) {
        Some(Ok(value)) => {
            *into = value;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Reads a number into 8 bits if it fits.
#[inline]
fn small(reader: &mut Reader<'_>, into: &mut u8) -> Result<bool> {
    match reader.count()?.map(u8::try_from) {
        Some(Ok(value)) => {
            *into = value;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Recently decoded entities, indexed by the start of their text.
struct Recent<T> {
    /// Whether nothing is remembered.
    forgets: bool,
    last: Option<Arc<T>>,
    /// Each entity is in the slot that the start of its text hashes to. Empty until two
    /// were seen.
    slots: Vec<Option<Arc<T>>>,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self {
            forgets: false,
            last: None,
            slots: Vec::new(),
        }
    }
}

const SLOTS: usize = 1 << 9;

impl<T: Entity> Recent<T> {
    fn forgetful() -> Self {
        Self {
            forgets: true,
            ..Self::default()
        }
    }

    /// Reads an entity: by comparison if it was seen before, by decoding otherwise.
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<Option<Arc<T>>> {
        if reader.kind()? != Kind::Object {
            return Err(reader.wrong_type(T::NAME));
        }
        if self.forgets {
            return Ok(T::read(reader)?.map(Arc::new));
        }
        if let Some(last) = &self.last
            && let Some(text) = last.text().whole()
            && reader.take_exact(text)
        {
            return Ok(Some(Arc::clone(last)));
        }
        let slot = slot(reader);
        if let Some(Some(seen)) = self.slots.get(slot)
            && let Some(text) = seen.text().whole()
            && reader.take_exact(text)
        {
            self.last = Some(Arc::clone(seen));
            return Ok(Some(Arc::clone(seen)));
        }
        let Some(entity) = T::read_whole(reader)?.map(Arc::new) else {
            return Ok(None);
        };
        if self.last.is_some() {
            if self.slots.is_empty() {
                self.slots.resize(SLOTS, None);
            }
            if let Some(place) = self.slots.get_mut(slot) {
                *place = Some(Arc::clone(&entity));
            }
        }
        self.last = Some(Arc::clone(&entity));
        Ok(Some(entity))
    }
}

/// The slot of the text that comes next. As Discord usually writes entities, their first
/// 32 bytes contain the id. If they do not, entities are shared less often.
fn slot(reader: &Reader<'_>) -> usize {
    let start = reader.bytes().get(reader.offset()..).unwrap_or_default();
    let mut hash = 0u64;
    for chunk in start.chunks_exact(8).take(4) {
        let word = chunk.try_into().map_or(0, u64::from_le_bytes);
        hash = (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    usize::try_from(hash >> 55).unwrap_or(0) % SLOTS
}
