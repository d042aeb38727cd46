//! The worst few of very many, in bounded memory and in an order that does not depend on which
//! thread came first.

/// Keeps the smallest `keep` items of all that were offered, and counts the rest.
#[derive(Debug, Clone)]
pub(super) struct Worst<T> {
    keep: usize,
    items: Vec<T>,
    /// How many were offered.
    pub(super) offered: u64,
}

impl<T: Ord> Worst<T> {
    pub(super) const fn new(keep: usize) -> Self {
        Self {
            keep,
            items: Vec::new(),
            offered: 0,
        }
    }

    /// Whether an item that compares so with kept ones would stay. `beats` answers whether the
    /// candidate is smaller than the given item; nothing is built for one that would not stay.
    pub(super) fn offer_with(&mut self, beats: impl Fn(&T) -> bool, make: impl FnOnce() -> T) {
        self.offered += 1;
        if self.items.len() >= self.keep {
            match self.items.last() {
                Some(last) if beats(last) => {}
                _ => return,
            }
        }
        self.insert(make());
    }

    /// Offers an item that is there already.
    pub(super) fn offer(&mut self, item: T) {
        self.offered += 1;
        self.insert(item);
    }

    /// Counts an item that would not stay.
    pub(super) const fn pass_over(&mut self) {
        self.offered += 1;
    }

    /// The item that a better one would put out, where there are as many as are kept.
    pub(super) fn last(&self) -> Option<&T> {
        self.items.last().filter(|_| self.items.len() >= self.keep)
    }

    fn insert(&mut self, item: T) {
        let place = self.items.partition_point(|kept| *kept < item);
        if place < self.keep {
            self.items.insert(place, item);
            self.items.truncate(self.keep);
        }
    }

    /// Takes in what another thread kept.
    pub(super) fn merge(&mut self, other: Self) {
        self.offered += other.offered;
        for item in other.items {
            self.insert(item);
        }
    }

    /// The kept ones, worst first.
    pub(super) fn items(&self) -> &[T] {
        &self.items
    }

    /// The kept ones and a sentence about those that were not.
    pub(super) fn into_parts(self, what: &str) -> (Vec<T>, Option<String>) {
        let dropped = self.offered.saturating_sub(self.items.len() as u64);
        let note = (dropped > 0).then(|| format!("{dropped} more {what} are not listed"));
        (self.items, note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn order_and_sharing_do_not_matter(items in prop::collection::vec(0u16..100, 0..60), cut in 0usize..60) {
            let mut whole = Worst::new(5);
            for item in &items {
                whole.offer_with(|kept| item < kept, || *item);
            }
            let (left, right) = items.split_at(cut.min(items.len()));
            let mut one = Worst::new(5);
            let mut other = Worst::new(5);
            left.iter().rev().for_each(|item| one.offer(*item));
            right.iter().for_each(|item| other.offer(*item));
            one.merge(other);
            prop_assert_eq!(one.items(), whole.items());
            let mut sorted = items.clone();
            sorted.sort_unstable();
            sorted.truncate(5);
            prop_assert_eq!(whole.items(), sorted.as_slice());
            prop_assert_eq!(whole.offered, items.len() as u64);
        }
    }
}
