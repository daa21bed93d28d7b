//! `/sandbox/faults`: what is to go wrong.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Fields, Outcome, Problem};
use crate::{
    server::{Core, FaultRule, Faults},
    world::{Quirks, time::MILLISECOND},
};

const HOUR: u64 = 3_600_000;

/// Adds faults. One rule may stand on its own instead of in `rules`.
pub(super) fn add(core: &mut Core, mut fields: Fields) -> Outcome {
    let rules = match fields.value("rules") {
        None => Vec::new(),
        Some(Value::Array(rules)) => rules
            .into_iter()
            .map(|rule| match rule {
                Value::Object(rule) => {
                    let mut fields = Fields::from_object(rule);
                    let read = rule_from(&mut fields)?;
                    fields.end()?;
                    read.ok_or_else(|| Problem::field("rules", "a rule without any effect"))
                }
                other => Err(Problem::field("rules", format!("{other} is not a rule"))),
            })
            .collect::<Result<_, _>>()?,
        Some(other) => return Err(Problem::field("rules", format!("{other} is not a list"))),
    };
    let own = rule_from(&mut fields)?;
    let swap = fields.number32("swap_events", 1_000_000)?;
    let search_lag = fields.number("search_lag_ms", 0..=HOUR)?;
    let uses_lag = fields.number("uses_lag_ms", 0..=HOUR)?;
    let event_delay = fields.number("event_delay_ms", 0..=HOUR)?;
    let search_unavailable = fields.flag("search_unavailable")?;
    fields.end()?;
    core.faults.rules.extend(rules);
    core.faults.rules.extend(own);
    if let Some(swap) = swap {
        core.faults.swap_events = swap;
    }
    let micros = |millis: u64| i64::try_from(millis).unwrap_or(0) * MILLISECOND;
    if let Some(lag) = search_lag {
        core.world.quirks.search_lag = micros(lag);
    }
    if let Some(lag) = uses_lag {
        core.world.quirks.uses_lag = micros(lag);
    }
    if let Some(delay) = event_delay {
        core.faults.event_delay = Duration::from_millis(delay);
    }
    if let Some(unavailable) = search_unavailable {
        set_indexed(core, !unavailable);
    }
    Ok((201, get(core)))
}

fn set_indexed(core: &mut Core, indexed: bool) {
    for guild in core.world.guild_ids() {
        if let Some(guild) = core.world.guild_mut(guild) {
            guild.indexed = indexed;
        }
    }
}

fn rule_from(fields: &mut Fields) -> Result<Option<FaultRule>, Problem> {
    let mut rule = FaultRule::delay(Duration::ZERO);
    rule.method = fields.text("method")?;
    rule.path = fields.text("path")?;
    rule.times = fields.number32("times", u32::MAX)?;
    let status = fields.number("status", 200..=599)?;
    rule.status = status.and_then(|status| u16::try_from(status).ok());
    rule.code = fields.number("code", 0..=u64::MAX)?.unwrap_or(0);
    rule.message = fields.text("message")?;
    rule.retry_after = fields.float("retry_after")?;
    rule.global = fields.flag("global")?.unwrap_or(false);
    rule.delay = Duration::from_millis(fields.number("delay_ms", 0..=HOUR)?.unwrap_or(0));
    rule.drop_connection = fields.flag("drop_connection")?.unwrap_or(false);
    if rule.times == Some(0) {
        return Err(Problem::field(
            "times",
            "0 times is never; leave it out for ever",
        ));
    }
    let effect = rule.status.is_some() || !rule.delay.is_zero() || rule.drop_connection;
    if !effect && (rule.method.is_some() || rule.path.is_some() || rule.times.is_some()) {
        let message = "a rule needs a status, a delay_ms or drop_connection";
        return Err(Problem::field("status", message));
    }
    Ok(effect.then_some(rule))
}

/// Takes all faults back.
pub(super) fn clear(core: &mut Core) -> Outcome {
    core.faults = Faults::default();
    let usual = Quirks::default();
    core.world.quirks.search_lag = usual.search_lag;
    core.world.quirks.uses_lag = usual.uses_lag;
    set_indexed(core, true);
    Ok((200, get(core)))
}

/// The faults in force.
pub(super) fn get(core: &Core) -> Value {
    let rules: Vec<Value> = core
        .faults
        .rules
        .iter()
        .map(|rule| {
            json!({
                "method": rule.method,
                "path": rule.path,
                "times": rule.times,
                "status": rule.status,
                "code": rule.code,
                "message": rule.message,
                "retry_after": rule.retry_after,
                "global": rule.global,
                "delay_ms": u64::try_from(rule.delay.as_millis()).unwrap_or(u64::MAX),
                "drop_connection": rule.drop_connection,
            })
        })
        .collect();
    json!({
        "rules": rules,
        "swap_events": core.faults.swap_events,
        "search_lag_ms": core.world.quirks.search_lag / MILLISECOND,
        "uses_lag_ms": core.world.quirks.uses_lag / MILLISECOND,
        "event_delay_ms": u64::try_from(core.faults.event_delay.as_millis()).unwrap_or(u64::MAX),
    })
}
