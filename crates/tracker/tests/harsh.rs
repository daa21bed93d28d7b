//! An independent world does everything that Discord may do, and more: whatever is stated
//! about it must be true.
//!
//! `HARSH_SWITCHES` says what the world may do (`documented`, `harsh`, or names with commas
//! between; a name behind `-` is off), `HARSH_SEED` is the first seed and `HARSH_SEEDS` how
//! many there are.

#![expect(clippy::panic, reason = "a test that cannot go on stops")]

use guestlist_testkit::harsh::{Switches, campaign};
use guestlist_testkit::number;

#[test]
fn explore() {
    let text = std::env::var("HARSH_SWITCHES").unwrap_or_else(|_| String::from("documented"));
    let switches: Switches = text.parse().unwrap_or_else(|error| panic!("{error}"));
    let first = number("HARSH_SEED", 0);
    let report = campaign(first..first + number("HARSH_SEEDS", 2000), switches);
    println!("{report}");
    let only = std::env::var("HARSH_CLASS").unwrap_or_default();
    for class in report.classes().into_keys() {
        if only.is_empty() || format!("{class:?}") == only {
            println!("\n=====\n{}", report.explain(class).unwrap_or_default());
        }
    }
}
