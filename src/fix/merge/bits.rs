//! What several changes of a mode come to together. Refuses (gives nothing) where that depends on the
//! entry, as `X` does.

use crate::fix::ModeChange;

const ALL: u32 = 0o7777;

/// `u`, `g`, `o`: where their three bits stand, and which special bit is `s` there.
const CLASSES: [(char, u32, u32); 3] = [('u', 6, 0o4000), ('g', 3, 0o2000), ('o', 0, 0)];
const STICKY: u32 = 0o1000;

/// What is wanted of a mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bits {
    /// Exactly these twelve.
    Exact(u32),
    /// Some go, some come, the others stay.
    Change { take: u32, give: u32 },
}

impl Bits {
    /// What a mode's text wants.
    pub(super) fn of(text: &str) -> Option<Self> {
        let change = ModeChange::parse(text).ok()?;
        if let ModeChange::Bits(bits) = change {
            return Some(Self::Exact(bits));
        }
        let (most, least) = (change.on(ALL, false), change.on(0, false));
        let same = (change.on(ALL, true), change.on(0, true)) == (most, least);
        same.then_some(Self::Change {
            take: ALL & !most,
            give: least,
        })
    }

    /// In one form, however it was written.
    pub(super) fn text(self) -> String {
        match self {
            Self::Exact(bits) => format!("{bits:04o}"),
            Self::Change { take, give } => {
                let mut clauses = clauses(take, '-');
                clauses.extend(self::clauses(give, '+'));
                clauses.join(",")
            }
        }
    }
}

/// Classes that lose, or get, the same share a clause.
fn clauses(bits: u32, sign: char) -> Vec<String> {
    let mut clauses: Vec<(String, String)> = Vec::new();
    for (class, shift, special) in CLASSES {
        let mut letters = String::new();
        for (letter, low) in [('r', 4), ('w', 2), ('x', 1)] {
            if bits & (low << shift) != 0 {
                letters.push(letter);
            }
        }
        if bits & special != 0 {
            letters.push('s');
        }
        if class == 'o' && bits & STICKY != 0 {
            letters.push('t');
        }
        if letters.is_empty() {
            continue;
        }
        match clauses.iter_mut().find(|(_, same)| *same == letters) {
            Some((classes, _)) => classes.push(class),
            None => clauses.push((class.to_string(), letters)),
        }
    }
    clauses
        .into_iter()
        .map(|(classes, letters)| format!("{classes}{sign}{letters}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_wish_has_one_text() {
        for (text, same) in [
            ("o-w,g-w", "go-w"),
            ("g-w,o-rwx", "g-w,o-rwx"),
            ("u-s,g-s", "ug-s"),
            ("640", "0640"),
        ] {
            assert_eq!(Bits::of(text).unwrap().text(), same);
        }
        for depends in ["a+X", "go=rX", "g"] {
            assert_eq!(Bits::of(depends), None);
        }
    }

    proptest! {
        #[test]
        fn the_text_means_the_same(take in 0_u32..0o10000, give in 0_u32..0o10000, mode in 0_u32..0o10000) {
            let (take, give) = (take & !give, give);
            prop_assume!(take | give != 0);
            let wish = Bits::Change { take, give };
            prop_assert_eq!(Bits::of(&wish.text()), Some(wish));
            let change = ModeChange::parse(&wish.text()).unwrap();
            prop_assert_eq!(change.on(mode, false), (mode & !take) | give);
        }
    }
}
