//! Scheduled events.

use serde_json::{Value, json};

use super::{id, user};
use crate::world::{ScheduledEvent, time};

/// A scheduled event.
///
/// See Discord Docs/Guild Scheduled Event#guild-scheduled-event-object.
#[must_use]
pub fn scheduled_event(guild_id: u64, event: &ScheduledEvent) -> Value {
    let metadata = match &event.location {
        Some(location) if event.entity_type == 3 => json!({"location": location}),
        _ => Value::Null,
    };
    json!({
        "id": id(event.id),
        "guild_id": id(guild_id),
        "channel_id": event.channel_id.map(id),
        "creator_id": id(event.creator.id),
        "creator": user(&event.creator),
        "name": event.name,
        "description": event.description,
        "image": null,
        "scheduled_start_time": time::format(event.starts_at),
        "scheduled_end_time": event.ends_at.map(time::format),
        "privacy_level": 2,
        "status": 1,
        "entity_type": event.entity_type,
        "entity_id": null,
        "entity_metadata": metadata,
        "recurrence_rule": null,
        "guild_scheduled_event_exceptions": [],
        "user_count": 0,
    })
}
