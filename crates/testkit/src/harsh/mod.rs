//! An independent world: a Discord written from its documentation, from reports about it
//! and from what the sandbox does, which knows nothing of how the tracker works.
//!
//! It takes from the tracker its inputs and outputs alone: events go in as JSON, requests
//! are answered as JSON, records are held against the truth. What it does to whoever
//! watches it are [`Switches`], and everything comes from a seed: a [`Plan`] says what
//! happens and when, [`run`] plays it, and [`shrink`] leaves out of it what a failure does
//! not need.

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

/// What a run showed.
#[derive(Debug)]
pub struct Outcome {
    /// False statements, in the order in which they were made.
    pub faults: Vec<Fault>,
    /// How many joins there were, and what became of them.
    pub counts: Counts,
    /// What happened and what was said, line by line; empty unless it was asked for.
    pub story: Vec<String>,
}

/// Plays a world, and holds everything that a tracker with these settings says against the
/// truth. Whether heartbeats are answered, and how many joins are kept in mind, is the
/// plan's.
///
/// # Panics
///
/// If the tracker asks for something that is not known here.
#[must_use]
pub fn run(plan: &Plan, config: &Config) -> Outcome {
    play(plan, config, false)
}

/// The same with its story.
///
/// # Panics
///
/// If the tracker asks for something that is not known here.
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
