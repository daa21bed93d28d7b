//! `GET` and `PATCH /sandbox/application`.

use serde_json::json;

use super::{Fields, Outcome};
use crate::{json, server::Core, world::PrivilegedIntent};

pub(super) fn get(core: &Core) -> Outcome {
    let mut application = json::application(&core.world);
    if let Some(object) = application.as_object_mut() {
        object.insert(String::from("redirect_uris"), json!(core.redirects));
    }
    Ok((200, application))
}

/// Switches privileged intents on or off, sets all flags, or where OAuth2 may lead back to.
pub(super) fn update(core: &mut Core, mut fields: Fields) -> Outcome {
    let flags = fields.number("flags", 0..=u64::MAX)?;
    let switches = [
        ("members_intent", PrivilegedIntent::Members),
        ("presence_intent", PrivilegedIntent::Presences),
        ("message_content_intent", PrivilegedIntent::MessageContent),
    ];
    let redirects = fields.texts("redirect_uris")?;
    let mut wanted = Vec::new();
    for (name, intent) in switches {
        wanted.extend(fields.flag(name)?.map(|on| (intent, on)));
    }
    fields.end()?;
    if let Some(flags) = flags {
        core.world.set_application_flags(flags);
    }
    if let Some(redirects) = redirects {
        core.redirects = redirects;
    }
    for (intent, on) in wanted {
        core.world.switch_intent(intent, on);
    }
    get(core)
}
