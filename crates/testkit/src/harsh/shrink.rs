//! Reduces a failure.

use guestlist_tracker::Config;

use super::judge::Class;
use super::plan::Plan;
use super::run;

/// Removes from a plan what a fault of this class does not need: switches first, then
/// events.
#[must_use]
pub fn shrink(plan: &Plan, config: &Config, class: Class) -> Plan {
    let fails = |plan: &Plan| {
        let outcome = run(plan, config);
        outcome.faults.iter().any(|fault| fault.class == class)
    };
    let mut small = plan.clone();
    loop {
        let before = (small.planned.len(), small.switches);
        // The plan remains the same: it was drawn with all switches on.
        for switch in small.switches.iter().collect::<Vec<_>>() {
            let mut less = small.clone();
            less.switches = less.switches.without(switch);
            if fails(&less) {
                small = less;
            }
        }
        let mut size = small.planned.len().max(1);
        while size > 0 {
            let mut from = 0;
            while from < small.planned.len() {
                let mut less = small.clone();
                let to = (from + size).min(less.planned.len());
                less.planned.drain(from..to);
                if fails(&less) {
                    small = less;
                } else {
                    from += size;
                }
            }
            size /= 2;
        }
        if before == (small.planned.len(), small.switches) {
            return small;
        }
    }
}
