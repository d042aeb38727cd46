//! `Require` and its containers (modules/aaa/mod_authz_core.c). Users are never known here: what asks for one
//! is answered 401.

use super::address::Subnet;
use super::expr::Condition;
use super::modules::Loaded;
use super::record::{Asking, Record, shown};
use super::said::{Step, Stop};
use crate::route::{Place, Word};
use std::sync::Arc;

/// What a rule says of a request (`authz_status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Auth {
    Granted,
    Denied,
    /// A user might change it.
    NoUser,
    Neutral,
}

/// Who must be who.
#[derive(Debug, Clone)]
pub(super) enum Provider {
    All(bool),
    Ip(Vec<Subnet>),
    Local,
    Env(Vec<Vec<u8>>),
    Method(bool),
    Expr(Condition),
    User,
    Strange,
}

/// One `Require`, or a container of them.
#[derive(Debug, Clone)]
pub(super) enum Rule {
    One {
        provider: Provider,
        negated: bool,
        get: bool,
        at: Place,
        written: String,
    },
    Group(Group),
}

/// `<RequireAll>`, `<RequireAny>`, `<RequireNone>`.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) all: bool,
    pub(super) negated: bool,
    pub(super) get: bool,
    pub(super) rules: Vec<Arc<Rule>>,
}

impl Group {
    pub(super) const fn any() -> Self {
        Self {
            all: false,
            negated: false,
            get: false,
            rules: Vec::new(),
        }
    }
}

/// `AuthMerging`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Merging {
    #[default]
    Unset,
    Off,
    And,
    Or,
}

/// What sections say with `Require`.
#[derive(Debug, Clone, Default)]
pub(super) struct Authorization {
    pub(super) rules: Option<Group>,
    pub(super) merging: Merging,
    pub(super) forbidden: Option<bool>,
}

impl Authorization {
    /// This, and then another section (`merge_authz_core_dir_config`).
    pub(super) fn merge(&self, other: &Self) -> Self {
        let forbidden = other.forbidden.or(self.forbidden);
        if other.merging == Merging::Unset && other.rules.is_none() && self.rules.is_some() {
            return Self {
                forbidden,
                ..self.clone()
            };
        }
        let rules = match (other.merging, &self.rules, &other.rules) {
            (Merging::And | Merging::Or, Some(base), Some(new)) => Some(Group {
                all: other.merging == Merging::And,
                negated: false,
                get: base.get || new.get,
                rules: vec![
                    Arc::new(Rule::Group(base.clone())),
                    Arc::new(Rule::Group(new.clone())),
                ],
            }),
            (Merging::And | Merging::Or, Some(base), None) => Some(base.clone()),
            (_, _, new) => new.clone(),
        };
        Self {
            rules,
            merging: other.merging,
            forbidden,
        }
    }
}

impl Rule {
    /// Reads one `Require` line. `get` says whether it counts for GET.
    pub(super) fn read(
        words: &[Word],
        raw: &[u8],
        get: bool,
        at: &Place,
        loaded: &Loaded,
    ) -> Result<Self, String> {
        let (negated, words) = match words {
            [first, rest @ ..] if first.is("not") => (true, rest),
            words => (false, words),
        };
        let [name, arguments @ ..] = words else {
            return Err("Require needs an argument".to_owned());
        };
        let name = name.text().to_ascii_lowercase();
        if module_of(&name).map_or(loaded.stranger().is_none(), |module| !loaded.has(module)) {
            return Err(format!("Unknown Authz provider: {name}"));
        }
        let provider = provider(&name, arguments, raw)?;
        Ok(Self::One {
            provider,
            negated,
            get,
            at: at.clone(),
            written: format!("Require {}", shown(raw)),
        })
    }

    pub(super) const fn is_negated(&self) -> bool {
        match self {
            Self::One { negated, .. } => *negated,
            Self::Group(group) => group.negated,
        }
    }

    pub(super) const fn counts_for_get(&self) -> bool {
        match self {
            Self::One { get, .. } => *get,
            Self::Group(group) => group.get,
        }
    }
}

/// The module that brings a provider.
fn module_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "all" | "env" | "method" | "expr" => "authz_core",
        "ip" | "host" | "forward-dns" | "local" => "authz_host",
        "user" | "valid-user" => "authz_user",
        "group" => "authz_groupfile",
        "file-owner" | "file-group" => "authz_owner",
        name if name.starts_with("ldap-") => "authnz_ldap",
        name if name.starts_with("dbm-") => "authz_dbm",
        name if name.starts_with("dbd-") => "authz_dbd",
        _ => return None,
    })
}

fn provider(name: &str, arguments: &[Word], raw: &[u8]) -> Result<Provider, String> {
    Ok(match name {
        "all" => match arguments {
            [word] if word.is("granted") => Provider::All(true),
            [word] if word.is("denied") => Provider::All(false),
            _ => return Err("Argument for 'Require all' must be 'granted' or 'denied'".to_owned()),
        },
        "ip" => {
            let subnet = |word: &Word| {
                Subnet::read(&word.text())
                    .ok_or_else(|| format!("ip address '{}' appears to be invalid", word.text()))
            };
            if arguments.is_empty() {
                return Err("'require ip' needs an address".to_owned());
            }
            Provider::Ip(arguments.iter().map(subnet).collect::<Result<_, _>>()?)
        }
        "local" if arguments.is_empty() => Provider::Local,
        "local" => return Err("'require local' does not take arguments".to_owned()),
        "env" => Provider::Env(arguments.iter().map(|word| word.bytes().to_vec()).collect()),
        "method" => Provider::Method(
            arguments
                .iter()
                .any(|word| *word == *"GET" || *word == *"HEAD"),
        ),
        "expr" => {
            let at = raw
                .windows(4)
                .position(|part| part.eq_ignore_ascii_case(b"expr"))
                .unwrap_or(0);
            let text = raw.get(at + 4..).unwrap_or_default().trim_ascii();
            let inner = text
                .strip_prefix(b"\"")
                .and_then(|text| text.strip_suffix(b"\""));
            Provider::Expr(Condition::read(inner.unwrap_or(text))?)
        }
        "user" | "valid-user" | "group" | "file-owner" | "file-group" => Provider::User,
        name if ["ldap-", "dbm-", "dbd-"]
            .iter()
            .any(|start| name.starts_with(start)) =>
        {
            Provider::User
        }
        _ => Provider::Strange,
    })
}

/// The line that decided, for the chain of reasons.
pub(super) type Decided = Option<(Place, String)>;

/// Judges a container (`apply_authz_sections`); `parent_all` says how it stands in its own container.
pub(super) fn judge(
    group: &Group,
    parent_all: bool,
    asking: &Asking<'_>,
    r: &mut Record,
) -> Step<(Auth, Decided)> {
    if !group.get {
        return Ok((other_method(parent_all), None));
    }
    let mut result = (Auth::Neutral, None);
    let mut stop = None;
    for rule in &group.rules {
        let found = match &**rule {
            Rule::Group(inner) => judge(inner, group.all, asking, r),
            one => judge_one(one, group.all, asking, r),
        };
        let found = match found {
            Ok(found) => found,
            Err(message) => {
                stop.get_or_insert(message);
                continue;
            }
        };
        let decisive = if group.all {
            Auth::Denied
        } else {
            Auth::Granted
        };
        if found.0 == decisive {
            stop = None;
            result = found;
            break;
        }
        let worse = if group.all {
            result.0 != Auth::Denied
        } else {
            result.0 == Auth::Denied
        };
        if found.0 != Auth::Neutral
            && (result.0 == Auth::Neutral || (found.0 == Auth::NoUser && worse))
        {
            result = found;
        }
    }
    match stop {
        Some(stop) => Err(stop),
        None => Ok((negate(group.negated, result.0), result.1)),
    }
}

const fn other_method(parent_all: bool) -> Auth {
    if parent_all {
        Auth::Granted
    } else {
        Auth::Neutral
    }
}

const fn negate(negated: bool, auth: Auth) -> Auth {
    match (negated, auth) {
        (true, Auth::Granted) => Auth::Denied,
        (true, Auth::Denied | Auth::NoUser) => Auth::Neutral,
        _ => auth,
    }
}

fn judge_one(
    rule: &Rule,
    parent_all: bool,
    asking: &Asking<'_>,
    r: &mut Record,
) -> Step<(Auth, Decided)> {
    let Rule::One {
        provider,
        negated,
        get,
        at,
        written,
    } = rule
    else {
        return Ok((Auth::Neutral, None));
    };
    if !get {
        return Ok((other_method(parent_all), None));
    }
    let grants = |granted: bool| if granted { Auth::Granted } else { Auth::Denied };
    let auth = match provider {
        Provider::All(granted) => grants(*granted),
        Provider::Ip(subnets) => grants(subnets.iter().any(|subnet| subnet.holds(asking.client))),
        Provider::Local => grants(is_local(asking)),
        Provider::Env(names) => grants(names.iter().any(|name| r.env.contains_key(name))),
        Provider::Method(allowed) => grants(*allowed),
        Provider::Expr(condition) => match condition.holds(asking, r) {
            Ok(true) => Auth::Granted,
            Ok(false) if condition.asks_for_user() => Auth::NoUser,
            Ok(false) => Auth::Denied,
            Err(stop) => return Err(Stop::at(at, stop.0.text)),
        },
        Provider::User => Auth::NoUser,
        Provider::Strange => return Err(Stop::at(at, format!("not modelled: {written}"))),
    };
    Ok((negate(*negated, auth), Some((at.clone(), written.clone()))))
}

/// `Require local`: loopback, or both ends the same (mod_authz_host.c).
fn is_local(asking: &Asking<'_>) -> bool {
    let client = asking.client.to_canonical();
    client.is_loopback()
        || asking
            .request
            .to
            .is_some_and(|to| to.to_canonical() == client)
}
