//! What variables and values are for a request (`ngx_http_variables.c`). A variable that does not
//! depend on request and configuration alone is beyond the model.

use super::state::State;
use super::uri::escape_args;
use crate::route::nginx::plan::{Beyond, Definition, Geo, Map, Part, Template, Variable};
use crate::route::tree::LONGEST_VALUE;
use crate::route::{Place, Scheme};
use ipnet::IpNet;
use std::net::IpAddr;

/// Values that refer to one another, no deeper than this.
const DEEPEST: usize = 30;

impl State<'_> {
    /// A value for this request. `quote`: captures are escaped as in a query.
    pub(super) fn value(&mut self, template: &Template, quote: bool) -> Result<Vec<u8>, Beyond> {
        if let Some(text) = template.constant() {
            return Ok(text.to_vec());
        }
        Ok(self.pieces(template, quote)?.0)
    }

    /// A value and where its query begins.
    pub(super) fn pieces(
        &mut self,
        template: &Template,
        quote: bool,
    ) -> Result<(Vec<u8>, Option<usize>), Beyond> {
        let mut out = Vec::new();
        let mut query = None;
        for part in &template.parts {
            match part {
                Part::Literal(text) => out.extend_from_slice(text),
                // The last one counts (`ngx_http_script_start_args_code`).
                Part::Query => query = Some(out.len()),
                Part::Capture(number) => {
                    let text = self.captures.get(number - 1);
                    let text = text.map(Vec::as_slice).unwrap_or_default();
                    if (quote || query.is_some()) && self.escapes {
                        out.extend(escape_args(text));
                    } else {
                        out.extend_from_slice(text);
                    }
                }
                Part::Variable(variable) => {
                    let value = self.variable(variable, &template.at)?;
                    out.extend_from_slice(&value);
                }
            }
            if out.len() > LONGEST_VALUE {
                return Err(Beyond::at(
                    &template.at,
                    format!("not modelled: a value longer than {LONGEST_VALUE} bytes"),
                ));
            }
        }
        Ok((out, query))
    }

    /// A variable's value; empty where it has none.
    pub(super) fn variable(&mut self, variable: &Variable, at: &Place) -> Result<Vec<u8>, Beyond> {
        let unknown = |text: &str| Err(Beyond::at(at, text.to_owned()));
        let request = self.request;
        Ok(match variable {
            Variable::Uri => self.uri.clone(),
            Variable::RequestUri => self.unparsed.clone(),
            Variable::Args => self.args.clone(),
            Variable::IsArgs if self.args.is_empty() => Vec::new(),
            Variable::IsArgs => b"?".to_vec(),
            Variable::Host if self.host.is_empty() => self.server_name()?,
            Variable::Host => self.host.clone(),
            Variable::Scheme => request.scheme.word().as_bytes().to_vec(),
            Variable::Https if request.scheme == Scheme::Https => b"on".to_vec(),
            Variable::Https | Variable::Nothing => Vec::new(),
            Variable::ServerPort => self.local_port.to_string().into_bytes(),
            Variable::ServerName => self.server_name()?,
            Variable::ServerAddr => match request.to {
                Some(address) => address.to_string().into_bytes(),
                None => {
                    return unknown(
                        "$server_addr: the address that the client reached is not known",
                    );
                }
            },
            Variable::RemoteAddr => self.client.to_string().into_bytes(),
            Variable::SocketAddr => request.from.to_string().into_bytes(),
            Variable::DocumentRoot => self.root_directory()?,
            Variable::RealpathRoot => return self.realpath_root(at),
            Variable::RequestFilename => self.path_of_uri()?.unwrap_or_default(),
            Variable::RequestMethod => b"GET".to_vec(),
            Variable::ServerProtocol => b"HTTP/1.1".to_vec(),
            Variable::RequestLine => [b"GET ", request.target.as_slice(), b" HTTP/1.1"].concat(),
            Variable::RemoteUser => match request.header("authorization") {
                None => Vec::new(),
                Some(_) => return unknown("$remote_user: credentials are not read"),
            },
            Variable::Header(name) => self.header(name)?,
            Variable::Argument(name) => argument(&self.args, name),
            Variable::Cookie(name) => self.cookie(name)?,
            Variable::ScriptName => self.fastcgi_script()?.0,
            Variable::PathInfo => self.fastcgi_script()?.1,
            Variable::Slot(slot) => self.slot(*slot)?,
            Variable::Unknown(name) => {
                return unknown(&format!("the variable ${name} is not modelled"));
            }
        })
    }

    /// The `server_name` that comes first.
    pub(super) fn server_name(&self) -> Result<Vec<u8>, Beyond> {
        let name = self.server()?.names.first();
        if let Some(pattern) = name.filter(|name| name.text.starts_with('~')) {
            return Ok(pattern.text.as_bytes().to_vec());
        }
        let name = name
            .map(|name| name.text.to_ascii_lowercase())
            .unwrap_or_default();
        Ok(name.strip_prefix('.').unwrap_or(&name).as_bytes().to_vec())
    }

    /// `$http_NAME`: the header whose name is this one, dashes written as underscores. Underscores
    /// in the header's own name make it invalid, unless the server takes them.
    pub(super) fn header(&self, name: &[u8]) -> Result<Vec<u8>, Beyond> {
        let server = self.server()?;
        if name == b"host" {
            return Ok(self.request.host_header());
        }
        let mut values: Vec<&[u8]> = Vec::new();
        for (known, value) in &self.request.headers {
            let is_valid = !known.contains('_')
                || server.underscores_in_headers
                || !server.ignore_invalid_headers;
            let same = known.len() == name.len()
                && known
                    .bytes()
                    .zip(name)
                    .all(|(a, b)| a.to_ascii_lowercase() == *b || (a == b'-' && *b == b'_'));
            if same && is_valid {
                values.push(value.trim_ascii());
            }
        }
        // Lists are joined (since 1.23.0 all, before that these alone); of others the first counts.
        match values.as_slice() {
            [] => Ok(Vec::new()),
            [one] => Ok(one.to_vec()),
            several if name == b"x_forwarded_for" => Ok(several.join(&b", "[..])),
            _ => Err(Beyond {
                at: None,
                text: format!(
                    "the header {} is sent more than once, which releases of nginx join or do not",
                    String::from_utf8_lossy(name)
                ),
            }),
        }
    }

    fn cookie(&self, name: &[u8]) -> Result<Vec<u8>, Beyond> {
        let all = self.header(b"cookie")?;
        for cookie in all.split(|byte| *byte == b';') {
            let cookie = cookie.trim_ascii_start();
            if let Some((known, value)) = split_at(cookie, b'=')
                && known.eq_ignore_ascii_case(name)
            {
                return Ok(value.to_vec());
            }
        }
        Ok(Vec::new())
    }

    fn slot(&mut self, slot: usize) -> Result<Vec<u8>, Beyond> {
        if let Some(Some(known)) = self.slots.get(slot) {
            return Ok(known.clone());
        }
        let plan = self.plan;
        let Some(definition) = plan.definitions.get(slot) else {
            return Ok(Vec::new());
        };
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Beyond {
                at: None,
                text: "variables that refer to one another in a circle".to_owned(),
            });
        }
        let (value, keep) = match definition {
            Definition::Assigned => (Vec::new(), false),
            Definition::Map(map) => (self.map(map)?, !map.volatile),
            Definition::Geo(geo) => (self.geo(geo)?, true),
            Definition::Unknown(at, text) => return Err(Beyond::at(at, text.clone())),
        };
        self.depth -= 1;
        if keep && let Some(known) = self.slots.get_mut(slot) {
            *known = Some(value.clone());
        }
        Ok(value)
    }

    /// `ngx_http_map_find`: exact, wildcards, patterns, default.
    fn map(&mut self, map: &Map) -> Result<Vec<u8>, Beyond> {
        let mut source = self.value(&map.source, false)?;
        if map.hostnames && source.ends_with(b".") {
            source.pop();
        }
        let lower = source.to_ascii_lowercase();
        if let Some(value) = map.exact.get(&lower) {
            return self.value(value, false);
        }
        let longest = |list: &'_ [(Vec<u8>, Template)], fits: &dyn Fn(&[u8]) -> bool| {
            let fitting = list.iter().filter(|(text, _)| fits(text));
            fitting
                .max_by_key(|(text, _)| text.len())
                .map(|(_, value)| value.clone())
        };
        let head = longest(&map.heads, &|end| {
            lower.len() > end.len() && lower.ends_with(end)
        });
        let wild = head.or_else(|| {
            longest(&map.tails, &|start| {
                lower.len() > start.len() && lower.starts_with(start)
            })
        });
        if let Some(value) = wild {
            return self.value(&value, false);
        }
        for (pattern, value) in &map.patterns {
            if self.matches(pattern, &source, &map.at)? {
                return self.value(value, false);
            }
        }
        match &map.default {
            Some(value) => self.value(value, false),
            None => Ok(Vec::new()),
        }
    }

    fn geo(&mut self, geo: &Geo) -> Result<Vec<u8>, Beyond> {
        let text = self.variable(&geo.source, &geo.at)?;
        let text = String::from_utf8_lossy(&text);
        let Ok(mut address) = text.parse::<IpAddr>() else {
            return Err(Beyond::at(
                &geo.at,
                format!("geo over {text:?}, which is no address"),
            ));
        };
        if !geo.proxies.is_empty() {
            let headers: Vec<&[u8]> = self.forwarded_for();
            address = super::real_ip::forwarded(address, &headers, &geo.proxies, geo.recursive)
                .unwrap_or(address);
        }
        let address = super::real_ip::unmapped(address);
        let found = geo
            .networks
            .iter()
            .filter(|(network, _)| network.contains(&address))
            .max_by_key(|(network, _)| IpNet::prefix_len(network));
        Ok(found.map_or_else(|| geo.default.clone(), |(_, value)| value.clone()))
    }
}

/// `$arg_NAME` (`ngx_http_arg`): the first argument of this name, ASCII case apart.
fn argument(args: &[u8], name: &[u8]) -> Vec<u8> {
    for argument in args.split(|byte| *byte == b'&') {
        if let Some((known, value)) = split_at(argument, b'=')
            && known.eq_ignore_ascii_case(name)
        {
            return value.to_vec();
        }
    }
    Vec::new()
}

fn split_at(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|other| *other == byte)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}
