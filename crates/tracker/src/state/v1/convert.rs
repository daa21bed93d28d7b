//! What version 2 makes of a state of version 1.

use guestlist_model::Timestamp;
use serde_json::{Value, json};

use super::{
    At, Audit, Brief, Document, Ended, Endpoint, Known, Live, Move, MoveKind, Refusal, Saved, Step,
    Waiting, Way,
};
use crate::record::whole;
use crate::state::{GuildState, VERSION};

/// A state in the form of version 2. Of a document of another version than 1, only what
/// every version can read.
pub(in crate::state) fn convert(document: &str) -> Result<GuildState, serde_json::Error> {
    let document: Document = serde_json::from_str(document)?;
    let mut parts = Parts::default();
    match document.saved {
        Some(saved) if document.version == 1 => parts.saved(serde_json::from_value(saved)?),
        _ => parts.brief(document.version, document.brief),
    }
    Ok(parts.parts.into_iter().collect())
}

fn at(at: Timestamp) -> i64 {
    at.as_micros()
}

fn maybe(at: At) -> Option<i64> {
    at.map(Timestamp::as_micros)
}

/// Without what is missing or false: in version 2 that says the same.
fn lean(value: Value) -> Value {
    match value {
        Value::Object(entries) => entries
            .into_iter()
            .filter(|(_, value)| !value.is_null() && *value != Value::Bool(false))
            .collect(),
        other => other,
    }
}

#[derive(Default)]
struct Parts {
    parts: Vec<(String, String)>,
}

impl Parts {
    fn put(&mut self, name: impl Into<String>, value: Value) {
        self.parts.push((name.into(), lean(value).to_string()));
    }

    fn brief(&mut self, version: u32, brief: Brief) {
        // A whole document is not of version 2, whatever it says.
        let version = if version == VERSION { 0 } else { version };
        self.put("head", json!({"v": version, "h": maybe(brief.missed_from)}));
        for (number, (user, joined_at)) in brief.open.into_iter().enumerate() {
            let join = json!({"u": user, "j": at(whole(joined_at))});
            self.put(format!("join/{number}"), join);
        }
    }

    fn saved(&mut self, saved: Saved) {
        let Saved {
            at: saved_at,
            guild,
        } = saved;
        self.parts
            .push((String::from("at"), at(saved_at).to_string()));
        self.put(
            "head",
            json!({
                "v": 2, "k": guild.known, "u": !guild.available, "x": guild.live == Live::Down,
                "h": maybe(guild.heard), "d": maybe(guild.discord_now.filter(|now| guild.heard < Some(*now))),
            }),
        );
        self.put(
            "counts",
            json!({
                "l": maybe(guild.baseline.listed), "w": guild.baseline.whole, "u": guild.uses_hidden,
                "a": maybe(guild.listed_after), "r": maybe(guild.relist), "n": guild.next_step,
                "c": maybe(guild.covered), "v": maybe(guild.vanity_covered),
                "d": maybe(guild.distrust), "p": maybe(guild.phantoms_until),
            }),
        );
        let count = guild
            .vanity
            .map(|count| lean(json!({"c": count.code, "u": count.uses, "s": at(count.sent)})));
        self.put(
            "vanity",
            json!({
                "c": guild.vanity_code, "f": guild.former_codes, "t": maybe(guild.vanity_changed),
                "n": count,
            }),
        );
        let open = guild.gap.map(|gap| {
            lean(json!({
                "n": at(gap.noticed), "o": at(gap.observed_at), "l": maybe(gap.last_known),
                "f": gap.found, "s": gap.passes, "p": gap.pages, "a": at(gap.next_at),
                "t": maybe(gap.to), "m": gap.uses_moved,
            }))
        });
        self.put("gap", json!({"o": open, "u": maybe(guild.unfilled)}));
        self.put(
            "endpoints",
            json!({
                "t": maybe(guild.list_end.last_sent), "l": endpoint(&guild.list_end),
                "v": endpoint(&guild.vanity_end), "s": endpoint(&guild.search_end),
                "a": endpoint(&guild.audit_end),
            }),
        );
        for (code, known) in guild.baseline.invites {
            self.put(format!("invite/{code}"), invite(known));
        }
        for (code, ended) in guild.ended {
            self.put(format!("end/{code}"), end(ended));
        }
        for step in guild.steps {
            self.step(step);
        }
        for (number, join) in guild.joins.into_iter().enumerate() {
            self.put(format!("join/{number}"), waiting(join, guild.next_step));
        }
        for (number, dropped) in guild.dropped.into_iter().enumerate() {
            let gone = json!({
                "a": at(dropped.arrived), "f": dropped.first_step, "l": dropped.last_step,
                "o": dropped.origin,
            });
            self.put(format!("gone/{number}"), gone);
        }
        for (joined_at, user) in guild.recent {
            let name = format!("seen/{}/{user}", at(whole(joined_at)));
            self.parts.push((name, String::new()));
        }
        self.audit(guild.audit);
    }

    fn step(&mut self, step: Step) {
        let moves: Vec<Value> = step.moves.into_iter().map(movement).collect();
        let source = if step.list { "l" } else { "v" };
        let final_at = (!step.is_final).then_some(step.final_at);
        self.put(
            format!("step/{}", step.number),
            json!({
                "k": source, "s": at(step.sent), "r": at(step.received), "f": maybe(final_at),
                "d": step.distrusted, "m": moves,
            }),
        );
    }

    fn audit(&mut self, audit: Audit) {
        if let Some(page) = audit.page {
            self.put(
                "audit",
                json!({"s": at(page.sent), "o": maybe(page.oldest)}),
            );
        }
        for (number, (code, by, time)) in audit.deletions.into_iter().enumerate() {
            let entry = json!({"o": code, "b": by, "a": at(time)});
            self.put(format!("audit/delete/{number}"), entry);
        }
        for (number, (bot, by, time)) in audit.bots.into_iter().enumerate() {
            let entry = json!({"o": bot, "b": by, "a": at(time)});
            self.put(format!("audit/bot/{number}"), entry);
        }
        for (number, (channel, time)) in audit.channels.into_iter().enumerate() {
            let entry = json!({"o": channel, "a": at(time)});
            self.put(format!("audit/channel/{number}"), entry);
        }
        for (number, (code, time)) in audit.updates.into_iter().enumerate() {
            let entry = json!({"o": code, "a": at(time)});
            self.put(format!("audit/update/{number}"), entry);
        }
    }
}

fn endpoint(end: &Endpoint) -> Value {
    let refused = end.refused.map(|refused| match refused {
        Refusal::Forbidden => "f",
        Refusal::Absent => "a",
    });
    lean(json!({"b": maybe(end.not_before), "r": refused, "f": end.failures}))
}

fn invite(known: Known) -> Value {
    lean(json!({
        "c": known.channel, "i": known.inviter, "b": maybe(known.created_at),
        "e": maybe(known.expires_at), "m": known.max_uses, "u": known.uses, "p": known.phantom,
        "q": known.unsure, "s": maybe(known.since), "n": maybe(known.seen), "d": known.deleted,
    }))
}

fn end(ended: Ended) -> Value {
    json!({
        "k": invite(ended.known), "n": at(ended.noticed), "d": maybe(ended.deleted),
        "a": maybe(ended.deleted_after), "c": maybe(ended.closed), "f": maybe(ended.closes_at),
        "l": maybe(ended.counted), "s": ended.told, "x": ended.exhausted,
    })
}

fn movement(moved: Move) -> Value {
    let way = match moved.way {
        Way::Invite {
            code,
            inviter,
            channel,
        } => json!({"i": lean(json!({"c": code, "i": inviter, "n": channel}))}),
        Way::Vanity { code } => json!({"v": lean(json!({"c": code}))}),
    };
    let kind = match moved.kind {
        MoveKind::Rose { from, to } => json!({"r": {"f": from, "t": to}}),
        MoveKind::Appeared { uses } => json!({"a": {"u": uses}}),
        MoveKind::Vanished { from, max_uses } => {
            json!({"v": lean(json!({"f": from, "m": max_uses}))})
        }
    };
    lean(json!({
        "w": way, "k": kind, "s": at(moved.since), "p": moved.phantom,
        "b": maybe(moved.created_at), "e": maybe(moved.expires_at),
    }))
}

fn waiting(join: Waiting, next_step: u64) -> Value {
    let last_step = join.matched.then(|| next_step.saturating_sub(1));
    let held = join
        .deduced
        .map(|held| json!({"o": held.origin, "e": held.evidence}));
    let stated = join
        .said
        .map(|said| json!({"c": said.certainty, "r": said.revision, "e": said.evidence}));
    let answer = lean(json!({"h": held, "s": stated}));
    json!({
        "u": join.user, "j": at(whole(join.joined_at)), "b": join.bot, "a": at(join.arrived),
        "w": maybe(join.waits_from), "f": join.first_step, "l": join.blind, "c": join.caught_up,
        "x": join.left, "r": answer, "n": join.attempts, "s": maybe(join.search_at),
        "o": join.asked_out, "k": last_step, "i": join.named,
    })
}
