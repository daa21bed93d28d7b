//! How likely each way is for each join, with the likelihood of all times.
//!
//! All assignments of joins to slots are summed up, each weighed by how likely its times
//! are. That is done join by join: what came before matters only through how much of each
//! slot is taken, and a slot matters only from the first join that fits it to the last.
//! So joins that follow each other are cheap. In a crowd that fits everything there are too
//! many states; then the likeliest are followed, and the others left out.

use std::collections::BTreeMap;

use super::{Joiner, Slot};

/// About how many transitions one problem may take.
const MAX_TRANSITIONS: usize = 30_000;
/// So many states are followed at least, and if not even that is possible, none.
const MIN_STATES: usize = 8;
/// How likely the states that are left out may be, all together: more of them, and those
/// that are followed say little.
const MAX_LOST: f64 = 0.05;
/// If one of a slot's movement was nobody's, how likely one more was.
const ANOTHER: f64 = 0.2;
/// Most of one slot's movement that joins are counted for.
const MAX_TAKEN: u64 = 10_000;

/// How much is taken of each slot that is open, in the order of [`Layer::open`].
type Taken = Vec<u64>;

/// The slots that a join may have taken, with how likely that is.
type Choices = Vec<(Option<usize>, f64)>;

/// From one state to the next by a choice of the join in between.
struct Transition {
    from: usize,
    to: usize,
    /// The slot that the join takes, if any.
    slot: Option<usize>,
    weight: f64,
}

/// One join, and the slots that it may have taken or that earlier ones may have.
struct Layer<'a> {
    joiner: &'a Joiner,
    /// The slots that matter at this join, ascending.
    slots: Vec<usize>,
    /// For each of them its place among those that were open before, if it was.
    before: Vec<Option<usize>>,
    /// Whether this is the last join that fits each of them.
    closes: Vec<bool>,
}

/// For each join the slots that it may have taken (`None`: it moved no count), with how
/// likely that is. `None` if that is too much work, or if no assignment is possible.
pub(super) fn marginals(slots: &[Slot], joiners: &[Joiner]) -> Option<Vec<Choices>> {
    let layers = transitions(slots, joiners)?;
    let mut forward = vec![vec![1.0_f64]];
    for layer in &layers {
        let before = forward.last()?;
        let mut after = vec![0.0; layer.iter().map(|step| step.to + 1).max()?];
        for step in layer {
            *after.get_mut(step.to)? += before.get(step.from)? * step.weight;
        }
        scale(&mut after)?;
        forward.push(after);
    }
    let mut behind = vec![1.0_f64; forward.last()?.len()];
    let mut found = vec![Vec::new(); joiners.len()];
    for ((layer, before), ways) in layers.iter().zip(&forward).zip(&mut found).rev() {
        let mut ahead = vec![0.0; before.len()];
        let mut sums: BTreeMap<Option<usize>, f64> = BTreeMap::new();
        for step in layer {
            let rest = step.weight * behind.get(step.to)?;
            *ahead.get_mut(step.from)? += rest;
            *sums.entry(step.slot).or_default() += before.get(step.from)? * rest;
        }
        let total: f64 = sums.values().sum();
        if total <= 0.0 {
            return None;
        }
        *ways = sums
            .into_iter()
            .map(|(slot, sum)| (slot, sum / total))
            .collect();
        scale(&mut ahead)?;
        behind = ahead;
    }
    Some(found)
}

/// Makes weights add up to 1; `None` if there are none.
fn scale(weights: &mut [f64]) -> Option<()> {
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 {
        return None;
    }
    for weight in weights {
        *weight /= sum;
    }
    Some(())
}

/// What each join can do to each state that the joins before it lead to.
fn transitions(slots: &[Slot], joiners: &[Joiner]) -> Option<Vec<Vec<Transition>>> {
    let layers = layers(slots, joiners)?;
    let choices: usize = joiners.iter().map(|joiner| joiner.fits.len() + 1).sum();
    let most = MAX_TRANSITIONS / choices.max(1);
    if most < MIN_STATES {
        return None;
    }
    let mut states: Vec<(Taken, f64)> = vec![(Vec::new(), 1.0)];
    let mut found = Vec::with_capacity(joiners.len());
    let mut lost = 0.0;
    for layer in &layers {
        let mut next: BTreeMap<Taken, usize> = BTreeMap::new();
        let mut masses: Vec<f64> = Vec::new();
        let mut steps = Vec::new();
        for (from, (taken, mass)) in states.iter().enumerate() {
            layer.expand(slots, taken, |slot, weight, taken| {
                let fresh = next.len();
                let to = *next.entry(taken).or_insert(fresh);
                match masses.get_mut(to) {
                    Some(sum) => *sum += mass * weight,
                    None => masses.push(mass * weight),
                }
                steps.push(Transition {
                    from,
                    to,
                    slot,
                    weight,
                });
            });
        }
        scale(&mut masses)?;
        let mut kept: Vec<(Taken, usize)> = next.into_iter().collect();
        let mass = |number: &usize| masses.get(*number).copied().unwrap_or_default();
        if kept.len() > most {
            kept.sort_by(|(_, a), (_, b)| mass(b).total_cmp(&mass(a)).then(a.cmp(b)));
            let left_out = kept.split_off(most);
            lost += left_out.iter().map(|(_, number)| mass(number)).sum::<f64>();
            if lost > MAX_LOST {
                return None;
            }
        }
        let mut renumbered = vec![None; masses.len()];
        for (place, (_, number)) in kept.iter().enumerate() {
            *renumbered.get_mut(*number)? = Some(place);
        }
        steps.retain_mut(|step| match renumbered.get(step.to) {
            Some(Some(place)) => {
                step.to = *place;
                true
            }
            _ => false,
        });
        states = kept
            .into_iter()
            .map(|(taken, number)| (taken, mass(&number)))
            .collect();
        found.push(steps);
    }
    Some(found)
}

/// The joins with the slots that matter at each; `None` if a slot that must be taken fits
/// none.
fn layers<'a>(slots: &[Slot], joiners: &'a [Joiner]) -> Option<Vec<Layer<'a>>> {
    let mut last = vec![None; slots.len()];
    for (index, joiner) in joiners.iter().enumerate() {
        for slot in &joiner.fits {
            *last.get_mut(*slot)? = Some(index);
        }
    }
    let mut needed = slots.iter().zip(&last);
    if needed.any(|(slot, last)| slot.low > 0 && last.is_none()) {
        return None;
    }
    let mut open: Vec<usize> = Vec::new();
    let mut layers = Vec::with_capacity(joiners.len());
    for (index, joiner) in joiners.iter().enumerate() {
        let mut all = open.clone();
        all.extend(&joiner.fits);
        all.sort_unstable();
        all.dedup();
        let before = all.iter().map(|slot| open.binary_search(slot).ok());
        let closes = all.iter().map(|slot| last.get(*slot) == Some(&Some(index)));
        let (before, closes): (Vec<_>, Vec<_>) = (before.collect(), closes.collect());
        let stays = all.iter().zip(&closes).filter(|(_, closes)| !**closes);
        open = stays.map(|(slot, _)| *slot).collect();
        layers.push(Layer {
            joiner,
            slots: all,
            before,
            closes,
        });
    }
    Some(layers)
}

impl Layer<'_> {
    /// Tells each choice of the join in a state, with how likely it is and the state after
    /// it.
    fn expand(
        &self,
        slots: &[Slot],
        taken: &[u64],
        mut tell: impl FnMut(Option<usize>, f64, Taken),
    ) {
        let counts = self.before.iter().map(|place| {
            let taken = place.and_then(|place| taken.get(place));
            taken.copied().unwrap_or_default()
        });
        let counts: Vec<u64> = counts.collect();
        for (choice, chance) in choices(self.joiner) {
            let mut weight = chance;
            let mut after = Vec::with_capacity(counts.len());
            for ((number, count), closes) in self.slots.iter().zip(&counts).zip(&self.closes) {
                let Some(slot) = slots.get(*number) else {
                    continue;
                };
                let is_chosen = choice == Some(*number);
                let count = count + u64::from(is_chosen);
                if is_chosen && count > slot.high.min(MAX_TAKEN) {
                    weight = 0.0;
                }
                if is_chosen {
                    weight *= taking(slot);
                }
                if *closes {
                    weight *= closing(slot, count).unwrap_or(0.0);
                } else {
                    after.push(count);
                }
                if weight <= 0.0 {
                    break;
                }
            }
            if weight > 0.0 {
                tell(choice, weight, after);
            }
        }
    }
}

/// What a join may have done, with how likely the times make it.
fn choices(joiner: &Joiner) -> impl Iterator<Item = (Option<usize>, f64)> {
    let must = joiner.must && !joiner.fits.is_empty();
    let none = (!must).then_some((None, joiner.none));
    let fits = joiner.fits.iter().enumerate().map(move |(place, slot)| {
        let chance = joiner.chances.get(place).copied();
        (Some(*slot), chance.unwrap_or(1.0 - joiner.none))
    });
    fits.chain(none)
}

/// By how much it counts at once that a join takes one of a slot's movement. What that makes
/// likely in the end is known as soon as it is taken, so that states are followed that are
/// likely in the end.
fn taking(slot: &Slot) -> f64 {
    if slot.nobody.is_some() && slot.low < slot.high {
        1.0 / ANOTHER
    } else {
        1.0
    }
}

/// How likely it is that so much of a slot's movement is for joins, but for what is the same
/// for any count or has been counted as it was [`taken`](taking); `None` if it cannot be.
fn closing(slot: &Slot, taken: u64) -> Option<f64> {
    if taken < slot.low {
        return None;
    }
    if slot.low == slot.high {
        return Some(1.0);
    }
    if let Some(nobody) = slot.nobody {
        // One is nobody's at `nobody`, and each other at `ANOTHER`.
        return Some(if taken < slot.high { nobody } else { ANOTHER });
    }
    let high = i32::try_from(slot.high).ok().filter(|high| *high <= 64);
    let taken = i32::try_from(taken).ok()?;
    Some(match high {
        Some(high) => {
            let share = (slot.likely / f64::from(high.max(1))).clamp(0.05, 0.95);
            share.powi(taken) * (1.0 - share).powi(high.saturating_sub(taken))
        }
        None => 0.5_f64.powi(taken),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(way: usize, low: u64, high: u64) -> Slot {
        Slot {
            way,
            low,
            high,
            likely: 1.0,
            nobody: None,
        }
    }

    fn timed(fits: &[(usize, f64)]) -> Joiner {
        Joiner {
            fits: fits.iter().map(|(slot, _)| *slot).collect(),
            chances: fits.iter().map(|(_, chance)| *chance).collect(),
            none: 0.01,
            must: false,
        }
    }

    fn weight(ways: &[(Option<usize>, f64)], slot: Option<usize>) -> f64 {
        ways.iter()
            .find(|(way, _)| *way == slot)
            .map_or(0.0, |(_, weight)| *weight)
    }

    #[test]
    fn two_joins_and_two_counts_are_weighed_by_both_ways_to_pair_them() {
        let slots = [slot(0, 1, 1), slot(1, 1, 1)];
        let joiners = [timed(&[(0, 0.8), (1, 0.01)]), timed(&[(0, 0.02), (1, 0.8)])];
        let found = marginals(&slots, &joiners).unwrap();
        let right = 0.8 * 0.8 / (0.8 * 0.8 + 0.01 * 0.02);
        assert!((weight(&found[0], Some(0)) - right).abs() < 1e-9);
        assert!((weight(&found[1], Some(1)) - right).abs() < 1e-9);
        assert!(
            weight(&found[0], None) == 0.0,
            "both counts moved for somebody"
        );
    }

    #[test]
    fn the_sums_agree_with_trying_every_assignment() {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut next = move |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        };
        let mut compared = 0;
        for round in 0..3000 {
            let slots: Vec<Slot> = (0..1 + usize::try_from(next(4)).unwrap())
                .map(|way| {
                    let low = next(2);
                    let slot = slot(way, low, low + next(3));
                    if next(2) == 0 {
                        slot.nobodys(0.1)
                    } else {
                        slot
                    }
                })
                .collect();
            let joiners: Vec<Joiner> = (0..1 + next(5))
                .map(|_| {
                    let fits: Vec<usize> = (0..slots.len()).filter(|_| next(3) > 0).collect();
                    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
                    let chances = fits.iter().map(|_| (1 + next(9)) as f64 / 10.0).collect();
                    let must = next(6) == 0;
                    Joiner {
                        fits,
                        chances,
                        none: 0.1,
                        must,
                    }
                })
                .collect();
            let sums = brute(&slots, &joiners);
            let total: f64 = sums.first().map_or(0.0, |sums| sums.values().sum());
            let found = marginals(&slots, &joiners);
            assert_eq!(found.is_some(), total > 0.0, "round {round}");
            for (ways, sums) in found.iter().flatten().zip(&sums) {
                for (way, sum) in sums {
                    let wrong = (weight(ways, *way) - sum / total).abs();
                    assert!(wrong < 1e-9, "round {round}: {slots:?} {joiners:?}");
                }
                compared += 1;
            }
        }
        assert!(compared > 2000, "{compared}");
    }

    /// How likely what is left of a slot's movement was nobody's.
    fn nobodys(slot: &Slot, taken: u64) -> Option<f64> {
        let nobody = slot.nobody.filter(|_| slot.low < slot.high)?;
        let left = i32::try_from(slot.high - taken).unwrap();
        Some(match left {
            _ if taken < slot.low => 0.0,
            0 => 1.0,
            left => nobody * ANOTHER.powi(left - 1),
        })
    }

    /// Sums up every assignment.
    fn brute(slots: &[Slot], joiners: &[Joiner]) -> Vec<BTreeMap<Option<usize>, f64>> {
        let mut sums = vec![BTreeMap::new(); joiners.len()];
        let mut stack = vec![(Vec::<Option<usize>>::new(), 1.0_f64)];
        while let Some((chosen, weight)) = stack.pop() {
            if let Some(joiner) = joiners.get(chosen.len()) {
                for (slot, chance) in choices(joiner) {
                    let mut chosen = chosen.clone();
                    chosen.push(slot);
                    stack.push((chosen, weight * chance));
                }
                continue;
            }
            let mut weight = weight;
            for (number, slot) in slots.iter().enumerate() {
                let taken = chosen.iter().filter(|way| **way == Some(number)).count() as u64;
                let fits = joiners.iter().any(|joiner| joiner.fits.contains(&number));
                let likely = if !fits {
                    f64::from(u8::from(slot.low == 0))
                } else if taken > slot.high {
                    0.0
                } else {
                    nobodys(slot, taken).unwrap_or_else(|| closing(slot, taken).unwrap_or(0.0))
                };
                weight *= likely;
            }
            if weight > 0.0 {
                for (sums, way) in sums.iter_mut().zip(chosen) {
                    *sums.entry(way).or_insert(0.0) += weight;
                }
            }
        }
        sums
    }

    #[test]
    fn a_burst_whose_times_tell_much_is_not_too_much() {
        // Twenty joins of which each fits all, and one with most likelihood.
        let slots: Vec<Slot> = (0..20).map(|way| slot(way, 1, 1)).collect();
        let chance = |join: usize, slot: usize| {
            let apart = i32::try_from(join.abs_diff(slot)).unwrap();
            0.9 * 0.03_f64.powi(apart)
        };
        let burst: Vec<Joiner> = (0..20)
            .map(|join| {
                let fits: Vec<_> = (0..20).map(|slot| (slot, chance(join, slot))).collect();
                timed(&fits)
            })
            .collect();
        let found = marginals(&slots, &burst).unwrap();
        for (join, ways) in found.iter().enumerate() {
            assert!(weight(ways, Some(join)) > 0.99, "{join}: {ways:?}");
        }
    }

    #[test]
    fn a_long_row_of_joins_is_little_work_and_a_crowd_is_too_much() {
        let slots: Vec<Slot> = (0..300).map(|way| slot(way, 1, 1)).collect();
        let row: Vec<Joiner> = (0..300_usize)
            .map(|join| {
                let near = join.saturating_sub(2)..(join + 3).min(300);
                let fits: Vec<(usize, f64)> = near
                    .map(|slot| (slot, if slot == join { 0.9 } else { 0.01 }))
                    .collect();
                timed(&fits)
            })
            .collect();
        let found = marginals(&slots, &row).unwrap();
        for (join, ways) in found.iter().enumerate() {
            assert!(weight(ways, Some(join)) > 0.99, "{join}: {ways:?}");
        }
        let all: Vec<(usize, f64)> = (0..30).map(|slot| (slot, 0.5)).collect();
        let crowd: Vec<Joiner> = (0..30).map(|_| timed(&all)).collect();
        assert!(marginals(&slots[..30], &crowd).is_none());
    }
}
