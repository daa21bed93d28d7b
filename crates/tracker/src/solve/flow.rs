//! Flows with lower bounds, and what is fixed in all of them.

use std::collections::VecDeque;

/// A network in which each edge carries between a lower and an upper bound, and as
/// much leaves each node as enters it.
pub(super) struct Network {
    /// For each node, the edges that leave it; an edge's reverse is `edge ^ 1`.
    leaving: Vec<Vec<usize>>,
    edges: Vec<Edge>,
    /// What the lower bounds force into (positive) or out of (negative) each node.
    excess: Vec<i64>,
}

struct Edge {
    to: usize,
    /// How much more it may carry.
    left: i64,
}

/// The handle of an edge.
#[derive(Clone, Copy)]
pub(super) struct EdgeId(usize);

impl Network {
    pub(super) fn new() -> Self {
        Self {
            leaving: Vec::new(),
            edges: Vec::new(),
            excess: Vec::new(),
        }
    }

    pub(super) fn add_node(&mut self) -> usize {
        self.leaving.push(Vec::new());
        self.excess.push(0);
        self.leaving.len() - 1
    }

    /// Adds an edge that carries from `low` to `high`.
    pub(super) fn add_edge(&mut self, from: usize, to: usize, low: i64, high: i64) -> EdgeId {
        let id = self.edges.len();
        self.edges.push(Edge {
            to,
            left: high - low,
        });
        self.edges.push(Edge { to: from, left: 0 });
        if let Some(leaving) = self.leaving.get_mut(from) {
            leaving.push(id);
        }
        if let Some(leaving) = self.leaving.get_mut(to) {
            leaving.push(id + 1);
        }
        if let Some(excess) = self.excess.get_mut(to) {
            *excess += low;
        }
        if let Some(excess) = self.excess.get_mut(from) {
            *excess -= low;
        }
        EdgeId(id)
    }

    /// What the edge carries above its lower bound.
    pub(super) fn carried(&self, edge: EdgeId) -> i64 {
        self.left(edge.0 + 1)
    }

    /// Whether the edge could carry more, as far as its own bound goes.
    pub(super) fn has_room(&self, edge: EdgeId) -> bool {
        self.left(edge.0) > 0
    }

    fn left(&self, edge: usize) -> i64 {
        self.edges.get(edge).map_or(0, |edge| edge.left)
    }

    fn to(&self, edge: usize) -> usize {
        self.edges.get(edge).map_or(0, |edge| edge.to)
    }

    fn leaving(&self, node: usize) -> &[usize] {
        self.leaving.get(node).map_or(&[], Vec::as_slice)
    }

    fn push(&mut self, edge: usize, amount: i64) {
        if let Some(edge) = self.edges.get_mut(edge) {
            edge.left -= amount;
        }
        if let Some(reverse) = self.edges.get_mut(edge ^ 1) {
            reverse.left += amount;
        }
    }

    /// Finds a flow within all bounds; `false` if there is none.
    pub(super) fn circulate(&mut self) -> bool {
        let excess = self.excess.clone();
        let nodes = self.leaving.len();
        let source = self.add_node();
        let sink = self.add_node();
        let mut wanted = 0;
        let mut extra = Vec::new();
        for (node, amount) in excess.into_iter().enumerate().take(nodes) {
            match amount {
                0 => {}
                1.. => {
                    wanted += amount;
                    extra.push(self.add_edge(source, node, 0, amount));
                }
                _ => extra.push(self.add_edge(node, sink, 0, -amount)),
            }
        }
        let got = self.maximize(source, sink);
        // The helping edges are full now and must stay so.
        for EdgeId(edge) in extra {
            for edge in [edge, edge + 1] {
                if let Some(edge) = self.edges.get_mut(edge) {
                    edge.left = 0;
                }
            }
        }
        got == wanted
    }

    /// Dinic's algorithm.
    fn maximize(&mut self, source: usize, sink: usize) -> i64 {
        let mut total = 0;
        loop {
            let mut level = self.levels(source);
            if level.get(sink).copied().unwrap_or(usize::MAX) == usize::MAX {
                return total;
            }
            let mut next = vec![0_usize; self.leaving.len()];
            let mut path: Vec<usize> = Vec::new();
            loop {
                let node = path.last().map_or(source, |edge| self.to(*edge));
                if node == sink {
                    let amount = path.iter().map(|edge| self.left(*edge)).min().unwrap_or(0);
                    total += amount;
                    for edge in &path {
                        self.push(*edge, amount);
                    }
                    let full = path.iter().position(|edge| self.left(*edge) == 0);
                    path.truncate(full.unwrap_or(0));
                    continue;
                }
                let own = level.get(node).copied().unwrap_or(usize::MAX);
                let place = next.get(node).copied().unwrap_or(0);
                let step = self
                    .leaving(node)
                    .iter()
                    .enumerate()
                    .skip(place)
                    .find(|(_, edge)| {
                        let ahead = level.get(self.to(**edge)).copied();
                        self.left(**edge) > 0 && own != usize::MAX && ahead == Some(own + 1)
                    })
                    .map(|(place, edge)| (place, *edge));
                if let Some((place, edge)) = step {
                    if let Some(next) = next.get_mut(node) {
                        *next = place;
                    }
                    path.push(edge);
                } else {
                    if let Some(level) = level.get_mut(node) {
                        *level = usize::MAX;
                    }
                    if path.pop().is_none() {
                        break;
                    }
                }
            }
        }
    }

    fn levels(&self, source: usize) -> Vec<usize> {
        let mut level = vec![usize::MAX; self.leaving.len()];
        let mut queue = VecDeque::from([(source, 0)]);
        if let Some(first) = level.get_mut(source) {
            *first = 0;
        }
        while let Some((node, own)) = queue.pop_front() {
            for edge in self.leaving(node) {
                let to = self.to(*edge);
                if self.left(*edge) > 0
                    && let Some(level) = level.get_mut(to)
                    && *level == usize::MAX
                {
                    *level = own + 1;
                    queue.push_back((to, own + 1));
                }
            }
        }
        level
    }

    /// For each node, the number of its strongly connected component in the graph of
    /// changes that the flow allows (Tarjan). An edge's flow can change in some other
    /// flow within the bounds exactly if the change lies on a cycle: if both its ends
    /// are in one component.
    pub(super) fn components(&self) -> Vec<usize> {
        let count = self.leaving.len();
        let mut tarjan = Tarjan {
            index: vec![usize::MAX; count],
            low: vec![usize::MAX; count],
            component: vec![usize::MAX; count],
            stack: Vec::new(),
            counter: 0,
            components: 0,
        };
        for root in 0..count {
            if tarjan.index.get(root) == Some(&usize::MAX) {
                self.visit(root, &mut tarjan);
            }
        }
        tarjan.component
    }

    fn visit(&self, root: usize, tarjan: &mut Tarjan) {
        let mut calls = vec![(root, 0_usize)];
        tarjan.enter(root);
        while let Some((node, place)) = calls.last_mut() {
            let node = *node;
            if let Some(edge) = self.leaving(node).get(*place) {
                *place += 1;
                if self.left(*edge) <= 0 {
                    continue;
                }
                let to = self.to(*edge);
                if tarjan.index.get(to) == Some(&usize::MAX) {
                    tarjan.enter(to);
                    calls.push((to, 0));
                } else if tarjan.component.get(to) == Some(&usize::MAX) {
                    let index = tarjan.index.get(to).copied().unwrap_or(usize::MAX);
                    tarjan.lower(node, index);
                }
            } else {
                calls.pop();
                let low = tarjan.leave(node);
                if let Some((parent, _)) = calls.last() {
                    tarjan.lower(*parent, low);
                }
            }
        }
    }
}

struct Tarjan {
    index: Vec<usize>,
    low: Vec<usize>,
    component: Vec<usize>,
    stack: Vec<usize>,
    counter: usize,
    components: usize,
}

impl Tarjan {
    fn enter(&mut self, node: usize) {
        for list in [&mut self.index, &mut self.low] {
            if let Some(entry) = list.get_mut(node) {
                *entry = self.counter;
            }
        }
        self.counter += 1;
        self.stack.push(node);
    }

    fn lower(&mut self, node: usize, to: usize) {
        if let Some(low) = self.low.get_mut(node) {
            *low = (*low).min(to);
        }
    }

    /// Returns the node's low mark, and closes its component if it is the root.
    fn leave(&mut self, node: usize) -> usize {
        let low = self.low.get(node).copied().unwrap_or(usize::MAX);
        if self.index.get(node) == Some(&low) {
            while let Some(member) = self.stack.pop() {
                if let Some(component) = self.component.get_mut(member) {
                    *component = self.components;
                }
                if member == node {
                    break;
                }
            }
            self.components += 1;
        }
        low
    }
}
