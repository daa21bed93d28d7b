//! Weights are what they say, in the independent world. The example `calibration` prints
//! the same over more joins.

use guestlist_testkit::harsh::{AllWeights, Settings, Switches, campaign};

#[test]
fn weights_are_about_what_they_say() {
    let report = campaign(0..600, Switches::documented(), Settings::Default);
    let mut weights = AllWeights::default();
    for counts in &report.counts {
        weights.merge(&counts.weights);
    }
    println!("{weights}");
    // The joins of one world are alike, so small numbers of candidates say little.
    for (name, of) in weights.iter() {
        let is_other = name.contains("no count");
        let (brier, off) = if is_other { (0.17, 0.2) } else { (0.14, 0.1) };
        assert!(of.brier() < brier, "{name}: Brier score {}", of.brier());
        let bad: Vec<_> = of.off(3_000, off).collect();
        assert!(bad.is_empty(), "{name}: {bad:?}");
    }
}
