//! The settings of the tracker.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// When to search for members, because Discord's members search says how they joined.
///
/// ```
/// use guestlist_tracker::{Config, ConfirmPolicy};
///
/// let config = Config::default().confirm(ConfirmPolicy::WhenAmbiguous);
/// assert_eq!(config.confirm, ConfirmPolicy::WhenAmbiguous);
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConfirmPolicy {
    /// For every human member, so that nearly every answer is confirmed. A member whose
    /// answer is already deduced waits up to [`Config::confirm_gather`] for others,
    /// because one search confirms ten members or a whole burst. In a busy guild this
    /// takes about one request per ten joins, in a quiet one a request per join.
    #[default]
    Always,
    /// Only if the counts leave several possibilities. This takes the fewest requests: a
    /// single join costs one list.
    WhenAmbiguous,
    /// Never. Answers rest on counts alone.
    Never,
}

/// Which counts may rise although nobody joined.
///
/// ```
/// use guestlist_tracker::{Config, PhantomUses};
///
/// // Only answers that Discord confirms are stated as fact.
/// let config = Config::new().phantom_uses(PhantomUses::Anywhere);
/// # let _ = config;
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PhantomUses {
    /// Those of invites that grant roles or invite guests. An existing member can use
    /// such an invite, and Discord does not document whether that counts as a use. If any
    /// other count of a guild rises without a join, then none of the guild's counts
    /// proves anything for a week.
    #[default]
    RoleInvites,
    /// Those of any invite. Counts alone then prove nothing, so an answer that is not
    /// confirmed is ambiguous. The absence of an audit log entry proves nothing either: an
    /// invite without one is reported as gone instead of used up, and only if an
    /// INVITE_DELETE came for it.
    Anywhere,
}

/// The tracker's settings.
///
/// Some of them are assumptions about Discord, on which every `Deduced` answer is based:
/// [`settle`](Self::settle), [`count_lag`](Self::count_lag),
/// [`audit_lag`](Self::audit_lag) and [`phantom_uses`](Self::phantom_uses). A `Confirmed`
/// answer is based on none of them.
///
/// Each setting is a public field and has a setter of the same name. With serde, missing
/// fields get their default.
///
/// ```
/// use std::time::Duration;
/// use guestlist_tracker::{Config, ConfirmPolicy};
///
/// let config = Config::new()
///     .confirm(ConfirmPolicy::WhenAmbiguous)
///     .settle(Duration::from_secs(3))
///     .provisional(false);
/// assert_eq!(config.settle, Duration::from_secs(3));
/// assert_eq!(config.patience, Config::default().patience);
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Config {
    /// The longest time from a list that counts a join to the join's event. Nothing is
    /// deduced from a list until this time has passed since its arrival. The default
    /// allows for a machine so busy that events wait unread for seconds.
    pub settle: Duration,
    /// Whether the caller responds to
    /// [`Tracker::poll_barrier`](crate::Tracker::poll_barrier). If so, nothing is deduced
    /// until it is proven that no event is still on its way. [`settle`](Self::settle)
    /// then only needs to cover Discord's own delays: neither a busy machine nor a dead
    /// connection makes an answer wrong. Defaults to `false`; `guestlist-service` sets
    /// it.
    pub barriers: bool,
    /// The longest time from a join's event to the count that includes it.
    pub count_lag: Duration,
    /// The longest time from an INVITE_DELETE to its entry in the audit log. An invite
    /// that nobody deleted was used up; the tracker does not state that until this time
    /// has passed.
    pub audit_lag: Duration,
    /// How long a join waits for other joins before invites are listed.
    pub list_delay: Duration,
    /// The minimum time between two lists of one guild, except for
    /// [`list_burst`](Self::list_burst).
    pub list_interval: Duration,
    /// How many lists may be requested immediately, before
    /// [`list_interval`](Self::list_interval) applies. Each join then has its own list,
    /// so the counts show the order of joins. Each interval without a list allows one
    /// more.
    pub list_burst: usize,
    /// When to search for members.
    pub confirm: ConfirmPolicy,
    /// Whether to state a first estimate
    /// ([`Certainty::Provisional`](crate::Certainty::Provisional)) when the first list
    /// after a join has arrived, before the final answer.
    pub provisional: bool,
    /// How long after a join the first search for its member is sent, because the search
    /// index lags.
    pub search_delay: Duration,
    /// How long a member whose answer is already deduced waits to be searched for
    /// together with others.
    pub confirm_gather: Duration,
    /// With [`ConfirmPolicy::Always`]: how long after a join a deduced answer is held back
    /// for its confirmation, so that most joins have one answer, which is confirmed.
    pub deduce_hold: Duration,
    /// How long searches must agree about a member who has rejoined before the answer is
    /// confirmed, because an index that lags may return the earlier join.
    pub rejoin_lag: Duration,
    /// How long after a join the tracker stops searching for its member.
    pub confirm_limit: Duration,
    /// How long after a join the tracker stops waiting for counts.
    pub patience: Duration,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// How long the tracker waits after an endpoint has denied access. The time doubles
    /// each time, up to an hour. Discord bans addresses that collect 10,000 such responses
    /// in ten minutes.
    pub refused_for: Duration,
    /// The maximum number of requests in progress, over all guilds.
    pub max_in_flight: usize,
    /// How many pairs of a waiting join and a changed count the tracker evaluates about once a
    /// second. A guild with at most a hundredth of this number evaluates its pairs at each
    /// event. The more pairs all guilds have together, the less often a larger guild does so:
    /// at least once per second, or once per five seconds if the guild alone has more pairs
    /// than this number. Answers are delayed accordingly.
    pub light_work: usize,
    /// The maximum number of joins of one guild in memory.
    pub max_joins: usize,
    /// Which counts may rise although nobody joined.
    pub phantom_uses: PhantomUses,
}

impl Config {
    /// Settings for tests against a sandbox on the same machine, or with a simulated
    /// clock: an answer arrives in less than half a second, and is confirmed.
    ///
    /// The kinds of answers and their evidence are the same as with the default settings.
    /// Do not use these settings on Discord: the times are so short that a `Deduced` answer
    /// could be wrong.
    ///
    /// ```
    /// use guestlist_tracker::Config;
    ///
    /// assert!(Config::for_tests().settle < Config::default().settle);
    /// ```
    #[must_use]
    pub fn for_tests() -> Self {
        Self {
            settle: Duration::from_millis(100),
            count_lag: Duration::from_millis(100),
            audit_lag: Duration::from_millis(200),
            list_interval: Duration::from_millis(50),
            search_delay: Duration::from_millis(100),
            confirm_gather: Duration::from_millis(50),
            deduce_hold: Duration::from_millis(250),
            rejoin_lag: Duration::from_millis(100),
            confirm_limit: Duration::from_secs(5),
            patience: Duration::from_secs(5),
            request_timeout: Duration::from_secs(5),
            refused_for: Duration::from_millis(500),
            ..Self::default()
        }
    }

    /// Returns the default settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`settle`](field@Self::settle).
    #[must_use]
    pub const fn settle(mut self, settle: Duration) -> Self {
        self.settle = settle;
        self
    }

    /// Sets [`barriers`](field@Self::barriers).
    #[must_use]
    pub const fn barriers(mut self, barriers: bool) -> Self {
        self.barriers = barriers;
        self
    }

    /// Sets [`count_lag`](field@Self::count_lag).
    #[must_use]
    pub const fn count_lag(mut self, count_lag: Duration) -> Self {
        self.count_lag = count_lag;
        self
    }

    /// Sets [`audit_lag`](field@Self::audit_lag).
    #[must_use]
    pub const fn audit_lag(mut self, audit_lag: Duration) -> Self {
        self.audit_lag = audit_lag;
        self
    }

    /// Sets [`list_delay`](field@Self::list_delay).
    #[must_use]
    pub const fn list_delay(mut self, list_delay: Duration) -> Self {
        self.list_delay = list_delay;
        self
    }

    /// Sets [`list_interval`](field@Self::list_interval).
    #[must_use]
    pub const fn list_interval(mut self, list_interval: Duration) -> Self {
        self.list_interval = list_interval;
        self
    }

    /// Sets [`list_burst`](field@Self::list_burst).
    #[must_use]
    pub const fn list_burst(mut self, list_burst: usize) -> Self {
        self.list_burst = list_burst;
        self
    }

    /// Sets [`confirm`](field@Self::confirm).
    #[must_use]
    pub const fn confirm(mut self, confirm: ConfirmPolicy) -> Self {
        self.confirm = confirm;
        self
    }

    /// Sets [`provisional`](field@Self::provisional).
    #[must_use]
    pub const fn provisional(mut self, provisional: bool) -> Self {
        self.provisional = provisional;
        self
    }

    /// Sets [`search_delay`](field@Self::search_delay).
    #[must_use]
    pub const fn search_delay(mut self, search_delay: Duration) -> Self {
        self.search_delay = search_delay;
        self
    }

    /// Sets [`confirm_gather`](field@Self::confirm_gather).
    #[must_use]
    pub const fn confirm_gather(mut self, confirm_gather: Duration) -> Self {
        self.confirm_gather = confirm_gather;
        self
    }

    /// Sets [`deduce_hold`](field@Self::deduce_hold).
    #[must_use]
    pub const fn deduce_hold(mut self, deduce_hold: Duration) -> Self {
        self.deduce_hold = deduce_hold;
        self
    }

    /// Sets [`rejoin_lag`](field@Self::rejoin_lag).
    #[must_use]
    pub const fn rejoin_lag(mut self, rejoin_lag: Duration) -> Self {
        self.rejoin_lag = rejoin_lag;
        self
    }

    /// Sets [`confirm_limit`](field@Self::confirm_limit).
    #[must_use]
    pub const fn confirm_limit(mut self, confirm_limit: Duration) -> Self {
        self.confirm_limit = confirm_limit;
        self
    }

    /// Sets [`patience`](field@Self::patience).
    #[must_use]
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sets [`request_timeout`](field@Self::request_timeout).
    #[must_use]
    pub const fn request_timeout(mut self, request_timeout: Duration) -> Self {
        self.request_timeout = request_timeout;
        self
    }

    /// Sets [`refused_for`](field@Self::refused_for).
    #[must_use]
    pub const fn refused_for(mut self, refused_for: Duration) -> Self {
        self.refused_for = refused_for;
        self
    }

    /// Sets [`max_in_flight`](field@Self::max_in_flight).
    #[must_use]
    pub const fn max_in_flight(mut self, max_in_flight: usize) -> Self {
        self.max_in_flight = max_in_flight;
        self
    }

    /// Sets [`light_work`](field@Self::light_work).
    #[must_use]
    pub const fn light_work(mut self, light_work: usize) -> Self {
        self.light_work = light_work;
        self
    }

    /// Sets [`max_joins`](field@Self::max_joins).
    #[must_use]
    pub const fn max_joins(mut self, max_joins: usize) -> Self {
        self.max_joins = max_joins;
        self
    }

    /// Sets [`phantom_uses`](field@Self::phantom_uses).
    #[must_use]
    pub const fn phantom_uses(mut self, phantom_uses: PhantomUses) -> Self {
        self.phantom_uses = phantom_uses;
        self
    }

    /// Whether counts, and the audit log's silence, may prove anything.
    pub(crate) fn trusts_counts(&self) -> bool {
        self.phantom_uses != PhantomUses::Anywhere
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            settle: Duration::from_secs(8),
            barriers: false,
            count_lag: Duration::from_secs(5),
            audit_lag: Duration::from_secs(10),
            list_delay: Duration::ZERO,
            list_interval: Duration::from_millis(400),
            list_burst: 8,
            confirm: ConfirmPolicy::default(),
            provisional: true,
            search_delay: Duration::from_secs(2),
            confirm_gather: Duration::from_secs(5),
            deduce_hold: Duration::from_secs(10),
            rejoin_lag: Duration::from_secs(30),
            confirm_limit: Duration::from_secs(60),
            patience: Duration::from_secs(60),
            request_timeout: Duration::from_secs(60),
            refused_for: Duration::from_secs(600),
            max_in_flight: 64,
            light_work: 20_000,
            max_joins: 5000,
            phantom_uses: PhantomUses::default(),
        }
    }
}
