//! `POST /sandbox/gateway/drop` and `/heartbeat`.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Fields, Outcome, Problem};
use crate::{
    gateway::{Outgoing, Which, frame},
    server::Core,
};

/// Cuts connections. `how`: `"abort"` (the cable is cut; the default),
/// `"reconnect"` (opcode 7), `"invalid_session"` (opcode 9), or a close code.
/// With `refuse_ms` no new session begins for so long: IDENTIFY is answered
/// with INVALID_SESSION, as in an outage.
pub(super) fn drop(core: &mut Core, mut fields: Fields) -> Outcome {
    let which = which(&mut fields)?;
    let resumable = fields.flag("resumable")?.unwrap_or(true);
    let how = fields.text("how")?;
    let code = fields.number("code", 1000..=4999)?;
    let refuse = fields.number("refuse_ms", 0..=3_600_000)?;
    fields.end()?;
    let how = match (how.as_deref(), code) {
        (None, Some(code)) => Outgoing::Close((
            u16::try_from(code).unwrap_or(4000),
            "Closed by the sandbox.",
        )),
        (None | Some("abort"), None) => Outgoing::Abort,
        (Some("reconnect"), None) => Outgoing::Frame(frame(7, &Value::Null)),
        (Some("invalid_session"), None) => Outgoing::Invalidate(frame(9, &json!(resumable))),
        (Some(_), Some(_)) => {
            return Err(Problem::field("code", "use how or code, not both"));
        }
        (Some(other), None) => {
            let message = format!("{other:?} is not one of abort, reconnect, invalid_session");
            return Err(Problem::field("how", message));
        }
    };
    if let Some(refuse) = refuse {
        core.sessions.refuse_for(Duration::from_millis(refuse));
    }
    let dropped = core.sessions.drop_sockets(which, resumable, &how);
    Ok((200, json!({"dropped": dropped})))
}

/// The connections that are meant: of a bot, of a shard, or all.
fn which(fields: &mut Fields) -> Result<Which, Problem> {
    Ok(Which {
        bot: fields.id("bot_id")?,
        shard: fields.number("shard", 0..=u64::MAX)?,
    })
}

/// Asks clients for a heartbeat (opcode 1).
pub(super) fn heartbeat(core: &mut Core, mut fields: Fields) -> Outcome {
    let which = which(&mut fields)?;
    fields.end()?;
    let frame = Outgoing::Frame(frame(1, &Value::Null));
    let asked = core.sessions.drop_sockets(which, true, &frame);
    Ok((200, json!({"asked": asked})))
}
