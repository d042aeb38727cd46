//! Mode bits as chmod(1) takes them: four octal digits, or clauses that give, take or set bits of a class.
//! Refuses clauses without a class, whose meaning depends on the umask.

/// A change of mode bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModeChange {
    /// Exactly these.
    Bits(u32),
    /// One clause after the other.
    Clauses(Vec<Clause>),
}

/// `go-w`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// The bits of the classes that are named, special ones included.
    classes: u32,
    sign: Sign,
    /// Bits as if every class were named.
    bits: u32,
    /// `X`: execute only where it is a directory or somebody may already.
    searchable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Give,
    Take,
    Set,
}

impl ModeChange {
    /// Reads one.
    ///
    /// # Errors
    /// What is no mode.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}` is no mode: give four octal digits, or clauses such as go-w");
        if text.len() >= 3 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let bits = u32::from_str_radix(text, 8).ok();
            return bits
                .filter(|bits| *bits <= 0o7777)
                .map(Self::Bits)
                .ok_or_else(wrong);
        }
        text.split(',')
            .map(|clause| parse(clause).ok_or_else(wrong))
            .collect::<Result<_, _>>()
            .map(Self::Clauses)
    }

    /// What these mode bits become.
    #[must_use]
    pub fn on(&self, mode: u32, is_directory: bool) -> u32 {
        match self {
            Self::Bits(bits) => *bits,
            Self::Clauses(clauses) => clauses.iter().fold(mode, |mode, clause| {
                let execute = clause.searchable && (is_directory || mode & 0o111 != 0);
                let bits = clause.bits | if execute { 0o111 } else { 0 };
                let bits = bits & clause.classes;
                match clause.sign {
                    Sign::Give => mode | bits,
                    Sign::Take => mode & !bits,
                    // A directory keeps set-id bits that `=` does not name, as GNU chmod does.
                    Sign::Set if is_directory => mode & !(clause.classes & 0o1777) | bits,
                    Sign::Set => mode & !clause.classes | bits,
                }
            }),
        }
    }
}

fn parse(text: &str) -> Option<Clause> {
    let at = text.find(['+', '-', '='])?;
    let (who, rest) = text.split_at_checked(at)?;
    let (sign, what) = rest.split_at_checked(1)?;
    let mut classes = 0;
    for class in who.chars() {
        classes |= match class {
            'u' => 0o4700,
            'g' => 0o2070,
            'o' => 0o1007,
            'a' => 0o7777,
            _ => return None,
        };
    }
    let mut clause = Clause {
        classes,
        sign: match sign {
            "+" => Sign::Give,
            "-" => Sign::Take,
            _ => Sign::Set,
        },
        bits: 0,
        searchable: false,
    };
    for bit in what.chars() {
        clause.bits |= match bit {
            'r' => 0o444,
            'w' => 0o222,
            'x' => 0o111,
            's' => 0o6000,
            't' => 0o1000,
            'X' => {
                clause.searchable = true;
                0
            }
            _ => return None,
        };
    }
    (!who.is_empty()).then_some(clause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Command;

    /// chmod(1) is the judge.
    #[test]
    fn modes_are_read_as_chmod_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        let directory = folder.path().join("d");
        std::fs::write(&file, "").unwrap();
        std::fs::create_dir(&directory).unwrap();
        let changes = [
            "go-w",
            "go-rwx",
            "u-s,g-s",
            "o-w",
            "ug-s",
            "a+rX",
            "g+r,o=",
            "u=rw,go=r",
            "0640",
            "2750",
            "g+s",
            "o+t",
            "a-t",
            "g=rX",
            "u+x,g+X",
        ];
        for change in changes {
            for mode in [0o000, 0o644, 0o4755, 0o6775, 0o1777, 0o2770, 0o777, 0o600] {
                for (path, is_directory) in [(&file, false), (&directory, true)] {
                    let bits = std::fs::Permissions::from_mode(mode);
                    std::fs::set_permissions(path, bits).unwrap();
                    let done = Command::new("chmod")
                        .arg(change)
                        .arg(path)
                        .status()
                        .unwrap();
                    assert!(done.success());
                    let judged = std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
                    let ours = ModeChange::parse(change).unwrap().on(mode, is_directory);
                    // GNU chmod keeps a directory's set-id bits unless five digits name them.
                    let kept = is_directory && !change.contains(['+', '-', '=', 't', 's']);
                    let mask = if kept { 0o1777 } else { 0o7777 };
                    assert_eq!(
                        ours & mask,
                        judged & mask,
                        "{change} on {mode:04o}, directory {is_directory}: {ours:04o} and {judged:04o}"
                    );
                }
            }
        }
        for wrong in ["", "w", "+w", "z-w", "9999", "go-q", "12", "77777"] {
            assert!(ModeChange::parse(wrong).is_err(), "{wrong}");
        }
    }
}
