//! Many worlds, on all processors.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use guestlist_tracker::{Config, ConfirmPolicy, PhantomUses};

use super::judge::{Class, Fault};
use super::outcome::Counts;
use super::plan::Plan;
use super::shrink::shrink;
use super::switch::Switches;
use super::{run, tell};

/// The policies with which every world is run.
pub const POLICIES: [ConfirmPolicy; 3] = [
    ConfirmPolicy::Always,
    ConfirmPolicy::WhenAmbiguous,
    ConfirmPolicy::Never,
];

/// A false statement, and how to reproduce it.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// The policy.
    pub policy: ConfirmPolicy,
    /// The statement.
    pub fault: Fault,
}

/// The settings with which worlds are run.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Settings {
    /// The default ones.
    #[default]
    Default,
    /// Those that the guide names against a Discord that breaks its assumptions: nothing is
    /// stated as a fact but what Discord says itself.
    Protected,
}

impl Settings {
    /// The settings with a policy.
    #[must_use]
    pub fn config(self, policy: ConfirmPolicy) -> Config {
        let mut config = Config::default();
        config.confirm = policy;
        if self == Self::Protected {
            config.phantom_uses = PhantomUses::Anywhere;
            config.rejoin_lag = Duration::from_secs(90);
        }
        config
    }
}

impl FromStr for Settings {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "default" => Ok(Self::Default),
            "protected" => Ok(Self::Protected),
            _ => Err(format!("there are no settings named {text}")),
        }
    }
}

/// The results of many worlds.
#[derive(Debug)]
pub struct Report {
    switches: Switches,
    settings: Settings,
    seeds: u64,
    took: Duration,
    /// For each of [`POLICIES`].
    pub counts: [Counts; 3],
    /// The first false statement of each class in each world, by seed.
    pub failures: Vec<Failure>,
}

/// Runs the worlds of these seeds with all policies.
///
/// # Panics
///
/// If a world panics.
#[must_use]
pub fn campaign(seeds: Range<u64>, switches: Switches, settings: Settings) -> Report {
    let begun = Instant::now();
    let next = AtomicU64::new(seeds.start);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        let mut counts: [Counts; 3] = Default::default();
        let mut failures = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return (counts, failures);
            }
            let plan = Plan::new(seed, switches);
            for (policy, counts) in POLICIES.into_iter().zip(&mut counts) {
                let outcome = run(&plan, &settings.config(policy));
                counts.add(&outcome.counts);
                let mut first: BTreeMap<Class, Fault> = BTreeMap::new();
                for fault in outcome.faults {
                    first.entry(fault.class).or_insert(fault);
                }
                failures.extend(first.into_values().map(|fault| Failure {
                    seed,
                    policy,
                    fault,
                }));
            }
        }
    };
    let mut counts: [Counts; 3] = Default::default();
    let mut failures: Vec<Failure> = Vec::new();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            let (some, more) = thread.join().unwrap();
            for (all, one) in counts.iter_mut().zip(&some) {
                all.add(one);
            }
            failures.extend(more);
        }
    });
    failures.sort_by_key(|failure| failure.seed);
    Report {
        switches,
        settings,
        seeds: seeds.end.saturating_sub(seeds.start),
        took: begun.elapsed(),
        counts,
        failures,
    }
}

impl Report {
    /// How many worlds had a false statement of each class.
    #[must_use]
    pub fn classes(&self) -> BTreeMap<Class, usize> {
        let mut classes = BTreeMap::new();
        for failure in &self.failures {
            *classes.entry(failure.fault.class).or_default() += 1;
        }
        classes
    }

    /// The first failures of a class, reduced, and their stories.
    pub fn explain(&self, class: Class) -> impl Iterator<Item = String> {
        let of_class = move |failure: &&Failure| failure.fault.class == class;
        self.failures.iter().filter(of_class).map(move |failure| {
            let config = self.settings.config(failure.policy);
            let plan = Plan::new(failure.seed, self.switches);
            let small = shrink(&plan, &config, class);
            let story = tell(&small, &config).story.join("\n");
            format!(
                "{class:?} with seed {} and {:?}\n{}\n{plan}\nmade small: {small}\n{story}",
                failure.seed, failure.policy, failure.fault.text
            )
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "switches: {}; settings: {:?}",
            self.switches, self.settings
        )?;
        let mut joins = 0;
        for (policy, counts) in POLICIES.iter().zip(&self.counts) {
            writeln!(f, "{policy:?}: {counts}")?;
            joins += counts.joins;
        }
        let took = self.took.as_secs_f64();
        writeln!(
            f,
            "{} worlds in each policy, {joins} joins in {took:.1} s: {:.0} joins a second",
            self.seeds,
            joins as f64 / took.max(0.001)
        )?;
        write!(f, "worlds with false statements: {:?}", self.classes())
    }
}
