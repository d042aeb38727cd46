//! `Order`, `Allow`, `Deny` and `Satisfy` of 2.2 (modules/aaa/mod_access_compat.c). Asks no name server: a
//! rule about a host's name stops the answer.

use super::access::Decided;
use super::address::Subnet;
use super::record::{Asking, Record};
use super::said::{Said, Step, Stop};
use crate::route::{Place, Word};

/// `Allow from` and `Deny from`.
#[derive(Debug, Clone)]
pub(super) enum From {
    All,
    Env(Vec<u8>),
    Ip(Subnet),
    Host,
}

/// `Order`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Order {
    #[default]
    DenyAllow,
    AllowDeny,
    MutualFailure,
}

/// What sections say with the directives of 2.2. A later section replaces all of an earlier one.
#[derive(Debug, Clone, Default)]
pub(super) struct Hosts {
    pub(super) order: Order,
    pub(super) allows: Vec<Said<(From, String)>>,
    pub(super) denies: Vec<Said<(From, String)>>,
    pub(super) any: Option<Said<bool>>,
    pub(super) at: Option<Place>,
}

impl Hosts {
    /// `Order`, `Allow`, `Deny` or `Satisfy`; those inside `<Limit>` for other methods do not come here.
    pub(super) fn set(&mut self, name: &str, words: &[Word], at: &Place) -> Result<(), String> {
        self.at = Some(at.clone());
        match (name, words) {
            ("order", [order]) => {
                self.order = match order.text().to_ascii_lowercase().as_str() {
                    "allow,deny" => Order::AllowDeny,
                    "deny,allow" => Order::DenyAllow,
                    "mutual-failure" => Order::MutualFailure,
                    _ => return Err("unknown order".to_owned()),
                };
            }
            ("order", _) => return Err("order takes one argument".to_owned()),
            ("satisfy", [word]) if word.is("any") => self.any = Some(Said::new(true, at)),
            ("satisfy", [word]) if word.is("all") => self.any = Some(Said::new(false, at)),
            ("satisfy", _) => return Err("Satisfy either 'any' or 'all'.".to_owned()),
            (_, [from, rest @ ..]) if from.is("from") && !rest.is_empty() => {
                for word in rest {
                    let text = format!("{name} from {}", word.text());
                    let said = Said::new((from_word(word)?, text), at);
                    if name == "allow" {
                        self.allows.push(said);
                    } else {
                        self.denies.push(said);
                    }
                }
            }
            _ => return Err("allow and deny must be followed by 'from'".to_owned()),
        }
        Ok(())
    }

    /// Whether the client may pass (`check_dir_access`), and the line that says so.
    pub(super) fn passes(&self, asking: &Asking<'_>, r: &Record) -> Step<(bool, Decided)> {
        let allowed = find(&self.allows, asking, r)?;
        let denied = find(&self.denies, asking, r)?;
        let order = || self.at.clone().map(|at| (at, "Order".to_owned()));
        Ok(match self.order {
            Order::DenyAllow if allowed.is_some() => (true, allowed),
            Order::DenyAllow => (denied.is_none(), denied),
            Order::AllowDeny | Order::MutualFailure if denied.is_some() => (false, denied),
            Order::AllowDeny | Order::MutualFailure => (allowed.is_some(), allowed.or_else(order)),
        })
    }
}

fn from_word(word: &Word) -> Result<From, String> {
    let text = word.text();
    if text.len() >= 4
        && word
            .bytes()
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case(b"env="))
    {
        return Ok(From::Env(
            word.bytes().get(4..).unwrap_or_default().to_vec(),
        ));
    }
    if word.is("all") {
        return Ok(From::All);
    }
    match Subnet::read(&text) {
        Some(subnet) => Ok(From::Ip(subnet)),
        None if text.contains('/') => Err("An IP address was expected".to_owned()),
        None => Ok(From::Host),
    }
}

fn find(rules: &[Said<(From, String)>], asking: &Asking<'_>, r: &Record) -> Step<Decided> {
    let mut stop = None;
    for rule in rules {
        let (from, text) = &rule.value;
        let found = match from {
            From::All => true,
            From::Env(name) => r.env.contains_key(name),
            From::Ip(subnet) => subnet.holds(asking.client),
            From::Host => {
                stop.get_or_insert_with(|| {
                    Stop::at(&rule.at, format!("not modelled: {text} asks the DNS"))
                });
                false
            }
        };
        if found {
            return Ok(Some((rule.at.clone(), text.clone())));
        }
    }
    stop.map_or(Ok(None), Err)
}
