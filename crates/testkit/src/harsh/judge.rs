//! Compares everything that the tracker states with the truth.

use std::collections::BTreeMap;
use std::fmt;

use guestlist_tracker::{
    Attribution, Candidate, Certainty, Evidence, JoinKey, Origin, Reason, Record,
};

use crate::here::Here;

use super::answers::Told;
use super::brief;
use super::delay::{Micros, SECOND, discord};
use super::guild::Guild;
use super::limits;
use super::member::{TrueJoin, Way};
use super::missed::{CLOCKS, Watch};
use super::outcome::Counts;
use super::switch::{Switch, Switches};
use super::told::{Knowledge, List};

/// The error in a statement.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Class {
    /// A confirmed way in is wrong.
    Confirmed,
    /// A deduced way in is wrong.
    Deduced,
    /// The way in is right, but the invite's creator or channel is wrong.
    InviteFacts,
    /// The way in is right, but the vanity code is wrong.
    VanityCode,
    /// The member who is named did not add the bot.
    AddedBy,
    /// The truth is not among the candidates, and the list claims to be complete.
    Candidates,
    /// The weights do not add up to 1, or one candidate is certain.
    Weights,
    /// The reason for an unknown answer is false.
    Reason,
    /// The evidence was never received.
    Evidence,
    /// Revisions do not increase, or a confirmed answer changes.
    Revision,
    /// A join is reported twice, or never happened.
    Doubled,
    /// A join that was sent has no record or no answer.
    Lost,
    /// A statement about a join, apart from the way in, is false.
    JoinFacts,
    /// A statement about an invite is false.
    Invite,
    /// A statement about a leave is false.
    Leave,
    /// A statement about a gap is false.
    Gap,
    /// Two requests of a kind at once, or unfinished work at the end.
    Conduct,
}

/// A false statement.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The error.
    pub class: Class,
    /// The statement and the truth.
    pub text: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.class, self.text)
    }
}

/// The statements about one join.
#[derive(Clone, Debug, Default)]
struct Said {
    recorded: u32,
    revision: Option<u32>,
    last: Option<Certainty>,
}

pub(super) struct Judge {
    pub(super) faults: Vec<Fault>,
    pub(super) counts: Counts,
    pub(super) known: Vec<Knowledge>,
    pub(super) watches: Vec<Watch>,
    pub(super) switches: Switches,
    /// Whether the settings let the tracker believe counts.
    pub(super) trusts_counts: bool,
    max_joins: usize,
    said: BTreeMap<(usize, usize), Said>,
}

impl Judge {
    pub(super) fn new(
        guilds: usize,
        switches: Switches,
        trusts_counts: bool,
        max_joins: usize,
    ) -> Self {
        Self {
            faults: Vec::new(),
            counts: Counts::default(),
            known: vec![Knowledge::default(); guilds],
            watches: vec![Watch::default(); guilds],
            switches,
            trusts_counts,
            max_joins,
            said: BTreeMap::new(),
        }
    }

    pub(super) fn fault(&mut self, class: Class, text: String) {
        self.faults.push(Fault { class, text });
    }

    pub(super) fn told(
        &mut self,
        guild: usize,
        at: Micros,
        sent: Micros,
        received: Micros,
        told: Told,
    ) {
        self.known[guild].learn(at, sent, received, told);
    }

    pub(super) fn event(&mut self, guild: usize, at: Micros, name: &str, body: &str) {
        let known = &mut self.known[guild];
        let value = || serde_json::from_str::<serde_json::Value>(body).unwrap();
        match name {
            "GUILD_CREATE" => self.watches[guild].announced(at),
            "GUILD_DELETE" if value()["unavailable"] != true => self.watches[guild].removed(at),
            "INVITE_CREATE" => {
                let code = value()["code"].as_str().unwrap().to_owned();
                known.created.insert(code);
            }
            "GUILD_AUDIT_LOG_ENTRY_CREATE" => {
                let value = value();
                let number = |key: &str| value[key].as_str().and_then(|id| id.parse().ok());
                let id: u64 = number("id").unwrap();
                let at = (i64::try_from(id >> 22).unwrap() + 1_420_070_400_000) * 1000;
                let by = number("user_id").unwrap();
                let action = value["action_type"].as_u64().unwrap();
                known.entries.insert((action, by, at));
            }
            _ => {}
        }
    }

    pub(super) fn missed(&mut self, guild: usize) {
        self.known[guild].missed = true;
    }

    pub(super) fn goes(&mut self, guild: usize, at: Micros, unavailable: bool) {
        if !unavailable {
            self.watches[guild].removed(at);
        }
        self.known[guild].missed = true;
        self.known[guild].removed |= !unavailable;
    }

    pub(super) fn asked(&mut self, _guild: usize, label: &'static str) {
        self.counts.requests += 1;
        *self.counts.by_kind.entry(label).or_default() += 1;
    }

    pub(super) fn hear(&mut self, guilds: &[Guild], now: Micros, record: &Record) {
        let id = record.guild().get();
        let Some(index) = guilds.iter().position(|guild| guild.id == id) else {
            self.fault(
                Class::Doubled,
                format!("there is no such guild: {record:?}"),
            );
            return;
        };
        let guild = &guilds[index];
        match record {
            Record::Join(join) => {
                let Some(number) = self.find(guild, join.key, record) else {
                    return;
                };
                let said = self.said.entry((index, number)).or_default();
                said.recorded += 1;
                if said.recorded > 1 {
                    self.fault(Class::Doubled, format!("{join:?} is recorded again"));
                }
                self.check_join(&guild.joins[number], join);
            }
            Record::Attribution(said) => {
                let Some(number) = self.find(guild, said.key, record) else {
                    return;
                };
                self.check_revision(index, number, said);
                self.check_answer(index, guild, &guild.joins[number], now, said);
                self.check_evidence(index, guild, &guild.joins[number], said);
            }
            Record::Invite(invite) => self.check_invite(guild, now, invite),
            Record::Leave(leave) => {
                let known = leave.joined_at.is_none_or(|at| {
                    let join = guild.join(leave.user.get(), at.as_millis());
                    let left = join.and_then(|join| guild.joins[join].left);
                    let since = leave.since.map(guestlist_model::Timestamp::as_micros);
                    left.is_some_and(|left| {
                        left <= now && since.is_none_or(|since| since <= discord(left) + CLOCKS)
                    })
                });
                // A leave has no time, so a repeated one ends the next join.
                if !known && !self.switches.has(Switch::AnyTwice) {
                    self.fault(Class::Leave, format!("{leave:?}: that join did not end"));
                }
            }
            Record::Gap(gap) => {
                self.watches[index].said(gap);
                self.check_missing(index, guild, now);
                if !self.known[index].missed {
                    self.fault(Class::Gap, format!("{gap:?}: nothing was missed"));
                }
            }
            other => self.fault(Class::Conduct, format!("a record of a new kind: {other:?}")),
        }
    }

    pub(super) fn spins(&mut self, now: Micros) {
        self.fault(
            Class::Conduct,
            format!("a timer is due again and again at {now} µs"),
        );
    }

    fn find(&mut self, guild: &Guild, key: JoinKey, record: &Record) -> Option<usize> {
        let found = guild.join(key.user.get(), key.joined_at.as_millis());
        if found.is_none() {
            self.fault(Class::Doubled, format!("it never happened: {record:?}"));
        }
        found
    }

    fn check_join(&mut self, truth: &TrueJoin, join: &guestlist_tracker::Join) {
        let bot = matches!(truth.way, Way::Bot { .. });
        let name = format!("user{}", truth.user);
        let right = join.bot == bot
            && join.pending == truth.pending
            && join.rejoined == Some(truth.rejoined)
            && join.name.as_ref() == Some(&name)
            && !join.guest;
        if !right {
            self.fault(
                Class::JoinFacts,
                format!("{join:?}, in truth {}", truth.tell()),
            );
        }
    }

    fn check_revision(&mut self, guild: usize, join: usize, said: &Attribution) {
        let before = self.said.entry((guild, join)).or_default();
        let expected = before.revision.map_or(0, |revision| revision + 1);
        let mut faults = Vec::new();
        if before.recorded == 0 {
            faults.push("is answered before it is recorded");
        }
        if said.revision != expected {
            faults.push("has the wrong revision");
        }
        if matches!(before.last, Some(Certainty::Confirmed(_))) {
            faults.push("was confirmed already");
        }
        if before.last.as_ref() == Some(&said.certainty) {
            faults.push("says what was said before");
        }
        before.revision = Some(said.revision);
        let last = before.last.replace(said.certainty.clone());
        for fault in faults {
            self.fault(
                Class::Revision,
                format!("{} {fault}: {last:?}", brief::attribution(said)),
            );
        }
    }

    fn check_answer(
        &mut self,
        index: usize,
        guild: &Guild,
        truth: &TrueJoin,
        now: Micros,
        said: &Attribution,
    ) {
        let of = || format!("{}, in truth {}", brief::attribution(said), truth.tell());
        match &said.certainty {
            Certainty::Confirmed(origin) | Certainty::Deduced(origin) => {
                let wrong = match said.certainty {
                    Certainty::Confirmed(_) => Class::Confirmed,
                    _ => Class::Deduced,
                };
                if !is_way(truth, origin) {
                    self.fault(wrong, of());
                } else if let Some(class) = wrong_fact(truth, origin) {
                    self.fault(class, of());
                }
            }
            Certainty::Ambiguous(candidates) | Certainty::Provisional(candidates) => {
                self.check_candidates(index, guild, truth, now, said, candidates);
            }
            Certainty::Unknown(reason) => {
                let known = &self.known[index];
                let handed = truth.handed.unwrap_or(Micros::MAX);
                let right = match reason {
                    Reason::MissingPermission => known.refused,
                    Reason::UsesHidden => known.hidden,
                    Reason::NoBaseline => {
                        let may_count = |list: &List| {
                            handed <= list.at + limits::COUNT_AFTER_EVENT + limits::MARGIN
                        };
                        let first = known.lists.first();
                        let is_later = first.is_some_and(|list| truth.at < list.at);
                        known.removed || is_later || known.lists.iter().all(may_count)
                    }
                    Reason::NoCountMoved => !known.saw_use(guild, truth),
                    Reason::Offline => known.missed,
                    Reason::TooMany => {
                        let others = guild.joins.iter();
                        others.filter(|join| join.at <= now).count() > self.max_joins
                    }
                    Reason::LeftGuild => known.removed,
                    Reason::Unproven => !self.trusts_counts,
                    _ => true,
                };
                if !right {
                    self.fault(Class::Reason, of());
                }
            }
        }
    }

    fn check_candidates(
        &mut self,
        index: usize,
        guild: &Guild,
        truth: &TrueJoin,
        now: Micros,
        said: &Attribution,
        candidates: &[Candidate],
    ) {
        let of = || format!("{}, in truth {}", brief::attribution(said), truth.tell());
        let more = said
            .evidence
            .iter()
            .any(|evidence| matches!(evidence, Evidence::MoreWays { .. } | Evidence::Uncompared));
        let unseen = !self.known[index].saw_use(guild, truth);
        let is_true = |candidate: &Candidate| match &candidate.origin {
            Origin::Unseen => unseen,
            origin => is_way(truth, origin) && wrong_fact(truth, origin) != Some(Class::VanityCode),
        };
        if !more && !candidates.iter().any(is_true) {
            self.fault(Class::Candidates, of());
        }
        let sum: f64 = candidates.iter().map(|candidate| candidate.weight).sum();
        let certain = candidates.iter().any(|candidate| candidate.weight > 0.9995);
        let negative = candidates.iter().any(|candidate| candidate.weight <= 0.0);
        if certain || negative || sum > 1.0 + 1e-9 || (!more && sum < 1.0 - 1e-6) {
            self.fault(Class::Weights, of());
        }
        let is_named = |one: &Candidate| one.origin != Origin::Unseen && is_true(one);
        let named = candidates.iter().any(is_named);
        for candidate in candidates {
            let wrong = match &candidate.origin {
                Origin::Invite {
                    code,
                    inviter,
                    channel,
                } => guild.invite(code.as_str()).is_none_or(|invite| {
                    inviter.is_some_and(|id| Some(id.get()) != invite.inviter)
                        || channel.is_some_and(|id| id.get() != invite.channel)
                }),
                _ => false,
            };
            if wrong {
                self.fault(Class::InviteFacts, of());
            }
            let other = candidate.origin == Origin::Unseen;
            let weight = candidate.weight;
            let weights = self.counts.weights.of(said.certainty.is_final(), other);
            // One candidate is the true one: if an invite is named, it is not among the rest.
            weights.add(weight, is_true(candidate) && !(other && named));
        }
        if let Some(first) = candidates.first() {
            let right = u64::from(is_true(first));
            if said.certainty.is_final() {
                self.counts.heaviest_right += right;
            } else if said.revision == 0 {
                self.counts.first_answers += 1;
                self.counts.first_right += right;
                let within = truth.handed.is_some_and(|at| now - at <= SECOND / 2);
                self.counts.first_within_half += u64::from(within);
            }
        }
    }

    /// Whether a join was recorded.
    pub(super) fn is_recorded(&self, guild: usize, join: usize) -> bool {
        let said = self.said.get(&(guild, join));
        said.is_some_and(|said| said.recorded > 0)
    }

    /// How many joins of a guild were recorded.
    pub(super) fn recorded(&self, guild: usize) -> u64 {
        let of_guild = self.said.range((guild, 0)..(guild + 1, 0));
        of_guild.count() as u64
    }

    /// Checks at the end that nothing is missing.
    pub(super) fn finish(&mut self, guilds: &[Guild], here: &Here, pending: usize) {
        if pending > 0 {
            self.fault(Class::Conduct, format!("{pending} joins are pending still"));
        }
        for (index, guild) in guilds.iter().enumerate() {
            self.check_missing_at_most(index, guild);
            for (number, join) in guild.joins.iter().enumerate() {
                self.check_presence(index, guild, here, join);
                let said = self.said.get(&(index, number));
                let answer = said.and_then(|said| said.last.clone());
                self.counts.count(join.handed.is_some(), answer.as_ref());
                if join.handed.is_none() {
                    if said.is_none() {
                        self.check_silence(index, join);
                    }
                    continue;
                }
                if answer.as_ref().is_none_or(|answer| !answer.is_final()) {
                    let recorded = said.is_some_and(|said| said.recorded > 0);
                    self.fault(
                        Class::Lost,
                        format!("{} has no final answer, recorded: {recorded}", join.tell()),
                    );
                }
            }
        }
    }

    /// Whether times of our clock can be compared with times in evidence.
    pub(super) const fn clock_is_right(&self) -> bool {
        !self.switches.has(Switch::ClockSteps)
    }
}

/// Whether an answer names the true way in.
pub(super) fn is_way(truth: &TrueJoin, origin: &Origin) -> bool {
    match (&truth.way, origin) {
        (Way::Invite { code, .. }, Origin::Invite { code: said, .. }) => said == code.as_str(),
        // A member who was manually approved did use the invite.
        (
            Way::Manual {
                code,
                counted: true,
            },
            Origin::Invite { code: said, .. },
        ) => said == code.as_str(),
        (Way::Manual { .. }, Origin::ManualVerification)
        | (Way::Vanity { .. }, Origin::Vanity { .. })
        | (Way::Bot { .. } | Way::ByBot { .. }, Origin::Bot { .. })
        | (Way::Integration, Origin::Integration)
        | (Way::Discovery, Origin::Discovery)
        | (Way::Hub, Origin::Hub)
        | (Way::LinkedLobby, Origin::LinkedLobby) => true,
        _ => false,
    }
}

/// The error in an answer that names the true way in.
fn wrong_fact(truth: &TrueJoin, origin: &Origin) -> Option<Class> {
    match (&truth.way, origin) {
        (
            Way::Invite {
                inviter, channel, ..
            },
            Origin::Invite {
                inviter: said,
                channel: to,
                ..
            },
        ) => {
            let wrong = said.is_some_and(|id| Some(id.get()) != *inviter)
                || to.is_some_and(|id| id.get() != *channel);
            wrong.then_some(Class::InviteFacts)
        }
        (Way::Vanity { code }, Origin::Vanity { code: Some(said) }) => {
            (said != code.as_str()).then_some(Class::VanityCode)
        }
        (Way::Bot { added_by }, Origin::Bot { added_by: said }) => said
            .is_some_and(|said| said.get() != *added_by)
            .then_some(Class::AddedBy),
        (Way::ByBot { bot }, Origin::Bot { added_by: said }) => said
            .is_some_and(|said| said.get() != *bot)
            .then_some(Class::AddedBy),
        _ => None,
    }
}
