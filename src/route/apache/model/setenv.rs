//! `SetEnvIf` and `BrowserMatch` (modules/metadata/mod_setenvif.c): variables that access rules and
//! mod_rewrite ask for.

use super::expr::Condition;
use super::pattern::{Expression, Groups};
use super::record::{Asking, Record};
use super::said::{Step, Stop};
use super::text::UNWRITTEN;
use super::variable;
use crate::route::tree::LONGEST_VALUE;
use crate::route::{Place, Word};

/// One line.
#[derive(Debug, Clone)]
pub(super) struct SetEnv {
    asks: Asks,
    sets: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    at: Place,
}

#[derive(Debug, Clone)]
enum Asks {
    Attribute(String, Expression),
    Expression(Condition),
}

impl SetEnv {
    /// Reads `SetEnvIf attribute regex name[=value]…`, or `BrowserMatch regex …`.
    pub(super) fn read(name: &str, words: &[Word], at: &Place) -> Result<Self, String> {
        let caseless = name.ends_with("nocase");
        if name == "setenvifexpr" {
            let [condition, sets @ ..] = words else {
                return Err("SetEnvIfExpr needs an expression and a name".to_owned());
            };
            return Ok(Self {
                asks: Asks::Expression(Condition::read(condition.bytes())?),
                sets: sets.iter().map(set).collect(),
                at: at.clone(),
            });
        }
        let (attribute, rest) = if name.starts_with("browsermatch") {
            ("User-Agent".to_owned(), words)
        } else {
            let (first, rest) = words.split_first().ok_or("SetEnvIf needs an attribute")?;
            (first.text().into_owned(), rest)
        };
        let [regex, sets @ ..] = rest else {
            return Err(format!("{name} needs a regular expression"));
        };
        Ok(Self {
            asks: Asks::Attribute(attribute, Expression::new(regex.bytes(), caseless)?),
            sets: sets.iter().map(set).collect(),
            at: at.clone(),
        })
    }

    /// Sets what the line says if it matches.
    pub(super) fn apply(&self, asking: &Asking<'_>, r: &mut Record) -> Step<()> {
        let groups = match &self.asks {
            Asks::Expression(condition) => match condition.matches(asking, r)? {
                (true, None) if self.asks_for_groups() => {
                    return Err(Stop::at(&self.at, UNWRITTEN));
                }
                (true, groups) => Some(groups.unwrap_or_default()),
                (false, _) => None,
            },
            Asks::Attribute(name, regex) => {
                let value = self.attribute(asking, r, name)?;
                regex
                    .captures(&value)?
                    .map(|found| Groups::new(&value, found))
            }
        };
        let Some(groups) = groups else {
            return Ok(());
        };
        for (name, value) in &self.sets {
            match value {
                Some(value) => {
                    let value = groups.substitute(value);
                    if value.len() > LONGEST_VALUE {
                        return Err(Stop::at(
                            &self.at,
                            format!("not modelled: a value longer than {LONGEST_VALUE} bytes"),
                        ));
                    }
                    asking.spend(name.len() + value.len())?;
                    r.env.insert(name.clone(), value)
                }
                None => r.env.remove(name),
            };
        }
        Ok(())
    }

    fn asks_for_groups(&self) -> bool {
        let mut values = self.sets.iter().filter_map(|(_, value)| value.as_ref());
        values.any(|value| value.contains(&b'$') || value.contains(&b'&'))
    }

    fn attribute(&self, asking: &Asking<'_>, r: &Record, name: &str) -> Step<Vec<u8>> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "remote_addr" => asking.client.to_string().into_bytes(),
            "request_uri" => r.uri.clone(),
            "request_method" => b"GET".to_vec(),
            "request_protocol" => b"HTTP/1.1".to_vec(),
            "server_addr" => variable::lookup(asking, r, "SERVER_ADDR")?,
            "remote_host" | "remote_user" => {
                return Err(Stop::at(&self.at, format!("not modelled: SetEnvIf {name}")));
            }
            _ if name
                .bytes()
                .any(|byte| !(byte.is_ascii_alphanumeric() || b"-_".contains(&byte))) =>
            {
                return Err(Stop::at(
                    &self.at,
                    "not modelled: SetEnvIf with a pattern of header names",
                ));
            }
            _ => match variable::header(asking, name) {
                Some(value) => value,
                None => r.env.get(name.as_bytes()).cloned().unwrap_or_default(),
            },
        })
    }
}

fn set(word: &Word) -> (Vec<u8>, Option<Vec<u8>>) {
    let bytes = word.bytes();
    if let Some(name) = bytes.strip_prefix(b"!") {
        return (name.to_vec(), None);
    }
    match bytes.iter().position(|byte| *byte == b'=') {
        Some(at) => {
            let (name, value) = bytes.split_at(at);
            (name.to_vec(), value.get(1..).map(<[u8]>::to_vec))
        }
        None => (bytes.to_vec(), Some(b"1".to_vec())),
    }
}
