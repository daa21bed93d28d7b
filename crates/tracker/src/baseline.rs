//! The last known counts, and what moved since.

use std::collections::BTreeMap;
use std::sync::Arc;

use guestlist_model::{ChannelId, InviteCode, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::facts::Listed;
use crate::time::{SKEW, after};
use crate::window::{Move, MoveKind, Way};

/// Invites of a guild that are remembered without a list of them; Discord allows a
/// thousand.
const MAX_INVITES: usize = 1000;

/// What is remembered of an invite.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Known {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) channel: Option<ChannelId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) inviter: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) created_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_uses: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) uses: Option<u64>,
    /// Whether its count may rise though nobody new came in.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) phantom: bool,
    /// Whether an event told of it that left open whether its count may rise so.
    #[serde(default, skip_serializing_if = "is_false")]
    unsure: bool,
    /// If it is not from the last list: when the list was asked for that came before
    /// its count was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<Timestamp>,
    /// If it is not from the last list: when it became known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seen: Option<Timestamp>,
    /// Whether INVITE_DELETE came for it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) deleted: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl Known {
    pub(crate) fn new(listed: &Listed) -> Self {
        let mut known = Self::default();
        known.learn(listed);
        known
    }

    /// Takes over what a list or an event tells; what it does not tell stays.
    fn learn(&mut self, listed: &Listed) {
        self.channel = listed.channel.or(self.channel);
        self.inviter = listed.inviter.or(self.inviter);
        self.created_at = listed.created_at.or(self.created_at);
        self.expires_at = listed.expires_at.or(self.expires_at);
        self.max_uses = listed.max_uses.or(self.max_uses);
        self.phantom |= listed.phantom;
    }

    /// How often it can still be used; `None` is without limit or unknown.
    pub(crate) fn left(&self) -> Option<u64> {
        let max = self.max_uses.filter(|max| *max > 0)?;
        Some(max.saturating_sub(self.uses?))
    }
}

/// What a list changed.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    /// Counts that moved.
    pub(crate) moves: Vec<Move>,
    /// Invites that began or whose count changed.
    pub(crate) changed: Vec<InviteCode>,
    /// Invites that are gone, with what was known of them.
    pub(crate) gone: Vec<(InviteCode, Known)>,
    /// By how much counts rose in all.
    pub(crate) risen: u64,
}

/// A list of invites and when it was asked for.
pub(crate) struct List<'a> {
    pub(crate) invites: &'a [Listed],
    /// Whether these are all that there are.
    pub(crate) complete: bool,
    pub(crate) sent: Timestamp,
    /// What became known after this moment may be missing in the list.
    pub(crate) sure_until: Timestamp,
    /// A moment, by Discord's clock, before the list before this one was read: what was
    /// made earlier and was not in that list was missing there, and is not new.
    pub(crate) new_since: Option<Timestamp>,
}

/// The invites of a guild.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Baseline {
    pub(crate) invites: Arc<BTreeMap<InviteCode, Known>>,
    /// When the last list was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) listed: Option<Timestamp>,
    /// Whether that list held all invites.
    pub(crate) whole: bool,
}

impl Baseline {
    /// Since when the count of an invite has been watched.
    fn since(&self, known: &Known) -> Option<Timestamp> {
        known.since.or(self.listed)
    }

    /// The earliest moment since which any count has been watched.
    pub(crate) fn earliest(&self) -> Option<Timestamp> {
        let listed = self.listed?;
        let special = self.invites.values().filter_map(|known| known.since).min();
        Some(special.map_or(listed, |special| special.min(listed)))
    }

    /// Notes an invite told by an event. Returns whether it is new.
    pub(crate) fn created(&mut self, listed: &Listed, now: Timestamp) -> bool {
        if self.invites.contains_key(&listed.code) {
            return false;
        }
        let mut known = Known::new(listed);
        known.uses = listed.uses;
        known.unsure = !listed.tells_kind;
        // It did not exist when the last list was asked for, or it would be known.
        known.since = self.listed;
        known.seen = Some(now);
        Arc::make_mut(&mut self.invites).insert(listed.code.clone(), known);
        true
    }

    /// Forgets invites that no list will tell the end of: those deleted or expired, and if
    /// there are too many, those known longest. Returns them.
    pub(crate) fn forget(&mut self, discord_now: Option<Timestamp>) -> Vec<(InviteCode, Known)> {
        let over = |known: &Known| {
            known.deleted || (known.expires_at.is_some() && known.expires_at <= discord_now)
        };
        if self.invites.len() <= MAX_INVITES && !self.invites.values().any(over) {
            return Vec::new();
        }
        let invites = Arc::make_mut(&mut self.invites);
        let mut gone: Vec<(InviteCode, Known)> =
            invites.extract_if(.., |_, known| over(known)).collect();
        while invites.len() > MAX_INVITES {
            let oldest = invites.iter().min_by_key(|(_, known)| known.seen);
            let Some(code) = oldest.map(|(code, _)| code.clone()) else {
                break;
            };
            gone.extend(invites.remove_entry(&code));
        }
        gone
    }

    /// Takes an invite back that was gone: the list without it was not up to date.
    pub(crate) fn take_back(&mut self, code: &InviteCode, known: Known) {
        Arc::make_mut(&mut self.invites).insert(code.clone(), known);
    }

    /// Notes that INVITE_DELETE came. Returns what is known of the invite.
    pub(crate) fn deleted(&mut self, code: &InviteCode) -> Option<Known> {
        if !self.invites.contains_key(code) {
            return None;
        }
        let known = Arc::make_mut(&mut self.invites).get_mut(code)?;
        known.deleted = true;
        Some(known.clone())
    }

    /// Compares a list with what was known, and makes it what is known.
    pub(crate) fn take(&mut self, list: &List<'_>) -> Difference {
        // Without an earlier whole list nothing is known of when a new one was used.
        let before = self.listed.filter(|_| self.whole);
        let mut old = std::mem::take(Arc::make_mut(&mut self.invites));
        let mut new = BTreeMap::new();
        let mut found = Difference::default();
        for listed in list.invites {
            let code = &listed.code;
            let mut known = match old.remove(code) {
                Some(mut known) => {
                    let since = self.since(&known);
                    // What kind of invite it is decides what its movement proves.
                    known.learn(listed);
                    known.unsure = false;
                    if known.uses != listed.uses && listed.uses.is_some() {
                        found.changed.push(code.clone());
                    }
                    if let (Some(from), Some(to), Some(since)) = (known.uses, listed.uses, since)
                        && to > from
                    {
                        found.risen += to - from;
                        let kind = MoveKind::Rose { from, to };
                        found.moves.push(movement(code, &known, kind, since));
                    }
                    known
                }
                None => {
                    found.changed.push(code.clone());
                    let known = Known::new(listed);
                    let new = listed
                        .created_at
                        .is_none_or(|created| Some(after(created, SKEW)) >= list.new_since);
                    if let (Some(uses @ 1..), Some(since)) = (listed.uses, before)
                        && new
                    {
                        found.risen += uses;
                        let kind = MoveKind::Appeared { uses };
                        found.moves.push(movement(code, &known, kind, since));
                    }
                    known
                }
            };
            // A count that goes down comes from an answer older than the one before.
            known.uses = match (known.uses, listed.uses) {
                (Some(before), Some(now)) => Some(before.max(now)),
                (_, now) => now,
            };
            known.since = None;
            known.seen = None;
            known.deleted = false;
            new.insert(code.clone(), known);
        }
        for (code, mut known) in old {
            if !list.complete {
                // It may have been used meanwhile: the count to compare with is lost.
                known.uses = None;
                new.insert(code, known);
                continue;
            }
            // INVITE_DELETE leaves no doubt, unless the list is older than the invite.
            let sure_until = if known.deleted {
                list.sent
            } else {
                list.sure_until
            };
            if known.seen.is_some_and(|seen| seen > sure_until) {
                new.insert(code, known);
                continue;
            }
            if let Some(since) = self.since(&known) {
                let kind = MoveKind::Vanished {
                    from: known.uses,
                    max_uses: known.max_uses,
                };
                found.moves.push(movement(&code, &known, kind, since));
            }
            found.gone.push((code, known));
        }
        found.changed.sort_unstable();
        self.invites = Arc::new(new);
        self.listed = Some(list.sent);
        self.whole = list.complete;
        found
    }
}

fn movement(code: &InviteCode, known: &Known, kind: MoveKind, since: Timestamp) -> Move {
    Move {
        way: Way::Invite {
            code: code.clone(),
            inviter: known.inviter,
            channel: known.channel,
        },
        kind,
        since,
        phantom: known.phantom || known.unsure,
        created_at: known.created_at,
        expires_at: known.expires_at,
    }
}
