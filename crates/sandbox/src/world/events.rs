//! Scheduled events, which an invite can point to.

use std::sync::Arc;

use super::{Effect, EventKind, Micros, Refusal, User, World};

/// At most so many at a time.
const MOST_EVENTS: usize = 100;

/// A scheduled event to create.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct NewScheduledEvent {
    /// The name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// The voice or stage channel.
    pub channel_id: Option<u64>,
    /// The place, if it is not in a channel.
    pub location: Option<String>,
    /// When it starts.
    pub starts_at: Micros,
    /// When it ends.
    pub ends_at: Option<Micros>,
    /// The user who creates it; the owner of the guild if absent.
    pub creator_id: Option<u64>,
}

/// A scheduled event of a guild.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ScheduledEvent {
    /// The id.
    pub id: u64,
    /// The user who created it.
    pub creator: Arc<User>,
    /// The name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// The channel.
    pub channel_id: Option<u64>,
    /// The kind of place: 1 stage, 2 voice, 3 elsewhere.
    pub entity_type: u8,
    /// The place, if it is not in a channel.
    pub location: Option<String>,
    /// When it starts.
    pub starts_at: Micros,
    /// When it ends.
    pub ends_at: Option<Micros>,
}

impl World {
    /// Creates a scheduled event.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownGuild`], [`Refusal::UnknownChannel`], [`Refusal::UnknownUser`],
    /// [`Refusal::Invalid`] where there are too many, or it has no place.
    pub fn create_scheduled_event(
        &mut self,
        guild_id: u64,
        new: NewScheduledEvent,
    ) -> Result<(ScheduledEvent, Vec<Effect>), Refusal> {
        let guild = self
            .guild(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?;
        let invalid = |field, problem| Refusal::Invalid { field, problem };
        if guild.events.len() >= MOST_EVENTS {
            return Err(invalid("guild_id", "it has 100 scheduled events already"));
        }
        let entity_type = match (new.channel_id, &new.location) {
            (Some(id), _) => match guild.channels.get(&id).map(|channel| channel.kind) {
                Some(13) => 1,
                Some(2) => 2,
                Some(_) => return Err(invalid("channel_id", "not a voice or stage channel")),
                None => return Err(Refusal::UnknownChannel(id)),
            },
            (None, Some(_)) => 3,
            (None, None) => {
                return Err(invalid("channel_id", "a channel or a location is required"));
            }
        };
        let creator = self.known_user(new.creator_id.unwrap_or(guild.owner_id))?;
        let event = ScheduledEvent {
            id: self.next_id(),
            creator,
            name: new.name,
            description: new.description,
            channel_id: new.channel_id,
            entity_type,
            location: new.location,
            starts_at: new.starts_at,
            ends_at: new.ends_at,
        };
        if let Some(guild) = self.guild_mut(guild_id) {
            guild.events.insert(event.id, event.clone());
        }
        let mut effects = Vec::new();
        let made = EventKind::ScheduledEventCreate(Box::new(event.clone()));
        self.emit(guild_id, made, &mut effects);
        Ok((event, effects))
    }

    /// Deletes a scheduled event; `None` if there is none.
    pub fn delete_scheduled_event(&mut self, guild_id: u64, id: u64) -> Option<Vec<Effect>> {
        let event = self.guild_mut(guild_id)?.events.remove(&id)?;
        let mut effects = Vec::new();
        let gone = EventKind::ScheduledEventDelete(Box::new(event));
        self.emit(guild_id, gone, &mut effects);
        Some(effects)
    }
}
