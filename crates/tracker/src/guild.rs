//! One guild: what is known, and what events change about it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use guestlist_model::{GuildId, InviteCode, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::audit::Audit;
use crate::baseline::Baseline;
use crate::config::Config;
use crate::ended::Ended;
use crate::endpoint::Endpoint;
use crate::facts::{GuildFacts, JoinFacts, Listed};
use crate::gap::GapState;
use crate::io::{Request, RequestId};
use crate::record::{Join, Leave, Observation, Reason, Record};
use crate::stats::Stats;
use crate::time::{EVER, after};
use crate::window::{Dropped, Step, Waiting};

/// How often much is weighed, and how seldom at the most.
const WEIGH_EVERY: Duration = Duration::from_secs(1);
const WEIGH_AT_LEAST: Duration = Duration::from_secs(5);
/// Former vanity codes remembered.
const MAX_FORMER_CODES: usize = 4;

/// What a guild's state is given to work with.
pub(crate) struct Context<'a> {
    /// The inner time.
    pub(crate) now: Timestamp,
    /// The time as it was handed in.
    pub(crate) told: Timestamp,
    pub(crate) config: &'a Config,
    pub(crate) out: &'a mut VecDeque<Record>,
    pub(crate) asked: &'a mut VecDeque<(RequestId, Request)>,
    pub(crate) next_request: &'a mut u64,
    pub(crate) stats: &'a mut Stats,
    /// Requests given up.
    pub(crate) lost: &'a mut Vec<RequestId>,
    /// Whether a barrier is wanted.
    pub(crate) barrier: &'a mut bool,
}

impl Context<'_> {
    pub(crate) fn ask(&mut self, request: Request) -> RequestId {
        *self.next_request += 1;
        let id = RequestId(*self.next_request);
        self.stats.count_request(&request);
        self.asked.push_back((id, request));
        id
    }
}

/// Whether events can be relied on to arrive.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Live {
    /// Events arrive.
    #[default]
    Yes,
    /// The connection is down, or has not been resumed yet after a restart.
    Down,
}

/// The last known count of the vanity link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct VanityCount {
    pub(crate) code: Option<InviteCode>,
    pub(crate) uses: u64,
    /// When it was asked for.
    pub(crate) sent: Timestamp,
}

/// What a search under way is for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Purpose {
    Confirm(Vec<(UserId, Timestamp)>),
    CatchUp,
}

/// Everything about one guild.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Guild {
    pub(crate) id: GuildId,
    /// Whether the guild has been announced or listed.
    pub(crate) known: bool,
    pub(crate) available: bool,
    pub(crate) live: Live,
    pub(crate) vanity_code: Option<InviteCode>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) former_codes: Vec<InviteCode>,
    /// When it was last seen that the code is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) vanity_changed: Option<Timestamp>,
    /// Whether it may have been another one in the latest gap.
    #[serde(default)]
    pub(crate) vanity_changed_in_gap: bool,
    /// The latest of Discord's times that was seen.
    pub(crate) discord_now: Option<Timestamp>,
    /// The same while events arrived: what happened until then was not missed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) heard: Option<Timestamp>,
    /// From when on joins may be missing that no search has told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unfilled: Option<Timestamp>,
    pub(crate) recent: BTreeSet<(Timestamp, UserId)>,
    pub(crate) baseline: Baseline,
    pub(crate) vanity: Option<VanityCount>,
    /// Whether the last list told no uses.
    pub(crate) uses_hidden: bool,
    pub(crate) steps: VecDeque<Step>,
    pub(crate) next_step: u64,
    pub(crate) joins: Vec<Waiting>,
    pub(crate) dropped: VecDeque<Dropped>,
    /// Counts watched since before this moment may have moved for joins never told.
    pub(crate) distrust: Option<Timestamp>,
    /// When the latest list was asked for that is final.
    pub(crate) covered: Option<Timestamp>,
    /// The same for the vanity count.
    pub(crate) vanity_covered: Option<Timestamp>,
    /// Until when no count of this guild proves anything, because one rose for nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) phantoms_until: Option<Timestamp>,
    /// The latest of Discord's times that was seen when the last list was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) listed_after: Option<Timestamp>,
    /// The same for the list that is under way.
    #[serde(skip)]
    pub(crate) asking_after: Option<Timestamp>,
    /// A list is wanted that is asked for from this moment on.
    pub(crate) relist: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) ended: BTreeMap<InviteCode, Ended>,
    pub(crate) audit: Audit,
    pub(crate) gap: Option<GapState>,
    pub(crate) list_end: Endpoint,
    pub(crate) vanity_end: Endpoint,
    pub(crate) search_end: Endpoint,
    pub(crate) audit_end: Endpoint,
    #[serde(skip)]
    pub(crate) searching: Option<Purpose>,
    /// All events have come that were on their way at this moment.
    #[serde(skip)]
    pub(crate) barrier_passed: Option<Timestamp>,
    /// When a barrier was wanted last.
    #[serde(skip)]
    pub(crate) barrier_wanted: Option<Timestamp>,
    /// How many joins are not done with.
    #[serde(skip)]
    pub(crate) pending: usize,
    /// Whether there is new evidence to solve with.
    #[serde(skip)]
    pub(crate) unsolved: bool,
    /// Whether what is explained must be worked out anew.
    #[serde(skip)]
    pub(crate) unexplained: bool,
    /// When everything was weighed last.
    #[serde(skip)]
    pub(crate) weighed: Option<Timestamp>,
    /// When something is to be done next.
    #[serde(skip, default = "ever")]
    pub(crate) due: Timestamp,
}

const fn ever() -> Timestamp {
    EVER
}

impl Guild {
    pub(crate) fn new(id: GuildId) -> Self {
        Self {
            id,
            known: false,
            available: true,
            live: Live::Yes,
            vanity_code: None,
            former_codes: Vec::new(),
            vanity_changed: None,
            vanity_changed_in_gap: false,
            discord_now: None,
            heard: None,
            unfilled: None,
            recent: BTreeSet::new(),
            baseline: Baseline::default(),
            vanity: None,
            uses_hidden: false,
            steps: VecDeque::new(),
            next_step: 0,
            joins: Vec::new(),
            dropped: VecDeque::new(),
            distrust: None,
            covered: None,
            vanity_covered: None,
            phantoms_until: None,
            listed_after: None,
            asking_after: None,
            relist: None,
            ended: BTreeMap::new(),
            audit: Audit::default(),
            gap: None,
            list_end: Endpoint::default(),
            vanity_end: Endpoint::default(),
            search_end: Endpoint::default(),
            audit_end: Endpoint::default(),
            searching: None,
            barrier_passed: None,
            barrier_wanted: None,
            pending: 0,
            unsolved: false,
            unexplained: false,
            weighed: None,
            due: EVER,
        }
    }

    /// Does whatever there is to do at this time.
    pub(crate) fn advance(&mut self, ctx: &mut Context<'_>) {
        self.due = EVER;
        self.lose_requests(ctx);
        self.settle(ctx);
        let weigh = self.is_time_to_weigh(ctx);
        if weigh {
            self.solve(ctx);
            self.end_invites(ctx);
            // An invite's end may have told how often it was used.
            self.solve(ctx);
            self.tell_deduced(ctx);
            self.conclude(ctx);
            self.explain(ctx);
        }
        self.follow_gap(ctx);
        self.ask(ctx);
        if weigh {
            self.prune(ctx);
        }
        self.count_pending(ctx);
    }

    /// Whether to weigh joins against counts now. In a raid there are too many of both to
    /// do so at each event.
    fn is_time_to_weigh(&mut self, ctx: &Context<'_>) -> bool {
        let moves: usize = self.steps.iter().map(|step| step.moves.len()).sum();
        let pairs = self.joins.len().saturating_mul(moves);
        if let Some(weighed) = self.weighed
            && pairs > ctx.config.light_work
        {
            // The more there is, the less often: that bounds the share of the time it takes.
            let pause = WEIGH_EVERY.max(Duration::from_micros(u64::try_from(pairs).unwrap_or(0)));
            let next = after(weighed, pause.min(WEIGH_AT_LEAST));
            if ctx.now < next {
                self.wake_at(next);
                return false;
            }
        }
        self.weighed = Some(ctx.now);
        true
    }

    /// Whether a join is known already.
    pub(crate) fn knows(&self, (user, joined_at): (UserId, Timestamp)) -> bool {
        let same = |at: Timestamp| at.as_millis() == joined_at.as_millis();
        self.recent
            .iter()
            .any(|(at, known)| *known == user && same(*at))
            || self
                .joins
                .iter()
                .any(|join| join.user == user && same(join.joined_at))
    }

    /// Makes sure that the guild is looked at again at this time.
    pub(crate) fn wake_at(&mut self, at: Timestamp) {
        self.due = self.due.min(at);
    }

    pub(crate) fn learn_time(&mut self, at: Timestamp) {
        self.discord_now = self.discord_now.max(Some(at));
    }

    /// An event told of this time of Discord's.
    pub(crate) fn hear(&mut self, at: Timestamp) {
        self.learn_time(at);
        self.heard = self.heard.max(Some(at));
    }

    pub(crate) fn announced(&mut self, ctx: &Context<'_>, facts: GuildFacts) {
        if facts.unavailable {
            self.available = false;
            self.live = Live::Down;
            return;
        }
        let missed = self.known;
        self.known = true;
        self.available = true;
        self.set_live(ctx);
        for end in [
            &mut self.list_end,
            &mut self.vanity_end,
            &mut self.search_end,
            &mut self.audit_end,
        ] {
            end.forgive();
        }
        if missed {
            self.begin_gap(ctx);
        }
        self.set_vanity(ctx, facts.vanity_code);
    }

    pub(crate) fn set_vanity(&mut self, ctx: &Context<'_>, code: Option<InviteCode>) {
        if self.vanity_code != code {
            self.vanity_changed_in_gap |= self.gap.is_some();
            if self.vanity_code.is_some() || self.vanity_changed.is_some() {
                self.vanity_changed = Some(ctx.now);
            }
            if let Some(former) = self.vanity_code.take() {
                self.former_codes.push(former);
                if self.former_codes.len() > MAX_FORMER_CODES {
                    self.former_codes.remove(0);
                }
            }
            // Its count restarts, and from where is not known.
            self.vanity = None;
            self.vanity_code = code;
        }
    }

    /// Whether a code is or was the guild's vanity code. Discord ignores its case.
    pub(crate) fn is_vanity(&self, code: &InviteCode) -> bool {
        self.vanity_code
            .iter()
            .chain(&self.former_codes)
            .any(|vanity| vanity.eq_ignore_case(code))
    }

    /// The vanity code, if a join cannot have come by an earlier one.
    pub(crate) fn vanity_code_at(&self, config: &Config, join: &Waiting) -> Option<&InviteCode> {
        let changed = self.vanity_changed.map(|at| after(at, config.settle));
        let changed = if join.caught_up {
            self.vanity_changed_in_gap
        } else {
            Some(join.arrived) < changed
        };
        self.vanity_code.as_ref().filter(|_| !changed)
    }

    pub(crate) fn set_live(&mut self, ctx: &Context<'_>) {
        if self.live == Live::Yes {
            return;
        }
        self.live = Live::Yes;
        // What was missed is being handed over only now.
        self.postpone_settling(ctx);
    }

    pub(crate) fn set_down(&mut self) {
        self.live = Live::Down;
    }

    /// The bot is no longer in the guild.
    pub(crate) fn left(&mut self, ctx: &mut Context<'_>) {
        for index in 0..self.joins.len() {
            let open = self
                .joins
                .get(index)
                .is_some_and(|join| join.said.is_none());
            if open {
                self.give_up(ctx, index, Reason::LeftGuild);
            }
        }
        *self = Self::new(self.id);
        self.available = false;
    }

    pub(crate) fn joined(&mut self, ctx: &mut Context<'_>, facts: JoinFacts) {
        let entry = (facts.joined_at, facts.user);
        if self.knows((facts.user, facts.joined_at)) {
            ctx.stats.duplicates += 1;
            return;
        }
        self.recent.insert(entry);
        self.forget_recent();
        let caught_up = facts.observed_by == Observation::CatchUp;
        if caught_up {
            self.learn_time(facts.joined_at);
        } else {
            self.hear(facts.joined_at);
        }
        let first_step = if caught_up {
            // When its event was missed, or will come, is not known.
            0
        } else {
            self.steps
                .iter()
                .find(|step| !step.is_final)
                .map_or(self.next_step, |step| step.number)
        };
        let mut join = self.waiting(ctx, facts.user, facts.joined_at);
        join.bot = facts.bot;
        join.first_step = first_step;
        join.caught_up = caught_up;
        let mut record = Join::new(join.key(self.id), ctx.told);
        record.joined_at = join.joined_at;
        record.name = facts.name;
        record.bot = facts.bot;
        record.pending = facts.pending;
        record.rejoined = facts.rejoined;
        record.guest = facts.guest;
        record.observed_by = facts.observed_by;
        ctx.stats.joins += 1;
        ctx.out.push_back(Record::Join(record));
        self.joins.push(join);
        self.unexplained = true;
        if facts.bot {
            self.answer_bot(ctx, self.joins.len() - 1);
        }
        self.make_room(ctx);
    }

    /// A join of a human that nothing is known of yet.
    pub(crate) fn waiting(&self, ctx: &Context<'_>, user: UserId, joined_at: Timestamp) -> Waiting {
        Waiting {
            user,
            joined_at,
            bot: false,
            arrived: ctx.now,
            waits_from: None,
            first_step: self.next_step,
            blind: self.baseline.listed.is_none(),
            caught_up: false,
            left: false,
            said: None,
            deduced: None,
            attempts: 0,
            search_at: None,
            asked_out: false,
            matched: false,
            named: None,
            explained: false,
        }
    }

    pub(crate) fn leaves(&mut self, ctx: &mut Context<'_>, user: UserId) {
        let mut joined_at = None;
        for join in self.joins.iter_mut().filter(|join| join.user == user) {
            join.left = true;
            joined_at = joined_at.max(Some(join.joined_at));
        }
        let recent = self.recent.iter().rev().find(|(_, known)| *known == user);
        let joined_at = joined_at.max(recent.map(|(at, _)| *at));
        ctx.stats.leaves += 1;
        let leave = Leave::new(self.id, user, joined_at, ctx.told);
        ctx.out.push_back(Record::Leave(leave));
    }

    pub(crate) fn invite_created(&mut self, ctx: &mut Context<'_>, listed: &Listed) {
        if let Some(at) = listed.created_at {
            self.hear(at);
        }
        if self.ended.contains_key(&listed.code) {
            return;
        }
        if self.baseline.created(listed, ctx.now) {
            let record = listed.record(self.id, ctx.told);
            ctx.out.push_back(Record::Invite(record));
            self.forget_unlisted(ctx);
        }
    }

    pub(crate) fn invite_deleted(&mut self, ctx: &Context<'_>, code: &InviteCode) {
        let known = self.baseline.deleted(code).unwrap_or_default();
        let counted = known.since.or(self.baseline.listed);
        let ended = self
            .ended
            .entry(code.clone())
            .or_insert_with(|| Ended::new(known, ctx.now, counted));
        if ended.deleted.is_none() {
            ended.deleted = Some(ctx.now);
            ended.deleted_after = self.heard;
            ended.closes_at = Some(after(ctx.now, ctx.config.settle));
        }
        self.forget_unlisted(ctx);
        self.unsolved = true;
    }
}
