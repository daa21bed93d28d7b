//! States of version 1: one JSON document for the whole guild.
//!
//! The types here are frozen: they are what that version wrote.

mod convert;

use std::collections::BTreeMap;

use guestlist_model::{ChannelId, InviteCode, Timestamp, UserId};
use serde::Deserialize;
use serde_json::Value;

pub(super) use convert::convert;

type At = Option<Timestamp>;

#[derive(Deserialize)]
struct Document {
    version: u32,
    #[serde(default)]
    brief: Brief,
    #[serde(default)]
    saved: Option<Value>,
}

#[derive(Default, Deserialize)]
struct Brief {
    #[serde(default)]
    missed_from: At,
    #[serde(default)]
    open: Vec<(UserId, Timestamp)>,
}

#[derive(Deserialize)]
struct Saved {
    at: Timestamp,
    guild: Guild,
}

#[derive(Deserialize)]
struct Guild {
    known: bool,
    available: bool,
    live: Live,
    vanity_code: Option<InviteCode>,
    #[serde(default)]
    former_codes: Vec<InviteCode>,
    #[serde(default)]
    vanity_changed: At,
    discord_now: At,
    #[serde(default)]
    heard: At,
    #[serde(default)]
    unfilled: At,
    recent: Vec<(Timestamp, UserId)>,
    baseline: Baseline,
    vanity: Option<VanityCount>,
    uses_hidden: bool,
    steps: Vec<Step>,
    next_step: u64,
    joins: Vec<Waiting>,
    dropped: Vec<Dropped>,
    distrust: At,
    covered: At,
    vanity_covered: At,
    #[serde(default)]
    phantoms_until: At,
    #[serde(default)]
    listed_after: At,
    relist: At,
    #[serde(default)]
    ended: BTreeMap<InviteCode, Ended>,
    audit: Audit,
    gap: Option<Gap>,
    list_end: Endpoint,
    vanity_end: Endpoint,
    search_end: Endpoint,
    audit_end: Endpoint,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Live {
    Yes,
    Down,
}

#[derive(Deserialize)]
struct Baseline {
    invites: BTreeMap<InviteCode, Known>,
    #[serde(default)]
    listed: At,
    whole: bool,
}

#[derive(Deserialize)]
struct Known {
    #[serde(default)]
    channel: Option<ChannelId>,
    #[serde(default)]
    inviter: Option<UserId>,
    #[serde(default)]
    created_at: At,
    #[serde(default)]
    expires_at: At,
    #[serde(default)]
    max_uses: Option<u64>,
    #[serde(default)]
    uses: Option<u64>,
    #[serde(default)]
    phantom: bool,
    #[serde(default)]
    unsure: bool,
    #[serde(default)]
    since: At,
    #[serde(default)]
    seen: At,
    #[serde(default)]
    deleted: bool,
}

#[derive(Deserialize)]
struct VanityCount {
    code: Option<InviteCode>,
    uses: u64,
    sent: Timestamp,
}

#[derive(Deserialize)]
struct Step {
    number: u64,
    sent: Timestamp,
    received: Timestamp,
    final_at: Timestamp,
    is_final: bool,
    list: bool,
    distrusted: bool,
    moves: Vec<Move>,
}

#[derive(Deserialize)]
struct Move {
    way: Way,
    kind: MoveKind,
    since: Timestamp,
    phantom: bool,
    created_at: At,
    expires_at: At,
}

#[derive(Deserialize)]
#[serde(tag = "way", rename_all = "snake_case")]
enum Way {
    Invite {
        code: InviteCode,
        inviter: Option<UserId>,
        channel: Option<ChannelId>,
    },
    Vanity {
        code: Option<InviteCode>,
    },
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum MoveKind {
    Rose {
        from: u64,
        to: u64,
    },
    Appeared {
        uses: u64,
    },
    Vanished {
        from: Option<u64>,
        max_uses: Option<u64>,
    },
}

#[derive(Deserialize)]
struct Waiting {
    user: UserId,
    joined_at: Timestamp,
    bot: bool,
    arrived: Timestamp,
    #[serde(default)]
    waits_from: At,
    first_step: u64,
    blind: bool,
    caught_up: bool,
    left: bool,
    #[serde(default)]
    said: Option<Said>,
    #[serde(default)]
    deduced: Option<Deduced>,
    attempts: u32,
    #[serde(default)]
    search_at: At,
    asked_out: bool,
    matched: bool,
    #[serde(default)]
    named: Option<InviteCode>,
}

/// Origins, certainties and evidence are written as in records, in all versions.
#[derive(Deserialize)]
struct Deduced {
    origin: Value,
    evidence: Value,
}

#[derive(Deserialize)]
struct Said {
    certainty: Value,
    revision: u32,
    evidence: Value,
}

#[derive(Deserialize)]
struct Dropped {
    arrived: Timestamp,
    first_step: u64,
    #[serde(default)]
    last_step: Option<u64>,
    #[serde(default)]
    origin: Option<Value>,
}

#[derive(Deserialize)]
struct Ended {
    known: Known,
    noticed: Timestamp,
    #[serde(default)]
    deleted: At,
    #[serde(default)]
    deleted_after: At,
    #[serde(default)]
    closed: At,
    #[serde(default)]
    closes_at: At,
    #[serde(default)]
    counted: At,
    told: bool,
    exhausted: bool,
}

#[derive(Deserialize)]
struct Audit {
    #[serde(default)]
    deletions: Vec<(InviteCode, Option<UserId>, Timestamp)>,
    #[serde(default)]
    bots: Vec<(UserId, Option<UserId>, Timestamp)>,
    #[serde(default)]
    channels: Vec<(ChannelId, Timestamp)>,
    #[serde(default)]
    updates: Vec<(Option<InviteCode>, Timestamp)>,
    page: Option<Page>,
}

#[derive(Deserialize)]
struct Page {
    sent: Timestamp,
    oldest: At,
}

#[derive(Deserialize)]
struct Gap {
    noticed: Timestamp,
    observed_at: Timestamp,
    last_known: At,
    found: u64,
    passes: u32,
    pages: u32,
    next_at: Timestamp,
    to: At,
    uses_moved: Option<u64>,
}

#[derive(Deserialize)]
struct Endpoint {
    #[serde(default)]
    not_before: At,
    #[serde(default)]
    last_sent: At,
    #[serde(default)]
    refused: Option<Refusal>,
    #[serde(default)]
    failures: u32,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Refusal {
    Forbidden,
    Absent,
}
