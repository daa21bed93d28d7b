//! `GET` and `PATCH /sandbox/application`.

use super::{Fields, Outcome};
use crate::{json, server::Core, world::PrivilegedIntent};

pub(super) fn get(core: &Core) -> Outcome {
    Ok((200, json::application(&core.world)))
}

/// Switches privileged intents on or off, or sets all flags.
pub(super) fn update(core: &mut Core, mut fields: Fields) -> Outcome {
    let flags = fields.number("flags", 0..=u64::MAX)?;
    let switches = [
        ("members_intent", PrivilegedIntent::Members),
        ("presence_intent", PrivilegedIntent::Presences),
        ("message_content_intent", PrivilegedIntent::MessageContent),
    ];
    let mut wanted = Vec::new();
    for (name, intent) in switches {
        wanted.extend(fields.flag(name)?.map(|on| (intent, on)));
    }
    fields.end()?;
    if let Some(flags) = flags {
        core.world.set_application_flags(flags);
    }
    for (intent, on) in wanted {
        core.world.switch_intent(intent, on);
    }
    get(core)
}
