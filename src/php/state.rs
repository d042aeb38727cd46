//! What a PHP script has done so far, and what is left of two states when nobody can tell which one holds.
//!
//! It evaluates nothing.

use super::array::{Array, Found, Key};
use super::value::{Located, Place, Unknown, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One call that sets an ini value.
#[derive(Clone, Debug)]
pub struct IniSet {
    /// The directive.
    pub key: String,
    /// What it is set to.
    pub value: Value,
    /// The call.
    pub at: Place,
    /// Whether the call is certainly made.
    pub certain: bool,
}

/// Everything that running code changes.
#[derive(Clone, Default)]
pub(super) struct State {
    pub(super) variables: Array,
    pub(super) constants: Array,
    /// Names that share their value with another by reference, for good.
    pub(super) tainted: BTreeMap<Vec<u8>, Unknown>,
    pub(super) ini: Vec<IniSet>,
    /// Files seen by `include_once`, and whether that is certain.
    pub(super) included: BTreeMap<PathBuf, bool>,
    /// Functions declared so far, and whether that is certain.
    pub(super) functions: BTreeMap<String, bool>,
}

impl State {
    pub(super) fn join(mut self, other: Self, why: &Unknown) -> Self {
        self.variables = self.variables.join(&other.variables, why);
        self.constants = self.constants.join(&other.constants, why);
        for (name, unknown) in other.tainted {
            self.tainted.entry(name).or_insert(unknown);
        }
        self.ini = join_ini(self.ini, other.ini);
        join_seen(&mut self.included, other.included);
        join_seen(&mut self.functions, other.functions);
        self
    }

    /// Anything at all may have happened to the variables.
    pub(super) fn forget_variables(&mut self, why: &Unknown) {
        self.variables = forgotten(&self.variables, why);
    }

    /// Constants never change, but there may be more of them now.
    pub(super) fn open_constants(&mut self, why: &Unknown) {
        self.constants.open(why);
    }

    /// One variable may hold anything now.
    pub(super) fn forget(&mut self, name: &[u8], why: &Unknown) {
        let value = Value::Unknown(why.clone());
        let at = why.at.clone();
        self.variables
            .set(Key::Str(name.to_vec()), Located { value, at });
    }

    /// A constant may have been defined, if it was not before.
    pub(super) fn perhaps_define(&mut self, name: &[u8], why: &Unknown) {
        let key = Key::Str(name.to_vec());
        if matches!(self.constants.get(&key), Found::Missing) {
            let value = Value::Unknown(why.clone());
            let at = why.at.clone();
            self.constants.set(key, Located { value, at });
        }
    }
}

/// What only one of two saw is no longer certain.
fn join_seen<K: Ord>(ours: &mut BTreeMap<K, bool>, theirs: BTreeMap<K, bool>) {
    for (seen, certain) in ours.iter_mut() {
        *certain &= theirs.get(seen) == Some(&true);
    }
    for seen in theirs.into_keys() {
        ours.entry(seen).or_insert(false);
    }
}

fn forgotten(array: &Array, why: &Unknown) -> Array {
    let mut result = Array::default();
    for (key, held) in array.iter() {
        let value = Value::Unknown(why.clone());
        let at = held.at.clone();
        result.set(key.clone(), Located { value, at });
    }
    result.open(why);
    result
}

/// More settings than this say nothing more.
const MOST_SETTINGS: usize = 1_000;

fn alike(a: &IniSet, b: &IniSet) -> bool {
    let both_unknown = matches!((&a.value, &b.value), (Value::Unknown(_), Value::Unknown(_)));
    a.key == b.key && a.at == b.at && (both_unknown || a.value.same(&b.value))
}

/// Calls that both made stay certain; the others were perhaps made.
fn join_ini(ours: Vec<IniSet>, mut theirs: Vec<IniSet>) -> Vec<IniSet> {
    let certain = |(a, b): &(&IniSet, &IniSet)| alike(a, b) && a.certain == b.certain;
    let common = ours.iter().zip(&theirs).take_while(certain).count();
    let rest = theirs.split_off(common);
    let mut result = ours;
    for set in result.iter_mut().skip(common) {
        set.certain = false;
    }
    for mut set in rest {
        set.certain = false;
        let known = result.iter().skip(common).any(|seen| alike(seen, &set));
        if !known && result.len() < MOST_SETTINGS {
            result.push(set);
        }
    }
    result
}
