//! An independent world does everything that Discord may do: whatever is stated about it
//! must be true.
//!
//! `HARSH_SEED` is the first seed and `HARSH_SEEDS` how many there are. `HARSH_SWITCHES`
//! says what the world may do (`documented`, `harsh`, or names with commas between; a name
//! behind `-` is off); then nothing that is known is left out. `HARSH_CLASS` explains
//! faults of this class alone, and `HARSH_EXPLAIN` says how many of each.

use guestlist_testkit::harsh::{Class, Switches, campaign};
use guestlist_testkit::number;

/// Statements that are known to be false now and then.
const KNOWN_CLASSES: [(Class, &str); 2] = [
    (
        Class::Candidates,
        "what a count showed before a late event, or across an announcement, is left out of the \
         candidates",
    ),
    (
        Class::Reason,
        "\"no count moved\" is said where one moved long before a late event, or in a flood",
    ),
];

#[test]
fn nothing_that_is_stated_is_false() {
    let (switches, known) = match std::env::var("HARSH_SWITCHES") {
        Ok(text) => (
            text.parse().unwrap_or_else(|error| panic!("{error}")),
            &[][..],
        ),
        Err(_) => (Switches::documented(), &KNOWN_CLASSES[..]),
    };
    let first = number("HARSH_SEED", 0);
    let report = campaign(first..first + number("HARSH_SEEDS", 2000), switches);
    println!("{report}");
    let only = std::env::var("HARSH_CLASS").unwrap_or_default();
    let explained = usize::try_from(number("HARSH_EXPLAIN", 1)).unwrap_or(1);
    let mut faults = 0;
    for (class, worlds) in report.classes() {
        if known.iter().any(|(known, _)| *known == class) {
            continue;
        }
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
    assert!(
        report.counts[0].told == 0 || (confirmed + deduced) * 2 > report.counts[0].told,
        "too little is decided"
    );
}
