//! Whether evidence and statements about invites were received, and are true.

use guestlist_model::Timestamp;
use guestlist_tracker::{Attribution, Evidence, InviteRecord, InviteState};

use super::brief;
use super::delay::{Micros, discord};
use super::guild::Guild;
use super::invite::End;
use super::judge::{Class, Judge};
use super::limits;
use super::member::{TrueJoin, Way};
use super::switch::Switch;

/// Why a count starts again, or moves without a join.
const BLURRING: [Switch; 6] = [
    Switch::StaleLists,
    Switch::MemberUses,
    Switch::VanityChanges,
    Switch::Permissions,
    Switch::Channels,
    Switch::Floods,
];

impl Judge {
    pub(super) fn check_evidence(
        &mut self,
        index: usize,
        guild: &Guild,
        truth: &TrueJoin,
        said: &Attribution,
    ) {
        for evidence in &said.evidence {
            if let Some(why) = self.is_false(index, guild, truth, evidence) {
                self.fault(
                    Class::Evidence,
                    format!(
                        "{evidence}: {why}: {}, in truth {}",
                        brief::attribution(said),
                        truth.tell()
                    ),
                );
            }
        }
    }

    /// The error in evidence.
    fn is_false(
        &self,
        index: usize,
        guild: &Guild,
        truth: &TrueJoin,
        evidence: &Evidence,
    ) -> Option<&'static str> {
        let known = &self.known[index];
        let at = |at: Timestamp, time: Micros| !self.clock_is_right() || at.as_micros() == time;
        match evidence {
            Evidence::UsesRose {
                code,
                from,
                to,
                between,
            } => {
                let code = code.as_str();
                let shows = |uses: u64| {
                    move |list: &&super::told::List| list.uses.get(code) == Some(&Some(uses))
                };
                let later = known.lists.iter().filter(shows(*to));
                let Some(later) = later.rev().find(|list| at(between.1, list.received)) else {
                    return Some("no list that came then has the later count");
                };
                let earlier = known.lists.iter().filter(shows(*from));
                let earlier = earlier.filter(|list| list.at < later.at).count() > 0;
                let new = *from == 0 && known.created.contains(code);
                if from >= to || !(earlier || new) {
                    return Some("no earlier list has the earlier count");
                }
                let asked = known.lists.iter().any(|list| at(between.0, list.sent));
                (!asked).then_some("no list was asked for then")
            }
            Evidence::Appeared {
                code,
                uses,
                between,
            } => {
                let code = code.as_str();
                let mut with = known.lists.iter().filter(|list| {
                    list.uses.get(code) == Some(&Some(*uses)) && at(between.1, list.received)
                });
                let Some(list) = with.next() else {
                    return Some("no list that came then has it so");
                };
                // A list that was read earlier and arrived later was not known then.
                let before = known.lists.iter().any(|earlier| {
                    earlier.at < list.at
                        && earlier.received <= list.received
                        && earlier.uses.contains_key(code)
                });
                before.then_some("it had been listed before")
            }
            Evidence::Exhausted {
                code,
                from,
                max_uses,
                ..
            } => {
                let invite = guild.invite(code.as_str())?;
                if invite.max_uses != *max_uses || from >= max_uses {
                    return Some("it has another limit");
                }
                let used_up = matches!(invite.ended, Some((_, End::UsedUp)));
                (!used_up).then_some("it was not used up")
            }
            Evidence::Vanished {
                code,
                at_most,
                between,
            } => {
                let code = code.as_str();
                let invite = guild.invite(code)?;
                let lacks = known
                    .lists
                    .iter()
                    .any(|list| !list.uses.contains_key(code) && at(between.1, list.received));
                if !lacks {
                    return Some("no list that came then lacks it");
                }
                let left = invite.max_uses;
                at_most
                    .is_some_and(|most| left == 0 || most > left)
                    .then_some("it has another limit")
            }
            Evidence::VanityRose {
                code,
                from,
                to,
                between,
            } => {
                let code = code.as_ref().map(guestlist_model::InviteCode::as_str);
                let told = |uses: u64| {
                    known
                        .vanity
                        .iter()
                        .filter(move |told| told.code.as_deref() == code && told.uses == uses)
                };
                let Some(later) = told(*to).rev().find(|told| at(between.1, told.received)) else {
                    return Some("no answer that came then has the later count");
                };
                let earlier = told(*from).any(|told| told.at < later.at);
                (!earlier).then_some("no earlier answer has the earlier count")
            }
            Evidence::MembersSearch {
                join_source_type,
                code,
                inviter,
            } => {
                let row = (
                    truth.user,
                    *join_source_type,
                    code.as_ref().map(ToString::to_string),
                    inviter.map(guestlist_model::Id::get),
                );
                (!known.rows.contains(&row)).then_some("no search told it")
            }
            Evidence::AuditLog {
                action_type,
                by,
                at,
            } => {
                let by = by.map_or(0, guestlist_model::Id::get);
                let entry = (*action_type, by, at.as_micros());
                (!known.entries.contains(&entry)).then_some("no such entry was told")
            }
            Evidence::BotFlag => {
                let bot = matches!(truth.way, Way::Bot { .. });
                (!bot).then_some("it is a person")
            }
            Evidence::Shared { joins } => {
                let most = self.recorded(index);
                (*joins > most).then_some("so many did not join")
            }
            Evidence::Uncompared => {
                let first = known.lists.first().map_or(Micros::MAX, |list| list.at);
                let is_early = truth.handed.is_none_or(|handed| {
                    handed <= first.saturating_add(limits::COUNT_AFTER_EVENT + limits::MARGIN)
                });
                let made = guild.invites.iter().map(|invite| invite.created_at);
                let is_new = made.max() > Some(discord(0));
                let is_calm = !is_new && !BLURRING.iter().any(|switch| self.switches.has(*switch));
                let is_whole = !known.missed && !known.hidden && !known.refused && !known.removed;
                (self.trusts_counts && is_calm && is_whole && !is_early)
                    .then_some("all counts could be compared")
            }
            _ => None,
        }
    }

    pub(super) fn check_invite(&mut self, guild: &Guild, now: Micros, said: &InviteRecord) {
        let Some(invite) = guild.invite(said.code.as_str()) else {
            self.fault(Class::Invite, format!("{said:?}: there is no such invite"));
            return;
        };
        let mut wrong = Vec::new();
        let id = |id: Option<u64>, truth: Option<u64>| id.is_some() && id != truth;
        let channel = said.channel.map(guestlist_model::Id::get);
        if id(channel, Some(invite.channel)) {
            wrong.push("the channel");
        }
        let inviter = said.inviter.map(guestlist_model::Id::get);
        if id(inviter, invite.inviter) {
            wrong.push("the inviter");
        }
        if said.max_uses.is_some_and(|max| max != invite.max_uses) {
            wrong.push("the limit");
        }
        if said.temporary.is_some_and(|it| it != invite.temporary) {
            wrong.push("whether it is temporary");
        }
        let created = said.created_at.map(Timestamp::as_micros);
        if created.is_some_and(|at| at != invite.created_at) {
            wrong.push("when it was made");
        }
        let most = invite.base + invite.uses.len() as u64;
        if said.uses.is_some_and(|uses| uses > most) {
            wrong.push("the uses");
        }
        let right = match said.state {
            // A listed invite may just have ended.
            InviteState::Active => true,
            InviteState::Expired => invite.expires.all().flatten().any(|at| *at <= now),
            InviteState::Exhausted => matches!(invite.ended, Some((_, End::UsedUp))),
            InviteState::Revoked => match invite.ended {
                Some((_, End::Revoked(by))) => said.ended_by.is_none_or(|said| said.get() == by),
                _ => false,
            },
            InviteState::Gone => invite.ended.is_some() || invite.is_expired(now),
            _ => false,
        };
        if !right {
            wrong.push("the state");
        }
        if !wrong.is_empty() {
            let wrong = wrong.join(", ");
            self.fault(
                Class::Invite,
                format!("{said:?}: {wrong}, in truth {}", invite.tell()),
            );
        }
    }
}
