//! An independent world does everything that Discord may do: whatever is stated about it
//! must be true.
//!
//! `HARSH_SEED` is the first seed and `HARSH_SEEDS` how many there are. `HARSH_SWITCHES`
//! says what the world may do (`documented`, `harsh`, or names with commas between; a name
//! behind `-` is off), and `HARSH_SETTINGS` with which settings the tracker meets it
//! (`default` or `protected`). `HARSH_CLASS` explains faults of this class alone, and
//! `HARSH_EXPLAIN` says how many of each.

#![expect(clippy::panic, reason = "a test that cannot go on stops")]

use std::str::FromStr;

use guestlist_testkit::harsh::{Settings, Switches, campaign};
use guestlist_testkit::number;

#[test]
fn nothing_that_is_stated_is_false() {
    let switches = from_env("HARSH_SWITCHES").unwrap_or_else(Switches::documented);
    judge(switches, 2000);
}

/// Where counts rise only for members who join, no more joins are told to be missing than are.
#[test]
fn no_more_joins_are_told_to_be_missing_than_are() {
    judge("documented,-verified".parse().unwrap(), 2000);
}

fn judge(switches: Switches, seeds: u64) {
    let settings: Settings = from_env("HARSH_SETTINGS").unwrap_or_default();
    let first = number("HARSH_SEED", 0);
    let seeds = first..first + number("HARSH_SEEDS", seeds);
    let report = campaign(seeds, switches, settings);
    println!("{report}");
    let only = std::env::var("HARSH_CLASS").unwrap_or_default();
    let explained = usize::try_from(number("HARSH_EXPLAIN", 1)).unwrap_or(1);
    let mut faults = 0;
    for (class, worlds) in report.classes() {
        faults += worlds;
        if only.is_empty() || format!("{class:?}") == only {
            for story in report.explain(class).take(explained) {
                println!("\n=====\n{story}");
            }
        }
    }
    assert_eq!(
        faults, 0,
        "worlds with false statements; their stories are above"
    );
    let [confirmed, deduced, ..] = report.counts[0].answers;
    // What is not confirmed is not decided then, and the search does not always work.
    let enough = if settings == Settings::Protected {
        3
    } else {
        2
    };
    assert!(
        report.counts[0].told == 0 || (confirmed + deduced) * enough > report.counts[0].told,
        "too little is decided"
    );
}

fn from_env<T: FromStr<Err = String>>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|error| panic!("{name}: {error}")),
    )
}
