//! A map that knows which of its entries changed.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// A map each entry of which is a part of the stored state. Whatever gives access to change
/// an entry marks it, so that no change can be forgotten.
#[derive(Clone, Debug)]
pub(crate) struct Kept<K, V> {
    entries: BTreeMap<K, V>,
    /// The entries that changed since they were handed out, or that are gone; and whether
    /// they have been handed out ever.
    marks: BTreeMap<K, bool>,
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self {
            entries: BTreeMap::new(),
            marks: BTreeMap::new(),
        }
    }
}

impl<K: Ord + Clone, V> Kept<K, V> {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn contains(&self, key: &K) -> bool {
        self.entries.contains_key(key)
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key)
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.entries.iter()
    }

    pub(crate) fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.entries.keys()
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.entries.values()
    }

    pub(crate) fn first_key(&self) -> Option<&K> {
        self.entries.first_key_value().map(|(key, _)| key)
    }

    pub(crate) fn last_key(&self) -> Option<&K> {
        self.entries.last_key_value().map(|(key, _)| key)
    }

    /// Removes all entries.
    pub(crate) fn clear(&mut self) {
        for key in std::mem::take(&mut self.entries).into_keys() {
            self.mark_gone(key);
        }
    }

    /// An entry, to change it.
    pub(crate) fn edit(&mut self, key: &K) -> Option<&mut V> {
        let value = self.entries.get_mut(key)?;
        self.marks.entry(key.clone()).or_insert(true);
        Some(value)
    }

    /// Changes the entries that a condition holds for.
    pub(crate) fn edit_where(
        &mut self,
        mut is_meant: impl FnMut(&K, &V) -> bool,
        mut change: impl FnMut(&K, &mut V),
    ) {
        for (key, value) in &mut self.entries {
            if is_meant(key, value) {
                self.marks.entry(key.clone()).or_insert(true);
                change(key, value);
            }
        }
    }

    /// Puts an entry in place of the one there is, if there is one.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let before = self.entries.insert(key.clone(), value);
        self.marks.entry(key).or_insert(before.is_some());
        before
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let value = self.entries.remove(key)?;
        self.mark_gone(key.clone());
        Some(value)
    }

    fn mark_gone(&mut self, key: K) {
        match self.marks.entry(key) {
            // Nobody ever heard of it.
            Entry::Occupied(mark) if !*mark.get() => {
                mark.remove();
            }
            Entry::Occupied(_) => {}
            Entry::Vacant(mark) => {
                mark.insert(true);
            }
        }
    }

    /// Removes the entries that a condition holds for.
    pub(crate) fn extract(&mut self, mut is_meant: impl FnMut(&K, &V) -> bool) -> Vec<(K, V)> {
        let keys: Vec<K> = self
            .entries
            .iter()
            .filter(|(key, value)| is_meant(key, value))
            .map(|(key, _)| key.clone())
            .collect();
        let mut gone = Vec::with_capacity(keys.len());
        for key in keys {
            gone.extend(self.entries.remove_entry(&key));
            self.mark_gone(key);
        }
        gone
    }

    /// Puts in an entry that is stored already.
    pub(crate) fn restore(&mut self, key: K, value: V) {
        self.entries.insert(key, value);
    }

    /// The entries that changed, and `None` for those that are gone. Forgets the marks.
    pub(crate) fn take_changed(&mut self, mut each: impl FnMut(&K, Option<&V>)) {
        for (key, _) in std::mem::take(&mut self.marks) {
            each(&key, self.entries.get(&key));
        }
    }
}

impl<V> Kept<u64, V> {
    /// Adds an entry behind all others. Returns its number.
    pub(crate) fn push(&mut self, value: V) -> u64 {
        let number = self.last_key().map_or(0, |last| last + 1);
        self.insert(number, value);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(kept: &mut Kept<u64, u64>) -> Vec<(u64, Option<u64>)> {
        let mut taken = Vec::new();
        kept.take_changed(|key, value| taken.push((*key, value.copied())));
        taken
    }

    #[test]
    fn only_what_changed_is_handed_out() {
        let mut kept = Kept::default();
        kept.insert(1, 10);
        kept.insert(2, 20);
        assert_eq!(taken(&mut kept), [(1, Some(10)), (2, Some(20))]);
        assert_eq!(taken(&mut kept), []);
        *kept.edit(&2).unwrap() += 1;
        assert_eq!(taken(&mut kept), [(2, Some(21))]);
        kept.edit_where(|_, value| *value == 10, |_, value| *value = 11);
        kept.remove(&2);
        assert_eq!(taken(&mut kept), [(1, Some(11)), (2, None)]);
    }

    #[test]
    fn what_comes_and_goes_unnoticed_leaves_no_trace() {
        let mut kept = Kept::default();
        kept.insert(1, 10);
        kept.remove(&1);
        assert_eq!(taken(&mut kept), []);
        kept.insert(1, 10);
        assert_eq!(taken(&mut kept), [(1, Some(10))]);
        // Gone, there again, and gone for good: it is stored, and must be removed.
        kept.remove(&1);
        kept.insert(1, 12);
        kept.remove(&1);
        assert_eq!(taken(&mut kept), [(1, None)]);
    }
}
