//! People who asked to be forgotten, in records that still name them.

use std::collections::{BTreeMap, BTreeSet};

use guestlist_model::{Timestamp, UserId};
use guestlist_tracker::{Attribution, Certainty, Evidence, Origin, Record};
use sha2::{Digest, Sha256};

/// What stands for a person in `forgotten`: nothing leads from it back to the id but
/// trying ids, with the ledger's salt.
pub(crate) fn digest(salt: &str, user: UserId) -> String {
    let mut hash = Sha256::new();
    hash.update(salt.as_bytes());
    hash.update(user.get().to_be_bytes());
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Those of the people a batch names who were forgotten: until when, and who stands in.
#[derive(Debug, Default)]
pub(crate) struct Oblivion(BTreeMap<UserId, BTreeMap<Timestamp, UserId>>);

impl Oblivion {
    pub(crate) fn insert(&mut self, user: UserId, until: Timestamp, stand_in: UserId) {
        self.0.entry(user).or_default().insert(until, stand_in);
    }

    /// Who stands in for somebody now, if anybody does.
    pub(crate) fn latest(&self, user: UserId) -> Option<UserId> {
        let (_, stand_in) = self.0.get(&user)?.last_key_value()?;
        Some(*stand_in)
    }

    /// Whom a fact of this time is put down to. What happened after somebody was
    /// forgotten is theirs again.
    pub(crate) fn at(&self, user: UserId, at: Timestamp) -> UserId {
        let stand_in = (self.0.get(&user)).and_then(|until| until.range(at..).next());
        stand_in.map_or(user, |(_, stand_in)| *stand_in)
    }

    /// Everybody who stands in for somebody.
    pub(crate) fn stand_ins(&self, user: UserId) -> impl Iterator<Item = UserId> + '_ {
        self.0
            .get(&user)
            .into_iter()
            .flat_map(BTreeMap::values)
            .copied()
    }
}

/// Everybody whom a record names.
pub(crate) fn named(record: &Record) -> Vec<UserId> {
    match record {
        Record::Join(join) => vec![join.key.user],
        Record::Leave(leave) => vec![leave.user],
        Record::Invite(invite) => invite.inviter.into_iter().chain(invite.ended_by).collect(),
        Record::Attribution(attribution) => {
            let mut users = vec![attribution.key.user];
            users.extend(mentioned(attribution));
            users
        }
        _ => Vec::new(),
    }
}

/// Everybody whom an attribution names besides the one who joined.
pub(crate) fn mentioned(attribution: &Attribution) -> BTreeSet<UserId> {
    let mut users = BTreeSet::new();
    visit(&mut attribution.clone(), &mut |user, _| {
        users.insert(*user);
    });
    users
}

/// Puts somebody else in the place of everybody whom an attribution names besides the
/// one who joined; true if that changed anything.
pub(crate) fn replace(
    attribution: &mut Attribution,
    mut by: impl FnMut(UserId, Mention<'_>) -> UserId,
) -> bool {
    let mut changed = false;
    visit(attribution, &mut |user, mention| {
        let instead = by(*user, mention);
        changed |= instead != *user;
        *user = instead;
    });
    changed
}

/// As what somebody is named.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mention<'a> {
    /// As who made an invite, of this code if it is known.
    Inviter(Option<&'a str>),
    /// As who did something then.
    Actor(Timestamp),
    /// As who did what led to the join.
    Adder,
}

fn visit_origin(origin: &mut Origin, visit: &mut impl FnMut(&mut UserId, Mention<'_>)) {
    match origin {
        Origin::Invite {
            code,
            inviter: Some(user),
            ..
        } => visit(user, Mention::Inviter(Some(code.as_str()))),
        Origin::Bot {
            added_by: Some(user),
        } => visit(user, Mention::Adder),
        _ => {}
    }
}

fn visit(attribution: &mut Attribution, visit: &mut impl FnMut(&mut UserId, Mention<'_>)) {
    match &mut attribution.certainty {
        Certainty::Confirmed(of) | Certainty::Deduced(of) => visit_origin(of, visit),
        Certainty::Ambiguous(candidates) | Certainty::Provisional(candidates) => {
            for candidate in candidates {
                visit_origin(&mut candidate.origin, visit);
            }
        }
        Certainty::Unknown(_) => {}
    }
    for evidence in &mut attribution.evidence {
        match evidence {
            Evidence::MembersSearch {
                code,
                inviter: Some(user),
                ..
            } => visit(
                user,
                Mention::Inviter(code.as_ref().map(|code| code.as_str())),
            ),
            Evidence::AuditLog {
                by: Some(user), at, ..
            } => visit(user, Mention::Actor(*at)),
            Evidence::Contradicts { deduced } => visit_origin(deduced, visit),
            _ => {}
        }
    }
}
