//! The rarer parts of an invite: applications, events, stages, roles.

use crate::entity::{Entity, entity, rare};
use crate::json::{Reader, member};
use crate::{ApplicationId, ChannelId, EventId, Field, GuildId, RoleId, User, UserId};

entity! {
    /// The application that an invite opens. It keeps the JSON text as Discord sent it.
    ///
    /// See [Discord Docs/Application Object](https://discord.com/developers/docs/resources/application#application-object).
    InviteApplication of ApplicationId, "an application";

    /// The application's name.
    name: string = "name";
    /// The hash of the icon.
    icon: field = "icon";
    /// The application's description.
    description: field = "description";
}

impl InviteApplication {
    /// Creates an application with a name. Use [`with`](Self::with) for any other key.
    #[must_use]
    pub fn new(id: ApplicationId, name: &str) -> Self {
        Self::bare(id).set("name", name)
    }

    /// The application's bot user, which some payloads have.
    #[must_use]
    pub fn bot(&self) -> Option<User> {
        rare::read(self, "bot", User::read).flatten()
    }

    /// How many users may take part; -1 means without limit.
    #[must_use]
    pub fn max_participants(&self) -> Option<i64> {
        rare::integer(self, "max_participants")
    }
}

entity! {
    /// The scheduled event that an invite shows. It keeps the JSON text as Discord sent
    /// it.
    ///
    /// See [Discord Docs/Guild Scheduled Event](https://discord.com/developers/docs/resources/guild-scheduled-event#guild-scheduled-event-object).
    ScheduledEvent of EventId, "a scheduled event";

    /// The event's name.
    name: string = "name";
    /// The event's description.
    description: field = "description";
    /// The guild of the event.
    guild_id: id<GuildId> = "guild_id";
    /// The channel of the event; external events have none.
    channel_id: id<ChannelId> = "channel_id";
    /// The user who created the event; absent for events before October 2021.
    creator_id: id<UserId> = "creator_id";
    /// When the event starts.
    starts_at: time = "scheduled_start_time";
    /// When the event ends.
    ends_at: time = "scheduled_end_time";
    /// The status: 1 scheduled, 2 active, 3 completed, 4 cancelled.
    status: integer = "status";
    /// The place: 1 stage, 2 voice channel, 3 external.
    entity_type: integer = "entity_type";
}

impl ScheduledEvent {
    /// Creates a scheduled event with a name. Use [`with`](Self::with) for any other key.
    #[must_use]
    pub fn new(id: EventId, name: &str) -> Self {
        Self::bare(id).set("name", name)
    }

    /// The hash of the event's cover.
    #[must_use]
    pub fn image(&self) -> Field<String> {
        rare::nullable_string(self, "image")
    }

    /// The location of an external event.
    #[must_use]
    pub fn location(&self) -> Option<String> {
        let metadata = self.get("entity_metadata")?;
        Reader::new(member(metadata, "location")?).owned().ok()
    }
}

entity! {
    /// The stage that was live when the invite was looked up (deprecated by Discord). It
    /// keeps the JSON text as Discord sent it.
    ///
    /// See [Discord Docs/Invite Stage Instance](https://discord.com/developers/docs/resources/invite#invite-stage-instance-object).
    InviteStage, "a stage";

    /// The topic.
    topic: string = "topic";
    /// The number of participants.
    participant_count: count = "participant_count";
    /// The number of speakers.
    speaker_count: count = "speaker_count";
}

impl InviteStage {
    /// Creates a stage with a topic. Use [`with`](Self::with) for any other key.
    #[must_use]
    pub fn new(topic: &str) -> Self {
        Self::bare().set("topic", topic)
    }

    /// The number of members that the payload lists.
    #[must_use]
    pub fn member_count(&self) -> usize {
        let mut members = 0;
        if let Some(json) = self.get("members") {
            let _ = Reader::new(json).array(|reader, _| {
                members += 1;
                reader.skip()
            });
        }
        members
    }
}

entity! {
    /// A role that an invite grants. It keeps the JSON text as Discord sent it, which may
    /// be only the id.
    ///
    /// See [Discord Docs/Role Object](https://discord.com/developers/docs/topics/permissions#role-object).
    InviteRole of RoleId, "a role";

    /// The role's name, if present.
    name: string = "name";
}

impl InviteRole {
    /// Creates a role with a name. Use [`with`](Self::with) for any other key.
    #[must_use]
    pub fn new(id: RoleId, name: &str) -> Self {
        Self::bare(id).set("name", name)
    }

    /// The position of the role in the role list.
    #[must_use]
    pub fn position(&self) -> Option<i64> {
        rare::integer(self, "position")
    }

    /// The role's colour as a number.
    #[must_use]
    pub fn color(&self) -> Option<u64> {
        rare::count(self, "color")
    }

    /// The hash of the role's icon.
    #[must_use]
    pub fn icon(&self) -> Field<String> {
        rare::nullable_string(self, "icon")
    }

    /// The emoji before the role's name.
    #[must_use]
    pub fn unicode_emoji(&self) -> Option<String> {
        rare::string(self, "unicode_emoji")
    }
}
