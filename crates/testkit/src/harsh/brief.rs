//! Events and statements in a short, readable form.

use std::fmt::Write as _;

use guestlist_tracker::{Attribution, Record, Request};

use super::delay::{Micros, SECOND, local};
use super::gateway::Frame;

/// A time of the world, in seconds.
pub(super) fn seconds(at: Micros) -> String {
    let (sign, at) = if at < 0 { ("-", -at) } else { ("", at) };
    format!("{sign}{}.{:03}", at / SECOND, at % SECOND / 1000)
}

/// A time of our clock, in seconds of the world.
fn ours(at: guestlist_model::Timestamp) -> String {
    seconds(at.as_micros() - local(0))
}

pub(super) fn frame(frame: &Frame) -> String {
    match frame {
        Frame::Event { name, body, .. } => {
            let value: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
            let of = |key: &str| match &value[key] {
                serde_json::Value::Null => String::new(),
                serde_json::Value::Object(user) => format!(" user {}", user["id"]),
                other => format!(" {key} {other}"),
            };
            let keys = [
                "user",
                "code",
                "vanity_url_code",
                "action_type",
                "target_id",
            ];
            let told: String = keys.into_iter().map(of).collect();
            format!("{name}{told}")
        }
        Frame::Garbled { frame, .. } => format!("a frame that cannot be decoded: {frame}"),
        Frame::Acknowledged(id) => format!("{id:?} has passed"),
    }
}

pub(super) fn request(request: &Request) -> String {
    match request {
        Request::SearchMembers { query, .. } => format!("search_members {query:?}"),
        other => other.label().to_owned(),
    }
}

pub(super) fn attribution(said: &Attribution) -> String {
    let mut text = format!(
        "of {} at revision {}: {}",
        said.key.user, said.revision, said.certainty
    );
    if let guestlist_tracker::Certainty::Confirmed(origin)
    | guestlist_tracker::Certainty::Deduced(origin) = &said.certainty
    {
        let _ = write!(text, " {origin:?}");
    }
    for evidence in &said.evidence {
        let _ = write!(text, "; {evidence}");
        let between = match evidence {
            guestlist_tracker::Evidence::UsesRose { between, .. }
            | guestlist_tracker::Evidence::Appeared { between, .. }
            | guestlist_tracker::Evidence::Exhausted { between, .. }
            | guestlist_tracker::Evidence::Vanished { between, .. }
            | guestlist_tracker::Evidence::VanityRose { between, .. } => between,
            _ => continue,
        };
        let _ = write!(text, " [{} to {}]", ours(between.0), ours(between.1));
    }
    text
}

pub(super) fn record(record: &Record) -> String {
    match record {
        Record::Attribution(said) => attribution(said),
        Record::Join(join) => format!("{} joined ({:?})", join.key.user, join.observed_by),
        Record::Leave(leave) => format!("{} left {:?}", leave.user, leave.joined_at),
        Record::Invite(invite) => format!(
            "invite {} is {:?}, uses {:?}",
            invite.code, invite.state, invite.uses
        ),
        other => format!("{other:?}"),
    }
}
