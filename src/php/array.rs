//! PHP's ordered array with its key rules, copied on write.
//!
//! It refuses nothing by itself but knows its weight and depth, so that its owner can.

use super::value::{Located, Unknown, Value};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// An array key after PHP's normalisation: `"7"` is the integer 7.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// An integer key.
    Int(i64),
    /// A byte string key.
    Str(Vec<u8>),
}

/// An ordered map from keys to located values.
#[derive(Clone, Default)]
pub struct Array(Arc<Inner>);

#[derive(Clone, Default)]
struct Inner {
    slots: Vec<Option<(Key, Located)>>,
    index: HashMap<Key, usize>,
    next: Next,
    weight: u64,
    depth: u32,
    loose: Option<Unknown>,
    open: bool,
}

/// The index that `[]` would take.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    At(i64),
    /// `PHP_INT_MAX` is taken.
    Full,
    /// After a negative key, PHP 8.3 counts on from it and older ones from 0.
    ByVersion,
}

impl Default for Next {
    fn default() -> Self {
        Self::At(0)
    }
}

/// What an array says about a key.
pub enum Found<'a> {
    /// It holds this, which may itself be unknown.
    Here(&'a Located),
    /// It certainly does not hold the key.
    Missing,
    /// It may or may not hold the key.
    Unknown(&'a Unknown),
}

impl Found<'_> {
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }
}

impl Key {
    /// The key that PHP makes of a string.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let number = std::str::from_utf8(bytes)
            .ok()
            .filter(|text| text.len() <= 20)
            .and_then(|text| text.parse::<i64>().ok().filter(|n| n.to_string() == text));
        number.map_or_else(|| Self::Str(bytes.to_vec()), Self::Int)
    }

    /// The key as a value, as `foreach` gives it.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Int(number) => Value::Int(*number),
            Self::Str(bytes) => Value::Str(bytes.clone()),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(number) => write!(out, "{number}"),
            Self::Str(bytes) => write!(out, "{:?}", String::from_utf8_lossy(bytes)),
        }
    }
}

impl fmt::Debug for Array {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_map()
            .entries(self.iter().map(|(key, held)| (key, &held.value)))
            .finish()
    }
}

impl Array {
    /// How many elements are listed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.index.len()
    }

    /// Whether no element is listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Why the set of keys or their order is not certain.
    #[must_use]
    pub fn loose(&self) -> Option<&Unknown> {
        self.0.loose.as_ref()
    }

    /// The elements in PHP's order.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Located)> {
        self.0.slots.iter().flatten().map(|(key, held)| (key, held))
    }

    /// What it says about a key.
    #[must_use]
    pub fn get(&self, key: &Key) -> Found<'_> {
        match (self.listed(key), &self.0.loose) {
            (Some(held), _) => Found::Here(held),
            (None, Some(unknown)) if self.0.open => Found::Unknown(unknown),
            (None, _) => Found::Missing,
        }
    }

    fn listed(&self, key: &Key) -> Option<&Located> {
        let at = *self.0.index.get(key)?;
        self.0.slots.get(at)?.as_ref().map(|(_, held)| held)
    }

    pub(super) fn weight(&self) -> u64 {
        self.0.weight + 1
    }

    pub(super) fn depth(&self) -> u32 {
        self.0.depth + 1
    }

    /// From here on keys that are not listed may exist all the same.
    pub(super) fn open(&mut self, why: &Unknown) {
        let inner = Arc::make_mut(&mut self.0);
        inner.loose.get_or_insert_with(|| why.clone());
        inner.open = true;
    }

    /// The order or the next index is not certain.
    pub(super) fn loosen(&mut self, why: &Unknown) {
        let inner = Arc::make_mut(&mut self.0);
        inner.loose.get_or_insert_with(|| why.clone());
    }

    pub(super) fn is_open(&self) -> bool {
        self.0.open
    }

    /// Writes an element; an existing one keeps its position.
    pub(super) fn set(&mut self, key: Key, held: Located) {
        let inner = Arc::make_mut(&mut self.0);
        inner.depth = inner.depth.max(held.value.depth());
        inner.weight = inner.weight.saturating_add(held.value.weight());
        if let Some(slot) = inner
            .index
            .get(&key)
            .and_then(|at| inner.slots.get_mut(*at))
        {
            let old = slot.as_ref().map_or(0, |(_, old)| old.value.weight());
            inner.weight = inner.weight.saturating_sub(old);
            *slot = Some((key, held));
            return;
        }
        if let Key::Int(number) = key {
            inner.next = inner.next.after(number);
        }
        inner.index.insert(key.clone(), inner.slots.len());
        inner.slots.push(Some((key, held)));
    }

    /// Takes the value of an element out, leaving null in its place.
    pub(super) fn take(&mut self, key: &Key) -> Option<Located> {
        let inner = Arc::make_mut(&mut self.0);
        let at = *inner.index.get(key)?;
        let (_, held) = inner.slots.get_mut(at)?.as_mut()?;
        inner.weight = inner.weight.saturating_sub(held.value.weight() - 1);
        let value = std::mem::replace(&mut held.value, Value::Null);
        Some(Located {
            value,
            at: held.at.clone(),
        })
    }

    /// The key that `[]` takes, `None` when it cannot be told or there is none left.
    pub(super) fn next_key(&self) -> Option<Key> {
        match (self.0.next, &self.0.loose) {
            (Next::At(number), None) => Some(Key::Int(number)),
            _ => None,
        }
    }

    pub(super) fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.next == Next::Full && self.0.loose.is_none()
    }

    /// Appends; the caller has seen to it that the next key is certain.
    pub(super) fn push(&mut self, held: Located) {
        if let Some(key) = self.next_key() {
            self.set(key, held);
        }
    }

    pub(super) fn remove(&mut self, key: &Key) {
        if !self.0.index.contains_key(key) {
            return;
        }
        let inner = Arc::make_mut(&mut self.0);
        let Some(at) = inner.index.remove(key) else {
            return;
        };
        if let Some((_, old)) = inner.slots.get_mut(at).and_then(Option::take) {
            inner.weight = inner.weight.saturating_sub(old.value.weight());
        }
        while matches!(inner.slots.last(), Some(None)) {
            inner.slots.pop();
        }
    }

    /// What is left when it is one of two arrays and nobody can tell which.
    pub(super) fn join(self, other: &Self, why: &Unknown) -> Self {
        if Arc::ptr_eq(&self.0, &other.0) {
            return self;
        }
        let mut result = Self::default();
        for (key, mine) in self.iter() {
            let value = match other.get(key) {
                Found::Here(theirs) => mine.value.clone().join(theirs.value.clone(), why),
                Found::Missing | Found::Unknown(_) => Value::Unknown(why.clone()),
            };
            let at = mine.at.clone();
            result.set(key.clone(), Located { value, at });
        }
        for (key, theirs) in other.iter() {
            if self.listed(key).is_none() {
                let value = Value::Unknown(why.clone());
                let at = theirs.at.clone();
                result.set(key.clone(), Located { value, at });
            }
        }
        let alike = self.0.next == other.0.next
            && self
                .iter()
                .map(|(key, _)| key)
                .eq(other.iter().map(|(key, _)| key));
        let inner = Arc::make_mut(&mut result.0);
        inner.next = self.0.next;
        inner.open = self.0.open || other.0.open;
        inner.loose = self.0.loose.clone().or_else(|| other.0.loose.clone());
        if !alike && inner.loose.is_none() {
            inner.loose = Some(why.clone());
        }
        result
    }
}

impl Next {
    fn after(self, number: i64) -> Self {
        match self {
            Self::Full => Self::Full,
            Self::ByVersion if number < 0 => Self::ByVersion,
            Self::At(0) if number < 0 => Self::ByVersion,
            Self::At(next) if number < next => Self::At(next),
            _ => number.checked_add(1).map_or(Self::Full, Self::At),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::php::Place;

    fn held(value: i64) -> Located {
        let at = Place {
            file: std::path::Path::new("f").into(),
            line: 1,
        };
        Located {
            value: Value::Int(value),
            at,
        }
    }

    #[test]
    fn numeric_strings_are_integer_keys_only_in_their_canonical_form() {
        assert_eq!(Key::from_bytes(b"7"), Key::Int(7));
        assert_eq!(Key::from_bytes(b"-7"), Key::Int(-7));
        for text in ["07", "-0", "+7", " 7", "7.0", "", "9223372036854775808"] {
            assert_eq!(Key::from_bytes(text.as_bytes()), Key::Str(text.into()));
        }
    }

    #[test]
    fn appending_goes_on_after_the_highest_key() {
        let mut array = Array::default();
        array.set(Key::Int(5), held(1));
        array.set(Key::Int(2), held(2));
        array.remove(&Key::Int(5));
        assert_eq!(array.next_key(), Some(Key::Int(6)));
    }
}
