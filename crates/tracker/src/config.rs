//! What can be set.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// When to ask Discord's members-search how a member came in.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConfirmPolicy {
    /// For every human member, so that nearly every answer is confirmed. A member whose
    /// way is deduced already waits up to [`Config::confirm_gather`] for company, and a
    /// search confirms ten members at once, or a whole burst: in a busy guild about one
    /// request for ten joins, in a quiet one a request for each.
    #[default]
    Always,
    /// Only where the counts leave several possibilities. The fewest requests: a lone
    /// join costs one list.
    WhenAmbiguous,
    /// Never. Only counts, and what they leave open stays open.
    Never,
}

/// Which counts may rise though nobody new came in.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PhantomUses {
    /// Those of invites that grant roles or invite guests: an existing member may use
    /// such an invite, and whether that counts as a use is not documented. Should any
    /// other count of a guild rise for nobody, then for a week none of its counts proves
    /// anything.
    #[default]
    RoleInvites,
    /// Those of any invite. Counts alone never prove anything then: what is not
    /// confirmed is ambiguous. Nor does the audit log by saying nothing: an invite that it
    /// does not name is gone, and not used up. An invite of whose end no event told is not
    /// said to be gone.
    Anywhere,
}

/// The tracker's settings.
///
/// Some of them are assumptions about Discord on which every `Deduced` rests:
/// [`settle`](Self::settle), [`count_lag`](Self::count_lag),
/// [`audit_lag`](Self::audit_lag) and [`phantom_uses`](Self::phantom_uses). `Confirmed`
/// rests on none of them.
///
/// Each setting is a public field, and has a setter of the same name. Serde takes what is
/// absent from the defaults.
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
    /// How much later than the counts that include it a join's event may be handed
    /// over. Nothing is deduced from a list before this time has passed after its
    /// arrival. The default leaves room for a machine so busy that events wait
    /// unread for seconds.
    pub settle: Duration,
    /// Whether the host answers [`Tracker::poll_barrier`](crate::Tracker::poll_barrier).
    /// Then nothing is deduced before it is proven that no event is on its way, and
    /// [`settle`](Self::settle) has to cover Discord's own delays only: neither a busy
    /// machine nor a connection that died unnoticed makes an answer wrong. `false` unless
    /// set; `guestlist-service` sets it.
    pub barriers: bool,
    /// How much later than its event a join may show in the counts.
    pub count_lag: Duration,
    /// How much later than its INVITE_DELETE the deletion of an invite may show in the
    /// audit log. An invite that nobody deleted was used up: that is not said before.
    pub audit_lag: Duration,
    /// How long a join waits for others before invites are listed.
    pub list_delay: Duration,
    /// The least time between two lists of one guild, but for
    /// [`list_burst`](Self::list_burst).
    pub list_interval: Duration,
    /// How many lists may be asked for as soon as they are wanted, before
    /// [`list_interval`](Self::list_interval) is kept: each join has a list of its own
    /// then, so that the counts tell who was first. Each interval without a list allows
    /// one more.
    pub list_burst: usize,
    /// When to search for members.
    pub confirm: ConfirmPolicy,
    /// Whether a first estimate is stated as soon as the first list after a join has come
    /// ([`Certainty::Provisional`](crate::Certainty::Provisional)), before what is final.
    pub provisional: bool,
    /// How long after a join the first search for its member is worth it: the index
    /// lags.
    pub search_delay: Duration,
    /// How long a member whose way is deduced already waits to be searched for together
    /// with others.
    pub confirm_gather: Duration,
    /// With [`ConfirmPolicy::Always`]: how long after a join a deduced answer is held back
    /// for its confirmation, so that mostly there is one answer and it is confirmed.
    pub deduce_hold: Duration,
    /// How long searches must have said the same of a member who had been here before, until
    /// that is believed: an index that lags may tell how they came the last time.
    pub rejoin_lag: Duration,
    /// How long after a join the search for its member is given up.
    pub confirm_limit: Duration,
    /// How long after a join counts are no longer waited for.
    pub patience: Duration,
    /// How long a request may be under way.
    pub request_timeout: Duration,
    /// How long an endpoint that refused is left alone. Each time that it refuses again,
    /// twice as long, up to an hour. Discord bans addresses that collect 10,000 refusals in
    /// ten minutes.
    pub refused_for: Duration,
    /// Most requests under way at once, all guilds together.
    pub max_in_flight: usize,
    /// How many pairs of a waiting join and a count that moved are weighed at each event.
    /// In a guild with more, that is done once in one to five seconds, and answers come
    /// that much later.
    pub light_work: usize,
    /// Most joins of one guild kept in mind at once.
    pub max_joins: usize,
    /// Which counts may rise though nobody new came in.
    pub phantom_uses: PhantomUses,
}

impl Config {
    /// Settings for tests against a sandbox on the same machine, or with a clock of the
    /// test's own: an answer comes in less than half a second, and is confirmed.
    ///
    /// The kinds of answers and what they rest on are the same as with the default
    /// settings. The times are so short that a `Deduced` would be worth nothing on Discord:
    /// there, counts and events are further apart.
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

    /// The defaults.
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
