//! Short ways to say records.

use guestlist_model::{GuildId, Id, InviteCode, Timestamp, UserId};
use guestlist_tracker::{
    Attribution, Candidate, Certainty, InviteRecord, InviteState, Join, JoinKey, Leave, Origin,
    Reason, Record,
};

pub(super) fn guild(number: u64) -> GuildId {
    Id::new_checked(1_000 + number).expect("not zero")
}

pub(super) fn user(number: u64) -> UserId {
    Id::new_checked(2_000 + number).expect("not zero")
}

pub(super) fn code(code: &str) -> InviteCode {
    code.parse().expect("a valid code")
}

/// A moment, in seconds after a beginning.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(1_700_000_000 + seconds)
}

pub(super) fn key(guild_number: u64, user_number: u64, joined: i64) -> JoinKey {
    JoinKey::new(guild(guild_number), user(user_number), at(joined))
}

/// A join, observed one second after it happened.
pub(super) fn join(key: JoinKey) -> Record {
    let mut join = Join::new(
        key,
        key.joined_at
            .saturating_add(std::time::Duration::from_secs(1)),
    );
    join.name = Some(format!("user-{}", key.user));
    Record::Join(join)
}

pub(super) fn leave(
    guild_number: u64,
    user_number: u64,
    joined: Option<i64>,
    observed: i64,
) -> Record {
    Record::Leave(Leave::new(
        guild(guild_number),
        user(user_number),
        joined.map(at),
        at(observed),
    ))
}

pub(super) fn by_invite(code_text: &str, inviter: Option<u64>) -> Origin {
    Origin::Invite {
        code: code(code_text),
        inviter: inviter.map(user),
        channel: None,
    }
}

pub(super) fn attributed(key: JoinKey, certainty: Certainty, revision: u32) -> Record {
    let decided_at = key
        .joined_at
        .saturating_add(std::time::Duration::from_secs(2));
    Record::Attribution(Attribution::new(key, certainty, decided_at).with_revision(revision))
}

pub(super) fn confirmed(key: JoinKey, origin: Origin) -> Record {
    attributed(key, Certainty::Confirmed(origin), 0)
}

pub(super) fn deduced(key: JoinKey, origin: Origin) -> Record {
    attributed(key, Certainty::Deduced(origin), 0)
}

pub(super) fn unknown(key: JoinKey) -> Record {
    attributed(key, Certainty::Unknown(Reason::NoCountMoved), 0)
}

pub(super) fn ambiguous(key: JoinKey, candidates: &[(Origin, f64)]) -> Record {
    let candidates = candidates
        .iter()
        .map(|(origin, weight)| Candidate::new(origin.clone(), *weight))
        .collect();
    attributed(key, Certainty::Ambiguous(candidates), 0)
}

pub(super) fn invite(
    guild_number: u64,
    code_text: &str,
    inviter: Option<u64>,
    created: Option<i64>,
) -> InviteRecord {
    let mut record = InviteRecord::new(
        guild(guild_number),
        code(code_text),
        at(created.unwrap_or(0) + 1),
    );
    record.inviter = inviter.map(user);
    record.inviter_name = inviter.map(|number| format!("user-{}", user(number)));
    record.created_at = created.map(at);
    record.uses = Some(0);
    record
}

pub(super) fn ended(
    mut record: InviteRecord,
    state: InviteState,
    by: Option<u64>,
    observed: i64,
) -> InviteRecord {
    record.state = state;
    record.ended_by = by.map(user);
    record.ended_at = Some(at(observed - 1));
    record.observed_at = at(observed);
    record
}
