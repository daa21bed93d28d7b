//! An independent world: a Discord written from its documentation, from reports about it,
//! and from the sandbox's behaviour, without knowledge of how the tracker works.
//!
//! It only uses the tracker's inputs and outputs: it sends events as JSON, answers requests
//! as JSON, and compares records with the truth. [`Switches`] select the difficulties, and
//! everything comes from a seed: a [`Plan`] says what happens and when, [`run`] runs it,
//! and [`shrink`] removes what a failure does not
//! need.

mod act;
mod answers;
mod audit;
mod brief;
mod campaign;
mod delay;
mod evidence;
mod gateway;
mod guild;
mod invite;
mod judge;
mod limits;
mod member;
mod missed;
mod outcome;
mod payload;
mod people;
mod plan;
mod shrink;
mod switch;
mod told;
mod watcher;
mod weather;
mod weights;
mod world;

use guestlist_tracker::Config;

pub use campaign::{Failure, POLICIES, Report, Settings, campaign};
pub use judge::{Class, Fault};
pub use outcome::Counts;
pub use plan::Plan;
pub use shrink::shrink;
pub use switch::{Switch, Switches};
pub use weights::{AllWeights, Bin, Weights};

/// The result of a run.
#[derive(Debug)]
pub struct Outcome {
    /// False statements, in the order in which they were made.
    pub faults: Vec<Fault>,
    /// How many joins there were, and their answers.
    pub counts: Counts,
    /// Events and statements, line by line; empty unless requested.
    pub story: Vec<String>,
}

/// Runs a world, and compares everything that a tracker with these settings states with the
/// truth. The plan decides whether heartbeats are answered, and how many joins are kept in
/// memory.
///
/// # Panics
///
/// If the tracker sends a request that this world does not know.
#[must_use]
pub fn run(plan: &Plan, config: &Config) -> Outcome {
    play(plan, config, false)
}

/// The same with its story.
///
/// # Panics
///
/// If the tracker sends a request that this world does not know.
#[must_use]
pub fn tell(plan: &Plan, config: &Config) -> Outcome {
    play(plan, config, true)
}

fn play(plan: &Plan, config: &Config, with_story: bool) -> Outcome {
    let (judge, story) = world::World::new(plan, config.clone(), with_story).play();
    Outcome {
        faults: judge.faults,
        counts: judge.counts,
        story,
    }
}
