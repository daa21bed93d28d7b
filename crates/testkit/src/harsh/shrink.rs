//! Makes a failure small.

use guestlist_tracker::Config;

use super::judge::Class;
use super::plan::Plan;
use super::run;

/// Leaves out of a plan what is not needed for a fault of this class: switches first, then
/// what happens.
#[must_use]
pub fn shrink(plan: &Plan, config: &Config, class: Class) -> Plan {
    let fails = |plan: &Plan| {
        let outcome = run(plan, config);
        outcome.faults.iter().any(|fault| fault.class == class)
    };
    let mut small = plan.clone();
    loop {
        let before = (small.planned.len(), small.switches);
        // What is planned stays: it was drawn with all switches on.
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
