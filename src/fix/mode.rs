//! Modes and changes of modes as chmod(1) reads them, as far as deeds use them: four octal digits, or
//! clauses that take or give bits of a class. Refuses `=`, `X` and clauses without a class, whose
//! meaning depends on the file or on the umask.

/// What a mode's text asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModeChange {
    /// The twelve bits themselves.
    Exact(u32),
    /// Bits that go, and bits that come; no bit is in both.
    Clauses {
        /// Bits that go.
        take: u32,
        /// Bits that come.
        give: u32,
    },
}

/// `u`, `g`, `o`: where their three bits stand, and which special bit `s` is.
const CLASSES: [(char, u32, u32); 3] = [('u', 6, 0o4000), ('g', 3, 0o2000), ('o', 0, 0)];
const STICKY: u32 = 0o1000;

impl ModeChange {
    /// Understands a mode's text.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no mode: write four octal digits, or clauses as go-w");
        if text.len() == 4 && text.bytes().all(|it| (b'0'..=b'7').contains(&it)) {
            let bits = u32::from_str_radix(text, 8).map_err(|_| wrong())?;
            return Ok(Self::Exact(bits));
        }
        let (mut take, mut give) = (0, 0);
        for clause in text.split(',') {
            let at = clause.find(['+', '-']).ok_or_else(wrong)?;
            let (classes, rest) = clause.split_at(at);
            let (sign, letters) = rest.split_at(1);
            if classes.is_empty() || letters.is_empty() {
                return Err(wrong());
            }
            let mut bits = 0;
            for class in classes.chars() {
                for letter in letters.chars() {
                    bits |= bit(class, letter).ok_or_else(wrong)?;
                }
            }
            if sign == "+" {
                (give, take) = (give | bits, take & !bits);
            } else {
                (take, give) = (take | bits, give & !bits);
            }
        }
        Ok(Self::Clauses { take, give })
    }

    /// What becomes of these twelve bits.
    #[must_use]
    pub const fn apply(self, mode: u32) -> u32 {
        match self {
            Self::Exact(bits) => bits,
            Self::Clauses { take, give } => (mode & !take) | give,
        }
    }

    /// The same in one form, however it was written.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Exact(bits) => format!("{bits:04o}"),
            Self::Clauses { take, give } => {
                let mut clauses = clauses(take, '-');
                clauses.extend(self::clauses(give, '+'));
                clauses.join(",")
            }
        }
    }
}

fn bit(class: char, letter: char) -> Option<u32> {
    let low = match letter {
        'r' => 4,
        'w' => 2,
        'x' => 1,
        't' => return matches!(class, 'a' | 'o').then_some(STICKY),
        's' => 0,
        _ => return None,
    };
    let of = |(_, shift, special): (char, u32, u32)| {
        if letter == 's' {
            special
        } else {
            low << shift
        }
    };
    if class == 'a' {
        return Some(CLASSES.into_iter().map(of).fold(0, |sum, it| sum | it));
    }
    let bits = of(CLASSES.into_iter().find(|(name, ..)| *name == class)?);
    (bits != 0).then_some(bits)
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
    fn modes_are_read_as_chmod_reads_them() {
        for (text, before, after) in [
            ("0640", 0o777, 0o640),
            ("go-rwx", 0o777, 0o700),
            ("go-w", 0o4777, 0o4755),
            ("u-s,g-s", 0o6755, 0o755),
            ("ug-s", 0o6755, 0o755),
            ("o-t", 0o1777, 0o777),
            ("g+rx,o-rwx", 0o707, 0o750),
            ("a-w", 0o777, 0o555),
            ("o+r,o-r", 0o644, 0o640),
        ] {
            assert_eq!(ModeChange::parse(text).unwrap().apply(before), after);
        }
        for wrong in ["", "640", "0888", "-w", "go=r", "u+X", "go", "go-", "z-w"] {
            assert!(ModeChange::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn one_meaning_has_one_text() {
        for (text, same) in [
            ("o-w,g-w", "go-w"),
            ("g-w,o-rwx", "g-w,o-rwx"),
            ("u-s,g-s", "ug-s"),
        ] {
            assert_eq!(ModeChange::parse(text).unwrap().text(), same);
        }
    }

    proptest! {
        #[test]
        fn the_text_means_the_same(take in 0_u32..0o10000, give in 0_u32..0o10000, mode in 0_u32..0o10000) {
            let change = ModeChange::Clauses { take: take & !give, give };
            prop_assume!(take & !give != 0 || give != 0);
            let read = ModeChange::parse(&change.text()).unwrap();
            prop_assert_eq!(read, change);
            prop_assert_eq!(read.apply(mode), change.apply(mode));
        }
    }
}
