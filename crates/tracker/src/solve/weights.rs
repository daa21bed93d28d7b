//! How likely each possible way is for each join.

use std::collections::BTreeMap;

use super::marginals::marginals;
use super::{Group, Joiner, Possible, Slot};

/// Rounds of fitting in [`estimate`].
const ROUNDS: usize = 12;
/// Most cells of the table in which each join has a row of its own; in a larger one the
/// joins of a group share a row.
const MAX_CELLS: usize = 50_000;

/// Ways, or `None` for what moves no count, with how likely each is. Likeliest first.
pub(super) type Weights = Vec<(Option<usize>, f64)>;

/// A row of the table in [`estimate`].
struct Row {
    /// The joins that it stands for.
    members: Vec<usize>,
    cells: Vec<Cell>,
}

struct Cell {
    slot: Option<usize>,
    weight: f64,
}

/// How likely each possible way is for each join: exactly if that is not too much work.
pub(super) fn weigh(
    slots: &[Slot],
    joiners: &[Joiner],
    groups: &[Group],
    possible: &[Possible],
) -> Vec<Weights> {
    let Some(exact) = marginals(slots, joiners) else {
        return estimate(slots, joiners, groups, possible);
    };
    let mut weights: Vec<Weights> =
        exact
            .into_iter()
            .map(|choices| {
                gather(choices.into_iter().map(|(slot, weight)| {
                    (slot.and_then(|slot| Some(slots.get(slot)?.way)), weight)
                }))
            })
            .collect();
    // What is possible is listed, however unlikely.
    for (group, possible) in groups.iter().zip(possible) {
        for member in &group.members {
            let Some(weights) = weights.get_mut(*member) else {
                continue;
            };
            let ways = possible.ways.iter().copied().map(Some);
            let ways: Vec<_> = ways.chain(possible.none.then_some(None)).collect();
            weights.retain(|(way, _)| ways.contains(way));
            for way in ways {
                if !weights.iter().any(|(listed, _)| *listed == way) {
                    weights.push((way, 0.0));
                }
            }
        }
    }
    weights
}

/// Estimates how likely each possible way is for each join, by fitting a table of joins
/// and slots to the movement of each slot. It starts from how likely the times are.
fn estimate(
    slots: &[Slot],
    joiners: &[Joiner],
    groups: &[Group],
    possible: &[Possible],
) -> Vec<Weights> {
    let targets = Targets::new(slots, joiners);
    let mut table = rows(slots, joiners, groups, possible);
    fit(&targets, &mut table);
    let mut weights = vec![Vec::new(); joiners.len()];
    for row in table {
        let ways = ways_of(slots, &row.cells);
        for member in row.members {
            if let Some(weights) = weights.get_mut(member) {
                weights.clone_from(&ways);
            }
        }
    }
    weights
}

/// How many joins are likely to have moved each slot, and none.
struct Targets {
    slots: Vec<f64>,
    none: f64,
}

impl Targets {
    fn new(slots: &[Slot], joiners: &[Joiner]) -> Self {
        let fitting = joiners.iter().filter(|joiner| !joiner.fits.is_empty());
        let joins = float(fitting.clone().count());
        let mut targets: Vec<f64> = slots.iter().map(|slot| slot.likely).collect();
        let left = joins - targets.iter().sum::<f64>();
        // Something is always left for what moves no count.
        let least = joins * 0.02;
        let without: f64 = fitting.map(|joiner| joiner.none).sum();
        // If nothing explains most of the joins, an invite took them whose uses nobody told
        // before it ended.
        let open = slots.iter().filter(|slot| slot.high == u64::MAX).count();
        let more = left - without.max(least);
        let taken = if open > 0 && more > joins / 2.0 {
            more
        } else {
            0.0
        };
        for (target, slot) in targets.iter_mut().zip(slots) {
            if slot.high == u64::MAX {
                *target += taken / float(open);
            }
        }
        Self {
            slots: targets,
            none: (left - taken).max(least),
        }
    }

    fn get(&self, slot: Option<usize>) -> f64 {
        let of_slot = |slot: usize| self.slots.get(slot).copied().unwrap_or_default();
        slot.map_or(self.none, of_slot)
    }
}

/// The table before it is fitted.
fn rows(slots: &[Slot], joiners: &[Joiner], groups: &[Group], possible: &[Possible]) -> Vec<Row> {
    let cells: usize = groups
        .iter()
        .map(|group| group.members.len().saturating_mul(group.fits.len() + 1))
        .sum();
    let mut table = Vec::new();
    for (group, possible) in groups.iter().zip(possible) {
        let timed = group.members.iter().any(|member| {
            let joiner = joiners.get(*member);
            joiner.is_some_and(|joiner| !joiner.chances.is_empty())
        });
        if timed && cells <= MAX_CELLS {
            for member in &group.members {
                let members = vec![*member];
                let cells = start(slots, joiners, group, possible, &members);
                table.push(Row { members, cells });
            }
        } else {
            let members = group.members.clone();
            let cells = start(slots, joiners, group, possible, &members);
            table.push(Row { members, cells });
        }
    }
    table
}

/// The cells of a row before it is fitted: what is possible, by how likely the times are.
fn start(
    slots: &[Slot],
    joiners: &[Joiner],
    group: &Group,
    possible: &Possible,
    members: &[usize],
) -> Vec<Cell> {
    let chance = |place: usize| {
        let own = |member: &usize| {
            let chances = joiners.get(*member).map(|joiner| &joiner.chances);
            chances
                .and_then(|chances| chances.get(place))
                .copied()
                .unwrap_or(1.0)
        };
        let sum: f64 = members.iter().map(own).sum();
        sum / float(members.len()).max(1.0)
    };
    let fitting = group.fits.iter().enumerate().filter(|(_, index)| {
        slots
            .get(**index)
            .is_some_and(|slot| slot.high > 0 && possible.ways.binary_search(&slot.way).is_ok())
    });
    let mut cells: Vec<Cell> = fitting
        .map(|(place, index)| Cell {
            slot: Some(*index),
            weight: chance(place),
        })
        .collect();
    if possible.none {
        cells.push(Cell {
            slot: None,
            weight: 1.0,
        });
    }
    cells
}

/// Makes each row add up to its joins, and each column to its slot's movement, nearly.
fn fit(targets: &Targets, table: &mut [Row]) {
    let columns = targets.slots.len();
    for _ in 0..ROUNDS {
        let mut sums = vec![0.0_f64; columns + 1];
        for cell in table.iter().flat_map(|row| &row.cells) {
            if let Some(sum) = sums.get_mut(cell.slot.unwrap_or(columns)) {
                *sum += cell.weight;
            }
        }
        for row in &mut *table {
            for cell in &mut row.cells {
                let sum = sums.get(cell.slot.unwrap_or(columns));
                let sum = sum.copied().unwrap_or(1.0).max(f64::MIN_POSITIVE);
                cell.weight *= (targets.get(cell.slot) / sum).max(1e-9);
            }
        }
        for row in &mut *table {
            let size = float(row.members.len());
            let sum: f64 = row.cells.iter().map(|cell| cell.weight).sum();
            for cell in &mut row.cells {
                cell.weight *= size / sum.max(f64::MIN_POSITIVE);
            }
        }
    }
}

/// The ways that a fitted row leads to.
fn ways_of(slots: &[Slot], cells: &[Cell]) -> Weights {
    let total: f64 = cells.iter().map(|cell| cell.weight).sum();
    gather(cells.iter().map(|cell| {
        let slot = cell.slot.and_then(|slot| slots.get(slot));
        let weight = cell.weight / total.max(f64::MIN_POSITIVE);
        (slot.map(|slot| slot.way), weight)
    }))
}

/// Adds up what leads the same way. Likeliest first.
fn gather(choices: impl Iterator<Item = (Option<usize>, f64)>) -> Weights {
    let mut ways: BTreeMap<Option<usize>, f64> = BTreeMap::new();
    for (way, weight) in choices {
        *ways.entry(way).or_default() += weight;
    }
    let mut ways: Vec<_> = ways.into_iter().collect();
    // What differs by less than that is of the same weight: an error of rounding decides
    // nothing.
    let rounded = |weight: f64| (weight * 1e9).round();
    ways.sort_by(|a, b| {
        let heavier = rounded(b.1).total_cmp(&rounded(a.1));
        heavier.then(b.0.cmp(&a.0))
    });
    ways
}

fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
