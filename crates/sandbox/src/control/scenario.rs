//! `POST` and `GET /sandbox/scenario`: mixed traffic.

use serde_json::{Value, json};

use super::{Fields, Outcome};
use crate::{
    server::Core,
    world::scenario::{Scenario, ScenarioOptions},
};

pub(super) fn start(core: &mut Core, mut fields: Fields) -> Outcome {
    let joins = fields.number("joins", 0..=10_000_000)?.unwrap_or(100);
    let mut options = ScenarioOptions::new(usize::try_from(joins).unwrap_or(100));
    options.seed = fields
        .number("seed", 0..=u64::MAX)?
        .unwrap_or_else(|| core.world.seed());
    options.per_second = fields.float("per_second")?.unwrap_or(options.per_second);
    options.guilds = fields.ids("guilds")?.unwrap_or_default();
    fields.end()?;
    core.scenario = Some(Scenario::new(&core.world, options));
    Ok((202, progress(core)))
}

pub(super) fn progress(core: &Core) -> Value {
    match core.scenario.as_ref().map(Scenario::progress) {
        None => json!({"state": "idle", "joins": 0, "done": 0}),
        Some(progress) => json!({
            "state": if progress.finished { "finished" } else { "running" },
            "joins": progress.joins,
            "done": progress.done,
        }),
    }
}
