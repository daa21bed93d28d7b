//! `/sandbox/faults`: what is to go wrong.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Fields, Outcome, Problem};
use crate::{
    BodyFault, ConnectionFault, EventFault, FaultRule, FaultTarget,
    server::Core,
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
                    read.ok_or_else(|| Problem::field("rules", "a rule needs an effect"))
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
    let added: Vec<u64> = rules
        .into_iter()
        .chain(own)
        .map(|rule| core.faults.add(rule))
        .collect();
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
    let mut shown = get(core);
    if let Some(shown) = shown.as_object_mut() {
        shown.insert(String::from("added"), json!(added));
    }
    Ok((201, shown))
}

/// Takes one rule back.
pub(super) fn remove(core: &mut Core, id: u64) -> Outcome {
    if core.faults.remove(id) {
        Ok((200, get(core)))
    } else {
        Err(Problem::new(404, format!("no rule has the number {id}")))
    }
}

fn set_indexed(core: &mut Core, indexed: bool) {
    for guild in core.world.guild_ids() {
        if let Some(guild) = core.world.guild_mut(guild) {
            guild.indexed = indexed;
        }
    }
}

/// One of some things by its name.
fn named<T: Copy, const N: usize>(
    fields: &mut Fields,
    field: &'static str,
    all: [T; N],
    name: fn(T) -> &'static str,
) -> Result<Option<T>, Problem> {
    let Some(text) = fields.text(field)? else {
        return Ok(None);
    };
    let found = all.into_iter().find(|it| name(*it) == text);
    found.map(Some).ok_or_else(|| {
        let names = all.map(name).join(", ");
        Problem::field(field, format!("{text:?} is not one of {names}"))
    })
}

fn connection_from(fields: &mut Fields) -> Result<Option<ConnectionFault>, Problem> {
    let how = fields.text("how")?;
    let resumable = fields.flag("resumable")?;
    let code = fields.number("close_code", 1000..=4999)?;
    if resumable.is_some() && how.as_deref() != Some("invalid_session") {
        let message = "resumable applies to invalid_session only";
        return Err(Problem::field("resumable", message));
    }
    Ok(match (how.as_deref(), code) {
        (None, None) => None,
        (None, Some(code)) => Some(ConnectionFault::Closed(u16::try_from(code).unwrap_or(4000))),
        (Some(_), Some(_)) => {
            return Err(Problem::field(
                "close_code",
                "use how or close_code, not both",
            ));
        }
        (Some("ignore"), None) => Some(ConnectionFault::Ignored),
        (Some("abort"), None) => Some(ConnectionFault::Aborted),
        (Some("reconnect"), None) => Some(ConnectionFault::Reconnect),
        (Some("invalid_session"), None) => {
            Some(ConnectionFault::InvalidSession(resumable.unwrap_or(true)))
        }
        (Some(other), None) => {
            let message =
                format!("{other:?} is not one of ignore, abort, reconnect, invalid_session");
            return Err(Problem::field("how", message));
        }
    })
}

fn rule_from(fields: &mut Fields) -> Result<Option<FaultRule>, Problem> {
    let target = named(fields, "on", FaultTarget::ALL, FaultTarget::name)?;
    let mut rule = FaultRule {
        target: target.unwrap_or_default(),
        ..FaultRule::default()
    };
    rule.method = fields.text("method")?;
    rule.path = fields.text("path")?;
    rule.event = fields.text("event")?;
    rule.guild = fields.id("guild")?;
    rule.times = fields.number32("times", u32::MAX)?;
    rule.probability = fields.float("probability")?;
    let status = fields.number("status", 200..=599)?;
    rule.status = status.and_then(|status| u16::try_from(status).ok());
    rule.code = fields.number("code", 0..=u64::MAX)?.unwrap_or(0);
    rule.message = fields.text("message")?;
    rule.retry_after = fields.float("retry_after")?;
    rule.global = fields.flag("global")?.unwrap_or(false);
    let mut millis = |name| {
        let given = fields.number(name, 0..=HOUR)?;
        Ok::<_, Problem>(given.map(Duration::from_millis))
    };
    rule.delay = millis("delay_ms")?.unwrap_or_default();
    rule.delay_up_to = millis("delay_up_to_ms")?;
    rule.delay_mean = millis("delay_mean_ms")?;
    rule.drop_connection = fields.flag("drop_connection")?.unwrap_or(false);
    rule.body = named(fields, "body", BodyFault::ALL, BodyFault::name)?;
    rule.event_fault = named(fields, "event_fault", EventFault::ALL, EventFault::name)?;
    rule.connection = connection_from(fields)?;
    if rule.times == Some(0) {
        return Err(Problem::field(
            "times",
            "times must be at least 1; without it, the rule has no limit",
        ));
    }
    if rule.probability.is_some_and(|often| often > 1.0) {
        return Err(Problem::field(
            "probability",
            "probability must be from 0 to 1",
        ));
    }
    check(&rule, target.is_some())
}

/// A rule has to do something, and only what its target allows.
fn check(rule: &FaultRule, named: bool) -> Result<Option<FaultRule>, Problem> {
    let delays = !rule.delay.is_zero() || rule.delay_up_to.is_some() || rule.delay_mean.is_some();
    let request = rule.status.is_some() || rule.drop_connection || rule.body.is_some();
    let is_request = rule.target == FaultTarget::Request;
    let is_event = rule.target == FaultTarget::Event;
    let misplaced = [
        ("status", request && !is_request),
        ("method", rule.method.is_some() && !is_request),
        ("path", rule.path.is_some() && !is_request),
        ("event_fault", rule.event_fault.is_some() && !is_event),
        ("event", rule.event.is_some() && !is_event),
        ("guild", rule.guild.is_some() && !is_event),
        ("delay_ms", delays && !is_request && !is_event),
        ("how", rule.connection.is_some() && is_request),
    ];
    if let Some((field, _)) = misplaced.iter().find(|(_, misplaced)| *misplaced) {
        let message = format!("rules on {} do not have this field", rule.target.name());
        return Err(Problem::field(field, message));
    }
    let effect = request || delays || rule.event_fault.is_some() || rule.connection.is_some();
    let scoped = named
        || rule.method.is_some()
        || rule.path.is_some()
        || rule.times.is_some()
        || rule.probability.is_some();
    if !effect && scoped {
        let message = "a rule needs an effect, such as a status, a delay_ms or drop_connection";
        return Err(Problem::field("status", message));
    }
    Ok(effect.then(|| rule.clone()))
}

/// Takes all faults back.
pub(super) fn clear(core: &mut Core) -> Outcome {
    core.faults.clear();
    let usual = Quirks::default();
    core.world.quirks.search_lag = usual.search_lag;
    core.world.quirks.uses_lag = usual.uses_lag;
    set_indexed(core, true);
    Ok((200, get(core)))
}

/// The faults in force.
pub(super) fn get(core: &Core) -> Value {
    let rules = core.faults.rules();
    let rules: Vec<Value> = rules.iter().map(|(id, rule)| show(*id, rule)).collect();
    json!({
        "rules": rules,
        "swap_events": core.faults.swap_events,
        "search_lag_ms": core.world.quirks.search_lag / MILLISECOND,
        "uses_lag_ms": core.world.quirks.uses_lag / MILLISECOND,
        "event_delay_ms": u64::try_from(core.faults.event_delay.as_millis()).unwrap_or(u64::MAX),
    })
}

fn show(id: u64, rule: &FaultRule) -> Value {
    let millis = |it: Duration| u64::try_from(it.as_millis()).unwrap_or(u64::MAX);
    let (how, resumable, close_code) = match rule.connection {
        None => (None, None, None),
        Some(ConnectionFault::Ignored) => (Some("ignore"), None, None),
        Some(ConnectionFault::Aborted) => (Some("abort"), None, None),
        Some(ConnectionFault::Reconnect) => (Some("reconnect"), None, None),
        Some(ConnectionFault::InvalidSession(it)) => (Some("invalid_session"), Some(it), None),
        Some(ConnectionFault::Closed(code)) => (None, None, Some(code)),
    };
    json!({
        "id": id,
        "on": rule.target.name(),
        "method": rule.method,
        "path": rule.path,
        "event": rule.event,
        "guild": rule.guild.map(|id| id.to_string()),
        "times": rule.times,
        "probability": rule.probability,
        "status": rule.status,
        "code": rule.code,
        "message": rule.message,
        "retry_after": rule.retry_after,
        "global": rule.global,
        "delay_ms": millis(rule.delay),
        "delay_up_to_ms": rule.delay_up_to.map(millis),
        "delay_mean_ms": rule.delay_mean.map(millis),
        "drop_connection": rule.drop_connection,
        "body": rule.body.map(BodyFault::name),
        "event_fault": rule.event_fault.map(EventFault::name),
        "how": how,
        "resumable": resumable,
        "close_code": close_code,
    })
}
