//! Variables that the configuration makes: `map`, `geo`, `set`, named groups. `split_clients` and
//! the like are known by name only.

use super::{Plan, Template, Variable};
use crate::route::regex::Regex;
use crate::route::{Directive, Place};
use ipnet::IpNet;
use std::collections::HashMap;

/// What gives a variable its value.
#[derive(Debug)]
pub(in crate::route::nginx) enum Definition {
    /// `set` or a named group; empty before that (`ngx_http_rewrite_var`).
    Assigned,
    Map(Box<Map>),
    Geo(Box<Geo>),
    /// Not modelled, and why.
    Unknown(Place, String),
}

/// `map`.
#[derive(Debug)]
pub(in crate::route::nginx) struct Map {
    pub(in crate::route::nginx) at: Place,
    pub(in crate::route::nginx) source: Template,
    pub(in crate::route::nginx) hostnames: bool,
    /// Not kept for the rest of the request.
    pub(in crate::route::nginx) volatile: bool,
    /// Lower case, as `map` compares.
    pub(in crate::route::nginx) exact: HashMap<Vec<u8>, Template>,
    /// `*.example.com`, as `.example.com`.
    pub(in crate::route::nginx) heads: Vec<(Vec<u8>, Template)>,
    /// `mail.*`, as `mail.`.
    pub(in crate::route::nginx) tails: Vec<(Vec<u8>, Template)>,
    pub(in crate::route::nginx) patterns: Vec<(Pattern, Template)>,
    pub(in crate::route::nginx) default: Option<Template>,
}

/// A pattern of a map, or why it is none.
pub(in crate::route::nginx) type Pattern = Result<Compiled, String>;

/// A pattern with the slots that its named groups fill.
#[derive(Debug)]
pub(in crate::route::nginx) struct Compiled {
    pub(in crate::route::nginx) regex: Regex,
    pub(in crate::route::nginx) slots: Vec<(usize, usize)>,
}

/// `geo`.
#[derive(Debug)]
pub(in crate::route::nginx) struct Geo {
    pub(in crate::route::nginx) at: Place,
    pub(in crate::route::nginx) source: Variable,
    pub(in crate::route::nginx) networks: Vec<(IpNet, Vec<u8>)>,
    pub(in crate::route::nginx) default: Vec<u8>,
    pub(in crate::route::nginx) proxies: Vec<IpNet>,
    pub(in crate::route::nginx) recursive: bool,
}

impl Plan {
    /// The slot of a variable that the configuration makes.
    pub(super) fn slot(&mut self, name: &[u8]) -> usize {
        let name = name.to_ascii_lowercase();
        if let Some(slot) = self.slots.get(&name) {
            return *slot;
        }
        let slot = self.definitions.len();
        self.definitions.push(Definition::Assigned);
        self.slots.insert(name, slot);
        slot
    }

    /// Compiles a pattern and gives its named groups their slots.
    pub(super) fn pattern(&mut self, text: &[u8], caseless: bool) -> Pattern {
        let regex = Regex::new(text, caseless)?;
        let names: Vec<(String, usize)> = regex.names().to_vec();
        let slots = names
            .iter()
            .map(|(name, group)| (self.slot(name.as_bytes()), *group))
            .collect();
        Ok(Compiled { regex, slots })
    }

    /// Gives every variable that some directive makes a slot, before any value is read.
    pub(super) fn declare(&mut self, directives: &[Directive]) {
        for directive in directives {
            let name = match directive.name.bytes() {
                b"set" => directive.args.first(),
                b"map" | b"geo" | b"split_clients" => directive.args.last(),
                b"perl_set"
                | b"js_set"
                | b"js_var"
                | b"set_by_lua"
                | b"set_by_lua_block"
                | b"set_by_lua_file"
                | b"auth_request_set"
                | b"auth_jwt_claim_set" => directive.args.first(),
                _ => None,
            };
            if let Some(name) = name.and_then(|name| name.bytes().strip_prefix(b"$")) {
                // `set $args …` changes nginx's own variable.
                if !matches!(name, b"args" | b"limit_rate") {
                    let slot = self.slot(name);
                    if !matches!(directive.name.bytes(), b"set" | b"map" | b"geo") {
                        let text = format!(
                            "{} gives ${} a value",
                            directive.name.text(),
                            String::from_utf8_lossy(name)
                        );
                        self.define(slot, Definition::Unknown(directive.at.clone(), text));
                    }
                }
            }
            if !matches!(
                directive.name.bytes(),
                b"map" | b"geo" | b"split_clients" | b"types"
            ) {
                self.declare(directive.inside());
            }
        }
    }

    pub(super) fn define(&mut self, slot: usize, definition: Definition) {
        if let Some(known) = self.definitions.get_mut(slot) {
            *known = definition;
        }
    }

    /// Reads `map $source $name { … }`.
    pub(super) fn map(&mut self, block: &Directive) {
        let [source, name] = block.args.as_slice() else {
            self.problems
                .push(format!("{}: this map is not understood", block.at));
            return;
        };
        let mut map = Map {
            at: block.at.clone(),
            source: Template::new(source.bytes(), &block.at, self, false),
            hostnames: block.all("hostnames").next().is_some(),
            volatile: block.all("volatile").next().is_some(),
            exact: HashMap::new(),
            heads: Vec::new(),
            tails: Vec::new(),
            patterns: Vec::new(),
            default: None,
        };
        for line in block.inside() {
            self.map_line(&mut map, line);
        }
        let name = name.bytes().strip_prefix(b"$").unwrap_or_default().to_vec();
        let slot = self.slot(&name);
        self.define(slot, Definition::Map(Box::new(map)));
    }

    fn map_line(&mut self, map: &mut Map, line: &Directive) {
        let [value] = line.args.as_slice() else {
            return;
        };
        let value = Template::new(value.bytes(), &line.at, self, false);
        let key = line.name.bytes();
        if key == b"default" {
            map.default = Some(value);
        } else if let Some(pattern) = key.strip_prefix(b"~") {
            let (pattern, caseless) = match pattern.strip_prefix(b"*") {
                Some(pattern) => (pattern, true),
                None => (pattern, false),
            };
            let compiled = self.pattern(pattern, caseless);
            map.patterns.push((compiled, value));
        } else {
            let key = key.strip_prefix(b"\\").unwrap_or(key).to_ascii_lowercase();
            if map.hostnames && key.starts_with(b"*.") {
                map.heads
                    .push((key.get(1..).unwrap_or_default().to_vec(), value));
            } else if map.hostnames && key.starts_with(b".") {
                map.exact
                    .entry(key.get(1..).unwrap_or_default().to_vec())
                    .or_insert_with(|| value.clone());
                map.heads.push((key, value));
            } else if map.hostnames && key.ends_with(b".*") {
                let start = key.get(..key.len() - 1).unwrap_or_default();
                map.tails.push((start.to_vec(), value));
            } else {
                map.exact.entry(key).or_insert(value);
            }
        }
    }

    /// Reads `geo [$address] $name { … }`.
    pub(super) fn geo(&mut self, block: &Directive) {
        let (source, name) = match block.args.as_slice() {
            [name] => (Variable::RemoteAddr, name),
            [source, name] => {
                let source = source.bytes().strip_prefix(b"$").unwrap_or_default();
                (Variable::new(source, self), name)
            }
            _ => {
                self.problems
                    .push(format!("{}: this geo is not understood", block.at));
                return;
            }
        };
        let name = name.bytes().strip_prefix(b"$").unwrap_or_default().to_vec();
        let slot = self.slot(&name);
        let mut geo = Geo {
            at: block.at.clone(),
            source,
            networks: Vec::new(),
            default: Vec::new(),
            proxies: Vec::new(),
            recursive: false,
        };
        for line in block.inside() {
            if let Err(why) = geo_line(&mut geo, line) {
                self.define(slot, Definition::Unknown(line.at.clone(), why));
                return;
            }
        }
        self.define(slot, Definition::Geo(Box::new(geo)));
    }
}

fn geo_line(geo: &mut Geo, line: &Directive) -> Result<(), String> {
    let value = line.args.first().map(|value| value.bytes().to_vec());
    match (line.name.bytes(), value) {
        (b"ranges", _) => return Err("geo with ranges".to_owned()),
        (b"delete", _) => return Err("geo with delete".to_owned()),
        (b"proxy_recursive", _) => geo.recursive = true,
        (b"default", Some(value)) => geo.default = value,
        (b"proxy", Some(value)) => {
            let text = String::from_utf8_lossy(&value).into_owned();
            geo.proxies
                .push(super::access::network(&text).ok_or_else(|| format!("the proxy {text}"))?);
        }
        (network, Some(value)) => {
            let text = String::from_utf8_lossy(network).into_owned();
            let network =
                super::access::network(&text).ok_or_else(|| format!("the network {text}"))?;
            // A line further down replaces an equal one.
            geo.networks.retain(|(known, _)| *known != network);
            geo.networks.push((network, value));
        }
        _ => return Err("a line without a value".to_owned()),
    }
    Ok(())
}
