//! How likely each way is for each join, exactly, where that is not too much work.
//!
//! All assignments of joins to slots are summed up, each weighed by how likely its times
//! are. That is done join by join: what came before matters only through how much of each
//! slot is taken, and a slot matters only from the first join that fits it to the last.
//! So joins that follow each other are cheap, and a crowd that fits everything is not.

use std::collections::BTreeMap;

use super::{Joiner, Slot};

/// Most transitions of one problem.
const MAX_TRANSITIONS: usize = 20_000;
/// Most of one slot's movement that joins are counted for.
const MAX_TAKEN: u64 = 10_000;

/// How much of each open slot is taken: by slot, ascending.
type Taken = Vec<(usize, u64)>;

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
    let last = last_fits(slots, joiners)?;
    let mut states: Vec<Taken> = vec![Vec::new()];
    let mut layers = Vec::with_capacity(joiners.len());
    let mut work = 0;
    for (index, joiner) in joiners.iter().enumerate() {
        let mut next: BTreeMap<Taken, usize> = BTreeMap::new();
        let mut layer = Vec::new();
        for (from, taken) in states.iter().enumerate() {
            for (slot, chance) in choices(joiner) {
                let Some((taken, weight)) = take(slots, &last, taken, joiner, slot, index) else {
                    continue;
                };
                let fresh = next.len();
                let to = *next.entry(taken).or_insert(fresh);
                layer.push(Transition {
                    from,
                    to,
                    slot,
                    weight: weight * chance,
                });
            }
            work += joiner.fits.len() + 1;
            if work > MAX_TRANSITIONS {
                return None;
            }
        }
        states = vec![Taken::new(); next.len()];
        for (taken, number) in next {
            *states.get_mut(number)? = taken;
        }
        if layer.is_empty() {
            return None;
        }
        layers.push(layer);
    }
    Some(layers)
}

/// The last join that fits each slot; `None` if a slot that must be taken has none.
fn last_fits(slots: &[Slot], joiners: &[Joiner]) -> Option<Vec<Option<usize>>> {
    let mut last = vec![None; slots.len()];
    for (index, joiner) in joiners.iter().enumerate() {
        for slot in &joiner.fits {
            *last.get_mut(*slot)? = Some(index);
        }
    }
    let needed = slots.iter().zip(&last);
    needed
        .into_iter()
        .all(|(slot, last)| slot.low == 0 || last.is_some())
        .then_some(last)
}

/// What a join may have done, with how likely the times make it.
fn choices(joiner: &Joiner) -> impl Iterator<Item = (Option<usize>, f64)> {
    let must = joiner.must && !joiner.fits.is_empty();
    let none = (!must).then_some((None, joiner.none));
    let fits = joiner.fits.iter().enumerate().map(move |(place, slot)| {
        let chance = joiner
            .chances
            .get(place)
            .copied()
            .unwrap_or(1.0 - joiner.none);
        (Some(*slot), chance)
    });
    fits.chain(none)
}

/// The state after a join made its choice, and how likely the slots that close then are.
fn take(
    slots: &[Slot],
    last: &[Option<usize>],
    taken: &Taken,
    joiner: &Joiner,
    choice: Option<usize>,
    index: usize,
) -> Option<(Taken, f64)> {
    let mut weight = 1.0;
    let mut open = Taken::with_capacity(taken.len() + joiner.fits.len());
    let mut now: BTreeMap<usize, u64> = taken.iter().copied().collect();
    for slot in &joiner.fits {
        now.entry(*slot).or_default();
    }
    if let Some(slot) = choice {
        let count = now.entry(slot).or_default();
        *count += 1;
        if *count > slots.get(slot)?.high.min(MAX_TAKEN) {
            return None;
        }
    }
    for (number, count) in now {
        if last.get(number)? == &Some(index) {
            weight *= closing(slots.get(number)?, count)?;
        } else {
            open.push((number, count));
        }
    }
    Some((open, weight))
}

/// How likely it is that so much of a slot's movement is for joins; `None` if it cannot be.
fn closing(slot: &Slot, taken: u64) -> Option<f64> {
    if taken < slot.low {
        return None;
    }
    if slot.low == slot.high {
        return Some(1.0);
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
                    slot(way, low, low + next(3))
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
                    closing(slot, taken).unwrap_or(0.0)
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
