//! The audit log.
//!
//! See Discord Docs/Audit Log.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{id, user};
use crate::world::{AuditEntry, World};

/// One entry.
#[must_use]
pub fn entry(entry: &AuditEntry) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(String::from(key), value);
    put("id", id(entry.id));
    put("user_id", entry.user_id.map_or(Value::Null, id));
    put("target_id", entry.target_id.map_or(Value::Null, id));
    put("action_type", json!(entry.action));
    if !entry.changes.is_empty() {
        let changes = entry.changes.iter().map(|(key, old, new)| {
            let mut change = Map::new();
            change.insert(String::from("key"), json!(key));
            if let Some(old) = old {
                change.insert(String::from("old_value"), old.clone());
            }
            if let Some(new) = new {
                change.insert(String::from("new_value"), new.clone());
            }
            Value::Object(change)
        });
        put("changes", changes.collect());
    }
    if let Some(reason) = &entry.reason {
        put("reason", json!(reason));
    }
    Value::Object(object)
}

/// The answer of the audit log endpoint: entries and the users in them.
#[must_use]
pub fn audit_log<'a>(world: &World, entries: impl Iterator<Item = &'a AuditEntry>) -> Value {
    let mut people = BTreeSet::new();
    let entries: Vec<Value> = entries
        .map(|it| {
            people.extend(it.user_id);
            people.extend(it.target_id);
            entry(it)
        })
        .collect();
    let users: Vec<Value> = people
        .into_iter()
        .filter_map(|id| world.user(id))
        .map(|it| user(it))
        .collect();
    json!({
        "audit_log_entries": entries,
        "users": users,
        "integrations": [],
        "webhooks": [],
        "guild_scheduled_events": [],
        "threads": [],
        "application_commands": [],
        "auto_moderation_rules": [],
    })
}
