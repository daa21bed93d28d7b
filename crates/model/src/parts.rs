//! The rarer parts of an invite: applications, events, stages, roles.

use crate::entity::{Entity, entity, rare};
use crate::json::{Builder, Reader, Span, Text, member};
use crate::{
    ApplicationId, ChannelId, DecodeError, EventId, Field, GuildId, RoleId, Timestamp, User, UserId,
};

/// The application that an invite opens, kept as it was sent.
///
/// See [Discord Docs/Application Object](https://discord.com/developers/docs/resources/application#application-object).
#[derive(Clone)]
pub struct InviteApplication {
    text: Text,
    id: ApplicationId,
    name: Span,
    icon: Span,
    description: Span,
}

entity!(InviteApplication);

impl Entity for InviteApplication {
    const NAME: &'static str = "an application";

    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let mut text = Builder::new(reader);
        let mut id = None;
        let mut name = Span::ABSENT;
        let mut icon = Span::ABSENT;
        let mut description = Span::ABSENT;
        reader.object(|reader, key, _| {
            match key {
                "id" => id = reader.nullable(Reader::id)?,
                "name" => name = text.string(reader)?,
                "icon" => icon = text.string(reader)?,
                "description" => description = text.string(reader)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let Some(id) = id else { return Ok(None) };
        let text = text.finish(reader);
        Ok(Some(Self {
            text,
            id,
            name,
            icon,
            description,
        }))
    }

    fn text(&self) -> &Text {
        &self.text
    }
}

impl InviteApplication {
    /// The application's id.
    #[must_use]
    pub const fn id(&self) -> ApplicationId {
        self.id
    }

    /// The application's name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.text.get(self.name)
    }

    /// The hash of the icon.
    #[must_use]
    pub fn icon(&self) -> Field<&str> {
        self.text.field(self.icon)
    }

    /// What the application says about itself.
    #[must_use]
    pub fn description(&self) -> Field<&str> {
        self.text.field(self.description)
    }

    /// The application's bot user, which some payloads have.
    #[must_use]
    pub fn bot(&self) -> Option<User> {
        rare::read(&self.text, "bot", User::read).flatten()
    }

    /// How many may take part; -1 for no limit.
    #[must_use]
    pub fn max_participants(&self) -> Option<i64> {
        rare::integer(&self.text, "max_participants")
    }
}

/// The scheduled event that an invite shows, kept as it was sent.
///
/// See [Discord Docs/Guild Scheduled Event](https://discord.com/developers/docs/resources/guild-scheduled-event#guild-scheduled-event-object).
#[derive(Clone)]
pub struct ScheduledEvent {
    text: Text,
    id: EventId,
    name: Span,
    description: Span,
    guild_id: Option<GuildId>,
    channel_id: Option<ChannelId>,
    creator_id: Option<UserId>,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    status: Option<i64>,
    entity_type: Option<i64>,
}

entity!(ScheduledEvent);

impl Entity for ScheduledEvent {
    const NAME: &'static str = "a scheduled event";

    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let mut text = Builder::new(reader);
        let mut id = None;
        let mut name = Span::ABSENT;
        let mut description = Span::ABSENT;
        let mut guild_id = None;
        let mut channel_id = None;
        let mut creator_id = None;
        let mut starts_at = None;
        let mut ends_at = None;
        let mut status = None;
        let mut entity_type = None;
        reader.object(|reader, key, _| {
            match key {
                "id" => id = reader.nullable(Reader::id)?,
                "name" => name = text.string(reader)?,
                "description" => description = text.string(reader)?,
                "guild_id" => guild_id = reader.nullable(Reader::id)?,
                "channel_id" => channel_id = reader.nullable(Reader::id)?,
                "creator_id" => creator_id = reader.nullable(Reader::id)?,
                "scheduled_start_time" => starts_at = reader.nullable(Reader::timestamp)?,
                "scheduled_end_time" => ends_at = reader.nullable(Reader::timestamp)?,
                "status" => status = reader.nullable(Reader::integer)?.flatten(),
                "entity_type" => entity_type = reader.nullable(Reader::integer)?.flatten(),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let Some(id) = id else { return Ok(None) };
        let text = text.finish(reader);
        Ok(Some(Self {
            text,
            id,
            name,
            description,
            guild_id,
            channel_id,
            creator_id,
            starts_at,
            ends_at,
            status,
            entity_type,
        }))
    }

    fn text(&self) -> &Text {
        &self.text
    }
}

impl ScheduledEvent {
    /// The event's id.
    #[must_use]
    pub const fn id(&self) -> EventId {
        self.id
    }

    /// The event's name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.text.get(self.name)
    }

    /// What the event says about itself.
    #[must_use]
    pub fn description(&self) -> Field<&str> {
        self.text.field(self.description)
    }

    /// The guild of the event.
    #[must_use]
    pub const fn guild_id(&self) -> Option<GuildId> {
        self.guild_id
    }

    /// The channel of the event; events elsewhere have none.
    #[must_use]
    pub const fn channel_id(&self) -> Option<ChannelId> {
        self.channel_id
    }

    /// Who made the event; not told for events before October 2021.
    #[must_use]
    pub const fn creator_id(&self) -> Option<UserId> {
        self.creator_id
    }

    /// When the event starts.
    #[must_use]
    pub const fn starts_at(&self) -> Option<Timestamp> {
        self.starts_at
    }

    /// When the event ends.
    #[must_use]
    pub const fn ends_at(&self) -> Option<Timestamp> {
        self.ends_at
    }

    /// 1 scheduled, 2 active, 3 completed, 4 cancelled.
    #[must_use]
    pub const fn status(&self) -> Option<i64> {
        self.status
    }

    /// 1 stage, 2 voice, 3 elsewhere.
    #[must_use]
    pub const fn entity_type(&self) -> Option<i64> {
        self.entity_type
    }

    /// Where the event is, if it is not in Discord.
    #[must_use]
    pub fn location(&self) -> Option<String> {
        let metadata = self.get("entity_metadata")?;
        Reader::new(member(metadata, "location")?).owned().ok()
    }
}

/// The stage that was live when the invite was looked up (deprecated by Discord), kept
/// as it was sent.
///
/// See [Discord Docs/Invite Stage Instance](https://discord.com/developers/docs/resources/invite#invite-stage-instance-object).
#[derive(Clone)]
pub struct InviteStage {
    text: Text,
    topic: Span,
    participant_count: Option<u64>,
    speaker_count: Option<u64>,
}

entity!(InviteStage);

impl Entity for InviteStage {
    const NAME: &'static str = "a stage";

    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let mut text = Builder::new(reader);
        let mut topic = Span::ABSENT;
        let mut participant_count = None;
        let mut speaker_count = None;
        reader.object(|reader, key, _| {
            match key {
                "topic" => topic = text.string(reader)?,
                "participant_count" => {
                    participant_count = reader.nullable(Reader::count)?.flatten();
                }
                "speaker_count" => speaker_count = reader.nullable(Reader::count)?.flatten(),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let text = text.finish(reader);
        Ok(Some(Self {
            text,
            topic,
            participant_count,
            speaker_count,
        }))
    }

    fn text(&self) -> &Text {
        &self.text
    }
}

impl InviteStage {
    /// What is talked about.
    #[must_use]
    pub fn topic(&self) -> Option<&str> {
        self.text.get(self.topic)
    }

    /// How many are there.
    #[must_use]
    pub const fn participant_count(&self) -> Option<u64> {
        self.participant_count
    }

    /// How many may speak.
    #[must_use]
    pub const fn speaker_count(&self) -> Option<u64> {
        self.speaker_count
    }

    /// How many speakers the payload names.
    #[must_use]
    pub fn member_count(&self) -> usize {
        let mut members = 0;
        if let Some(json) = member(self.json(), "members") {
            let _ = Reader::new(json).array(|reader, _| {
                members += 1;
                reader.skip()
            });
        }
        members
    }
}

/// A role that an invite grants, kept as it was sent: sometimes only its id.
///
/// See [Discord Docs/Role Object](https://discord.com/developers/docs/topics/permissions#role-object).
#[derive(Clone)]
pub struct InviteRole {
    text: Text,
    id: RoleId,
    name: Span,
}

entity!(InviteRole);

impl Entity for InviteRole {
    const NAME: &'static str = "a role";

    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let mut text = Builder::new(reader);
        let mut id = None;
        let mut name = Span::ABSENT;
        reader.object(|reader, key, _| {
            match key {
                "id" => id = reader.nullable(Reader::id)?,
                "name" => name = text.string(reader)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let Some(id) = id else { return Ok(None) };
        let text = text.finish(reader);
        Ok(Some(Self { text, id, name }))
    }

    fn text(&self) -> &Text {
        &self.text
    }
}

impl InviteRole {
    /// The role's id.
    #[must_use]
    pub const fn id(&self) -> RoleId {
        self.id
    }

    /// The role's name, if told.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.text.get(self.name)
    }

    /// The place of the role in the order of roles.
    #[must_use]
    pub fn position(&self) -> Option<i64> {
        rare::integer(&self.text, "position")
    }

    /// The role's colour as a number.
    #[must_use]
    pub fn color(&self) -> Option<u64> {
        rare::count(&self.text, "color")
    }

    /// The emoji before the role's name.
    #[must_use]
    pub fn unicode_emoji(&self) -> Option<String> {
        rare::string(&self.text, "unicode_emoji")
    }
}
