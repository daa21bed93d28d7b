//! Which assignments of joins to counts are possible, and what all of them share.
//!
//! A **slot** is a count that moved: the uses of one invite between two lists. Its
//! movement was caused by at least `low` and at most `high` of the joins. A join fits
//! some of the slots and takes at most one; it may always have come in without moving
//! any count. The assignments within these bounds are the flows through a small
//! network, so whether a join takes the same **way** (the same invite, whatever the
//! slot) in all of them is answered exactly, in time that grows with the size of the
//! network and not with the number of assignments.

mod flow;
mod marginals;
mod weights;

use std::collections::BTreeMap;

use flow::{EdgeId, Network};
use weights::weigh;

/// How much work one problem may be: edges of the network.
const MAX_EDGES: usize = 400_000;

/// A count that moved.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    /// Which way in it counts; several slots may count the same.
    way: usize,
    /// At least so many of the joins caused it.
    low: u64,
    /// At most so many.
    high: u64,
    /// A guess of how many, for weights only.
    likely: f64,
    /// For weights only: how likely one of its movement was nobody's, compared with
    /// somebody's. `None` if how much it moved is not known either.
    nobody: Option<f64>,
}

impl Slot {
    pub(crate) const fn new(way: usize, low: u64, high: u64, likely: f64) -> Self {
        Self {
            way,
            low,
            high,
            likely,
            nobody: None,
        }
    }

    /// The same, with how likely one of its movement was nobody's.
    pub(crate) const fn nobodys(mut self, nobody: f64) -> Self {
        self.nobody = Some(nobody);
        self
    }

    /// Which way in it counts.
    pub(crate) const fn way(&self) -> usize {
        self.way
    }

    /// At least so many of the joins caused it.
    pub(crate) const fn low(&self) -> u64 {
        self.low
    }

    /// The same, if others may have caused it of whom nothing is known yet.
    pub(crate) const fn maybe_nobodys(mut self, nobody: f64) -> Self {
        if self.low > 0 {
            self.nobody = Some(nobody);
        }
        self.low = 0;
        self
    }
}

/// A join that may have caused some of the movements.
#[derive(Clone, Debug)]
pub(crate) struct Joiner {
    /// The slots that it fits, ascending.
    fits: Vec<usize>,
    /// How likely it moved each of these in the times in which they moved; for weights
    /// only. Empty: all alike.
    chances: Vec<f64>,
    /// How likely it moved none of them, before anything else is known; for weights only.
    none: f64,
    /// Whether it must have taken one of these, because its way is confirmed.
    must: bool,
}

impl Joiner {
    pub(crate) const fn new(fits: Vec<usize>, must: bool) -> Self {
        Self {
            fits,
            chances: Vec::new(),
            none: 0.02,
            must,
        }
    }

    /// The same, with how likely it moved each of the slots that it fits, and none.
    pub(crate) fn timed(mut self, chances: Vec<f64>, none: f64) -> Self {
        self.chances = chances;
        self.none = none;
        self
    }

    /// The slots that it fits, ascending.
    pub(crate) fn fits(&self) -> &[usize] {
        &self.fits
    }
}

/// What the evidence says of one join.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// In every assignment it took this way.
    Unique(usize),
    /// It took one of these ways, or (`None`) one that moved no count. Likeliest first;
    /// none are listed if weights are not wanted.
    Several(Vec<(Option<usize>, f64)>),
    /// In no assignment did it take any of the ways.
    Nothing,
}

/// What the evidence says of all joins.
#[derive(Clone, Debug)]
pub(crate) struct Solution {
    /// Whether there is any assignment at all. If not, nothing is unique.
    consistent: bool,
    /// One for each join.
    verdicts: Vec<Verdict>,
}

impl Solution {
    /// Whether there is any assignment at all. If not, nothing is unique.
    pub(crate) const fn is_consistent(&self) -> bool {
        self.consistent
    }

    /// One for each join.
    pub(crate) fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }
}

struct Group {
    fits: Vec<usize>,
    must: bool,
    members: Vec<usize>,
}

/// Solves the problem, with weights if they are wanted. They take most of the work.
pub(crate) fn solve(slots: &[Slot], joiners: &[Joiner], weighed: bool) -> Solution {
    // Joins that fit the same slots are interchangeable.
    let mut by_fit: BTreeMap<(&[usize], bool), Vec<usize>> = BTreeMap::new();
    for (index, joiner) in joiners.iter().enumerate() {
        by_fit
            .entry((&joiner.fits, joiner.must && !joiner.fits.is_empty()))
            .or_default()
            .push(index);
    }
    let mut groups: Vec<Group> = by_fit
        .into_iter()
        .map(|((fits, must), members)| Group {
            fits: fits.to_vec(),
            must,
            members,
        })
        .collect();
    let edges: usize = groups.iter().map(|group| group.fits.len() + 1).sum();
    let mut consistent = edges <= MAX_EDGES;
    let mut possible = None;
    if consistent {
        possible = possibilities(slots, &groups);
        if possible.is_none() {
            // A confirmed join's own movement may not have been seen yet.
            for group in &mut groups {
                group.must = false;
            }
            possible = possibilities(slots, &groups);
        }
        consistent = possible.is_some();
    }
    let possible = possible.unwrap_or_else(|| anything(slots, &groups));
    let mut weights = weighed.then(|| weigh(slots, joiners, &groups, &possible));
    let mut verdicts = vec![Verdict::Nothing; joiners.len()];
    for (group, possible) in groups.iter().zip(&possible) {
        for member in &group.members {
            let Some(verdict) = verdicts.get_mut(*member) else {
                continue;
            };
            let weights = weights.as_mut().and_then(|all| all.get_mut(*member));
            *verdict = match possible.ways.as_slice() {
                [] => Verdict::Nothing,
                [way] if !possible.none && consistent => Verdict::Unique(*way),
                _ => Verdict::Several(weights.map(std::mem::take).unwrap_or_default()),
            };
        }
    }
    Solution {
        consistent,
        verdicts,
    }
}

/// What may be true of each member of a group.
struct Possible {
    /// The ways that some member takes in some assignment, ascending.
    ways: Vec<usize>,
    /// Whether some member takes none in some assignment.
    none: bool,
}

/// Without constraints, everything that fits is possible.
fn anything(slots: &[Slot], groups: &[Group]) -> Vec<Possible> {
    groups
        .iter()
        .map(|group| Possible {
            ways: ways(slots, group).into_keys().collect(),
            none: true,
        })
        .collect()
}

/// The ways of the slots that a group fits, with these slots.
fn ways(slots: &[Slot], group: &Group) -> BTreeMap<usize, Vec<usize>> {
    let mut ways: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in &group.fits {
        if let Some(slot) = slots.get(*index)
            && slot.high > 0
        {
            ways.entry(slot.way).or_default().push(*index);
        }
    }
    ways
}

/// A group's way in the network: the way's number, its node, and the edge that leads
/// there.
type Branch = (usize, usize, EdgeId);

/// What is possible for each group; `None` if there is no assignment at all.
fn possibilities(slots: &[Slot], groups: &[Group]) -> Option<Vec<Possible>> {
    let joins: usize = groups.iter().map(|group| group.members.len()).sum();
    let all = i64::try_from(joins).ok()?;
    let mut network = Network::new();
    let source = network.add_node();
    let sink = network.add_node();
    network.add_edge(sink, source, 0, all);
    let mut nodes = Vec::with_capacity(slots.len());
    for slot in slots {
        let node = network.add_node();
        let low = i64::try_from(slot.low).ok().filter(|low| *low <= all)?;
        let high = i64::try_from(slot.high).unwrap_or(all).min(all);
        if low > high {
            return None;
        }
        network.add_edge(node, sink, low, high);
        nodes.push(node);
    }
    let mut branches: Vec<(usize, EdgeId, Vec<Branch>)> = Vec::with_capacity(groups.len());
    for group in groups {
        let size = i64::try_from(group.members.len()).ok()?;
        let node = network.add_node();
        let low = if group.must { size } else { 0 };
        let supply = network.add_edge(source, node, low, size);
        let mut ways_of_group = Vec::new();
        for (way, fits) in ways(slots, group) {
            let way_node = network.add_node();
            let edge = network.add_edge(node, way_node, 0, size);
            for slot in fits {
                network.add_edge(way_node, *nodes.get(slot)?, 0, size);
            }
            ways_of_group.push((way, way_node, edge));
        }
        branches.push((node, supply, ways_of_group));
    }
    if !network.circulate() {
        return None;
    }
    let component = network.components();
    let linked = |a: usize, b: usize| component.get(a) == component.get(b);
    let found = groups
        .iter()
        .zip(branches)
        .map(|(group, (node, supply, ways))| {
            let size = i64::try_from(group.members.len()).unwrap_or(i64::MAX);
            let used = network.carried(supply) + if group.must { size } else { 0 };
            Possible {
                none: used < size || (!group.must && linked(source, node)),
                ways: ways
                    .into_iter()
                    .filter(|(_, way_node, edge)| {
                        network.carried(*edge) > 0
                            || (network.has_room(*edge) && linked(node, *way_node))
                    })
                    .map(|(way, ..)| way)
                    .collect(),
            }
        });
    Some(found.collect())
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

    fn fits(slots: &[usize]) -> Joiner {
        Joiner::new(slots.to_vec(), false)
    }

    fn must(slots: &[usize]) -> Joiner {
        Joiner::new(slots.to_vec(), true)
    }

    #[test]
    fn a_lone_join_explains_a_lone_use() {
        let solution = solve(&[slot(7, 1, 1)], &[fits(&[0])], true);
        assert_eq!(solution.verdicts, [Verdict::Unique(7)]);
    }

    #[test]
    fn a_use_that_may_be_nobodys_proves_nothing() {
        let solution = solve(&[slot(7, 0, 1)], &[fits(&[0])], true);
        assert!(
            matches!(solution.verdicts.as_slice(), [Verdict::Several(ways)] if ways.len() == 2)
        );
    }

    #[test]
    fn a_burst_through_one_invite_is_unique_and_through_two_is_not() {
        let burst = [fits(&[0]), fits(&[0]), fits(&[0])];
        let solution = solve(&[slot(7, 3, 3)], &burst, true);
        assert_eq!(solution.verdicts, vec![Verdict::Unique(7); 3]);
        let both = [fits(&[0, 1]), fits(&[0, 1])];
        let solution = solve(&[slot(7, 1, 1), slot(8, 1, 1)], &both, true);
        for verdict in &solution.verdicts {
            assert!(matches!(verdict, Verdict::Several(ways) if ways.len() == 2));
        }
    }

    #[test]
    fn a_confirmed_join_settles_the_other() {
        let slots = [slot(7, 1, 1), slot(8, 1, 1)];
        let solution = solve(&slots, &[must(&[1]), fits(&[0, 1])], true);
        assert_eq!(solution.verdicts, [Verdict::Unique(8), Verdict::Unique(7)]);
    }

    #[test]
    fn the_same_invite_in_two_lists_is_one_way() {
        let slots = [slot(7, 1, 1), slot(7, 1, 1)];
        let solution = solve(&slots, &[fits(&[0, 1]), fits(&[0, 1])], true);
        assert_eq!(solution.verdicts, [Verdict::Unique(7), Verdict::Unique(7)]);
    }

    #[test]
    fn the_likelier_times_weigh_more() {
        let timed =
            |chances: [f64; 2]| Joiner::new(vec![0, 1], false).timed(chances.to_vec(), 0.02);
        let slots = [slot(7, 1, 1), slot(8, 1, 1)];
        let solution = solve(&slots, &[timed([0.8, 0.01]), timed([0.02, 0.8])], true);
        for (verdict, way) in solution.verdicts.iter().zip([7, 8]) {
            let Verdict::Several(ways) = verdict else {
                panic!("{verdict:?}");
            };
            assert_eq!(ways[0].0, Some(way));
            assert!(ways[0].1 > 0.999, "{ways:?}");
        }
    }

    #[test]
    fn more_uses_than_joins_is_a_contradiction() {
        let solution = solve(&[slot(7, 2, 2)], &[fits(&[0])], true);
        assert!(!solution.consistent);
        assert!(matches!(
            solution.verdicts.as_slice(),
            [Verdict::Several(_)]
        ));
    }

    /// Tries every assignment.
    fn brute(slots: &[Slot], joiners: &[Joiner]) -> Option<Vec<Vec<Option<usize>>>> {
        fn go(
            slots: &[Slot],
            joiners: &[Joiner],
            taken: &mut Vec<Option<usize>>,
            found: &mut Vec<Vec<Option<usize>>>,
        ) {
            let Some(joiner) = joiners.get(taken.len()) else {
                let fits = slots.iter().enumerate().all(|(index, slot)| {
                    let count = taken.iter().filter(|way| **way == Some(index)).count() as u64;
                    (slot.low..=slot.high).contains(&count)
                });
                if fits {
                    for (ways, slot) in found.iter_mut().zip(taken) {
                        ways.push(slot.map(|slot| slots[slot].way));
                    }
                }
                return;
            };
            let none = (!joiner.must || joiner.fits.is_empty()).then_some(None);
            for choice in joiner.fits.iter().copied().map(Some).chain(none) {
                taken.push(choice);
                go(slots, joiners, taken, found);
                taken.pop();
            }
        }
        let mut found = vec![Vec::new(); joiners.len()];
        go(slots, joiners, &mut Vec::new(), &mut found);
        for ways in &mut found {
            ways.sort_unstable();
            ways.dedup();
        }
        found
            .first()
            .is_none_or(|ways| !ways.is_empty())
            .then_some(found)
    }

    #[test]
    fn the_flow_agrees_with_trying_every_assignment() {
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut next = move |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        };
        let mut consistent = 0;
        for round in 0..4000 {
            let slots: Vec<Slot> = (0..1 + next(4))
                .map(|_| {
                    let low = next(3);
                    slot(usize::try_from(next(3)).unwrap(), low, low + next(2))
                })
                .collect();
            let joiners: Vec<Joiner> = (0..1 + next(5))
                .map(|_| {
                    let fits = (0..slots.len()).filter(|_| next(3) > 0).collect();
                    Joiner::new(fits, next(6) == 0)
                })
                .collect();
            let Some(truth) = brute(&slots, &joiners) else {
                continue;
            };
            consistent += 1;
            let solution = solve(&slots, &joiners, true);
            assert!(solution.consistent, "round {round}: {slots:?} {joiners:?}");
            for (verdict, ways) in solution.verdicts.iter().zip(&truth) {
                let mut got = match verdict {
                    Verdict::Unique(way) => vec![Some(*way)],
                    Verdict::Several(ways) => ways.iter().map(|(way, _)| *way).collect(),
                    Verdict::Nothing => vec![None],
                };
                got.sort_unstable();
                assert_eq!(&got, ways, "round {round}: {slots:?} {joiners:?}");
            }
        }
        assert!(consistent > 1000, "{consistent}");
    }
}
