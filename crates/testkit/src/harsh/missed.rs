//! Missed joins: whether the tracker reports that it missed some.

use guestlist_model::Timestamp;
use guestlist_tracker::Gap;

use crate::here::Here;

use super::delay::{Micros, SECOND, discord, local};
use super::guild::Guild;
use super::judge::{Class, Judge};
use super::member::{TrueJoin, Way};
use super::switch::Switch;

/// The maximum error between two of Discord's timestamps.
pub(super) const CLOCKS: Micros = 2 * SECOND;

/// What the tracker could know about one guild, and what it reported as missed.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    /// The times from each announcement until the bot is removed.
    spans: Vec<(Micros, Option<Micros>)>,
    gaps: Vec<Gap>,
}

impl Watch {
    pub(super) fn announced(&mut self, at: Micros) {
        if self.spans.last().is_none_or(|(_, until)| until.is_some()) {
            self.spans.push((at, None));
        }
    }

    pub(super) fn removed(&mut self, at: Micros) {
        if let Some((_, until)) = self.spans.last_mut() {
            until.get_or_insert(at);
        }
    }

    pub(super) fn said(&mut self, gap: &Gap) {
        self.gaps.push(gap.clone());
    }

    /// Whether the tracker should have received a join.
    fn was_to_hear(&self, join: &TrueJoin) -> bool {
        let mut spans = self.spans.iter();
        spans.any(|(from, until)| *from <= join.at && until.is_none_or(|until| join.told < until))
    }

    /// Whether a gap was stated into which a join falls.
    fn has_gap_for(&self, join: &TrueJoin) -> bool {
        self.gaps.iter().any(|gap| {
            let known = gap.last_known.map(Timestamp::as_micros);
            known.is_none_or(|known| known <= discord(join.at) + CLOCKS)
                && gap.closed_at.as_micros() >= local(join.at)
        })
    }

    /// Whether a gap was stated in which a member left, and after which all who are stored
    /// were compared with the members.
    fn was_compared_since(&self, left: Micros) -> bool {
        self.gaps.iter().any(|gap| {
            let known = gap.last_known.map(Timestamp::as_micros);
            gap.compared
                && known.is_some_and(|known| known <= discord(left) - CLOCKS)
                && gap.observed_at.as_micros() >= local(left)
        })
    }
}

impl Judge {
    /// Checks a join that ended while no connection existed.
    pub(super) fn check_presence(
        &mut self,
        index: usize,
        guild: &Guild,
        here: &Here,
        join: &TrueJoin,
    ) {
        let Some(left) = join.left else {
            return;
        };
        let is_comparable = !self.switches.has(Switch::SkewBeyond) && self.clock_is_right();
        let is_missed = self.watches[index].was_compared_since(left);
        if is_comparable && is_missed && here.has(guild.id, join.user, join.joined_at) {
            self.fault(
                Class::Leave,
                format!("{} has left, and is recorded as here", join.tell()),
            );
        }
    }

    /// Checks that no more joins are told to be missing than are not recorded by now.
    pub(super) fn check_missing(&mut self, index: usize, guild: &Guild, now: Micros) {
        // Counts that rise for nobody who joins tell of joins that there never were.
        let rise_for_nobody = [
            Switch::NobodyUses,
            Switch::IntegrationUses,
            Switch::RoleChanges,
            Switch::Verified,
        ];
        if rise_for_nobody.iter().any(|it| self.switches.has(*it)) {
            return;
        }
        let joins = guild.joins.iter().filter(|join| join.at <= now).count();
        let joins = u64::try_from(joins).unwrap_or(u64::MAX);
        let unrecorded = joins.saturating_sub(self.recorded(index));
        let gaps = self.watches[index].gaps.clone();
        let missing: u64 = gaps.iter().map(|gap| gap.joins_missing).sum();
        if missing > unrecorded {
            self.fault(
                Class::Gap,
                format!("{missing} joins are told to be missing, of {unrecorded}: {gaps:?}"),
            );
        }
    }

    /// Checks at the end that so many joins may be missing as came by invites that are still there
    /// and are not recorded.
    pub(super) fn check_missing_at_most(&mut self, index: usize, guild: &Guild) {
        let watch = &self.watches[index];
        let most: Option<u64> = watch.gaps.iter().map(|gap| gap.joins_missing_at_most).sum();
        let Some(most) = most else {
            return;
        };
        let is_plain = |code: &str| {
            guild.invite(code).is_some_and(|invite| {
                let stays = invite.ended.is_none() && invite.expires.all().all(Option::is_none);
                stays && !invite.guest && !invite.roles.all().any(|grants| *grants)
            })
        };
        let unrecorded = guild.joins.iter().enumerate().filter(|(number, join)| {
            let is_counted = matches!(&join.way, Way::Invite { code, .. } if is_plain(code));
            is_counted && watch.was_to_hear(join) && !self.is_recorded(index, *number)
        });
        let unrecorded = u64::try_from(unrecorded.count()).unwrap_or(u64::MAX);
        if unrecorded > most {
            self.fault(
                Class::Gap,
                format!("{unrecorded} joins are missing, and at most {most} are told to be"),
            );
        }
    }

    /// Checks a join that was neither sent nor found.
    pub(super) fn check_silence(&mut self, guild: usize, join: &TrueJoin) {
        // Nobody can know about events that are never sent, and clocks cannot be compared.
        let is_knowable = !self.switches.has(Switch::SilentLosses)
            && !self.switches.has(Switch::SkewBeyond)
            && self.clock_is_right();
        let watch = &self.watches[guild];
        if is_knowable && watch.was_to_hear(join) && !watch.has_gap_for(join) {
            self.fault(
                Class::Gap,
                format!("{} was missed, and no gap was told", join.tell()),
            );
        }
    }
}
