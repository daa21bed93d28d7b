//! `GET` and `POST /sandbox/clock`.

use serde_json::{Value, json};

use super::{Fields, Outcome};
use crate::{
    server::{Core, Shared},
    world::time::{self, MILLISECOND},
};

fn show(core: &Core) -> Value {
    let now = core.world.now();
    json!({"now": time::format(now), "now_ms": now.div_euclid(MILLISECOND)})
}

pub(super) fn get(core: &Core) -> Outcome {
    Ok((200, show(core)))
}

pub(super) async fn advance(shared: &Shared, mut fields: Fields) -> Outcome {
    // Ten years are enough for everything.
    let millis = fields
        .number("advance_ms", 0..=315_360_000_000)?
        .unwrap_or(0);
    fields.end()?;
    shared
        .advance(i64::try_from(millis).unwrap_or(0) * MILLISECOND)
        .await;
    Ok((200, show(&shared.lock())))
}
