//! `Options`, as bits that are set, added and taken away (server/core.c, `set_options`).

use super::said::Said;
use crate::route::{Place, Word};

/// Single options.
pub(super) mod bit {
    pub(in super::super) const INDEXES: u8 = 1;
    pub(in super::super) const INCLUDES: u8 = 2;
    pub(in super::super) const SYM_LINKS: u8 = 4;
    pub(in super::super) const EXEC_CGI: u8 = 8;
    pub(in super::super) const INC_WITH_EXEC: u8 = 32;
    pub(in super::super) const SYM_OWNER: u8 = 64;
    pub(in super::super) const MULTI: u8 = 128;
    pub(in super::super) const ALL: u8 = INDEXES | INCLUDES | INC_WITH_EXEC | SYM_LINKS | EXEC_CGI;
    /// What `.htaccess` may set where `AllowOverride` names no list.
    pub(in super::super) const ANY: u8 = ALL | SYM_OWNER | MULTI;
}

/// What one section says about options, or all so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Options {
    pub(super) bits: u8,
    add: u8,
    remove: u8,
    /// Nothing was set outright, so that additions count from what is around.
    absolute: bool,
    /// The last line that said something.
    pub(super) at: Option<Place>,
}

impl Options {
    /// What holds before any line: links are followed.
    pub(super) fn server() -> Self {
        Self {
            bits: bit::SYM_LINKS,
            ..Self::default()
        }
    }

    pub(super) fn has(&self, bits: u8) -> bool {
        self.bits & bits != 0
    }

    /// Carries out an `Options` line; `allowed` is what `AllowOverride` lets through.
    pub(super) fn set(&mut self, words: &[Word], at: &Place, allowed: u8) -> Result<(), String> {
        let mut outright = None;
        for word in words {
            let text = word.text();
            let (action, name) = match text.as_bytes().first() {
                Some(sign @ (b'+' | b'-')) => (*sign, text.get(1..).unwrap_or_default()),
                _ => (b'=', text.as_ref()),
            };
            let sets = action == b'=';
            if sets && outright.is_none() {
                // What earlier lines added and took away stays noted, and counts again as soon as
                // another section is merged on top.
                self.bits = 0;
                self.absolute = true;
            }
            if outright.replace(sets).is_some_and(|before| before != sets) {
                return Err(
                    "Either all Options must start with + or -, or no Option may.".to_owned(),
                );
            }
            let bits = named(name).ok_or_else(|| format!("Illegal option {name}"))?;
            if bits & !allowed != 0 {
                return Err(format!("Option {name} not allowed here"));
            }
            self.change(action, bits);
        }
        self.at = Some(at.clone());
        Ok(())
    }

    fn change(&mut self, action: u8, bits: u8) {
        match action {
            b'-' => {
                self.remove |= bits;
                self.add &= !bits;
                self.bits &= !bits;
            }
            b'+' => {
                self.add |= bits;
                self.remove &= !bits;
                self.bits |= bits;
            }
            _ => self.bits |= bits,
        }
    }

    /// This, and then another section (`merge_core_dir_configs`).
    pub(super) fn merge(&self, other: &Self) -> Self {
        let at = other.at.clone().or_else(|| self.at.clone());
        if other.absolute {
            return Self {
                at,
                ..other.clone()
            };
        }
        let add = (self.add & !other.remove) | other.add;
        let remove = (self.remove & !other.add) | other.remove;
        Self {
            bits: (self.bits & !remove) | add,
            add,
            remove,
            absolute: self.absolute,
            at,
        }
    }
}

/// The bits of a name.
pub(super) fn named(name: &str) -> Option<u8> {
    Some(match name.to_ascii_lowercase().as_str() {
        "indexes" => bit::INDEXES,
        "includes" => bit::INCLUDES | bit::INC_WITH_EXEC,
        "includesnoexec" => bit::INCLUDES,
        "followsymlinks" => bit::SYM_LINKS,
        "symlinksifownermatch" => bit::SYM_OWNER,
        "execcgi" => bit::EXEC_CGI,
        "multiviews" => bit::MULTI,
        "runscripts" => bit::MULTI | bit::EXEC_CGI,
        "none" => 0,
        "all" => bit::ALL,
        _ => return None,
    })
}

/// What `.htaccess` may hold (`AllowOverride`, `AllowOverrideList`).
#[derive(Debug, Clone, Default)]
pub(super) struct Overrides {
    /// The classes of directives.
    pub(super) classes: Option<Said<u8>>,
    /// Which options, if a line said so. Only `Options` in an `AllowOverride` line does: after one, a
    /// further line of the same section that names none leaves them as they are.
    pub(super) options: Option<u8>,
    /// `Nonfatal=`: what is not allowed, or not known, is passed over.
    pub(super) nonfatal: (bool, bool),
    /// Names, in small letters; empty where the line says `None`.
    pub(super) list: Option<Said<Vec<String>>>,
}

impl Overrides {
    /// This, and then another section (`core_opts_merge`).
    pub(super) fn merge(&self, other: &Self) -> Self {
        let said = other.classes.is_some();
        Self {
            classes: other.classes.clone().or_else(|| self.classes.clone()),
            options: if said { other.options } else { self.options },
            nonfatal: if said { other.nonfatal } else { self.nonfatal },
            list: other.list.clone().or_else(|| self.list.clone()),
        }
    }

    /// Whether Apache looks for `.htaccess` at all. It does where no line says `AllowOverride`, and then
    /// refuses whatever it finds (`OR_UNSET` in `ap_directory_walk`).
    pub(super) fn any(&self) -> bool {
        self.classes.as_ref().is_none_or(|said| said.value != 0)
            || self.nonfatal.0
            || self.nonfatal.1
            || self
                .list
                .as_ref()
                .is_some_and(|said| !said.value.is_empty())
    }

    /// Carries out an `AllowOverride` line (`set_override`).
    pub(super) fn allow(&mut self, words: &[Word], at: &Place) -> Result<(), String> {
        let mut classes = 0;
        self.nonfatal = (false, false);
        for word in words {
            let text = word.text().to_ascii_lowercase();
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (text.as_str(), None),
            };
            match (name, value) {
                ("options", list) => {
                    classes |= super::directives::class::OPTIONS;
                    self.options = Some(match list {
                        Some(list) => options_allowed(list)?,
                        None => bit::ALL,
                    });
                }
                ("nonfatal", Some("override")) => self.nonfatal.0 = true,
                ("nonfatal", Some("unknown")) => self.nonfatal.1 = true,
                ("nonfatal", Some("all")) => self.nonfatal = (true, true),
                ("nonfatal", _) => {}
                ("none" | "all", _) => {
                    // These two say everything anew.
                    classes = super::directives::class_named(name);
                    self.nonfatal = (false, false);
                }
                (name, _) => match super::directives::class_named(name) {
                    0 => return Err(format!("Illegal override option {name}")),
                    class => classes |= class,
                },
            }
        }
        self.classes = Some(Said::new(classes, at));
        Ok(())
    }
}

/// The options of a list (`set_allow_opts`).
fn options_allowed(list: &str) -> Result<u8, String> {
    let mut bits = 0;
    for name in list.split(',').filter(|name| !name.is_empty()) {
        bits |= named(name).ok_or_else(|| format!("Illegal option {name}"))?;
    }
    Ok(bits)
}
