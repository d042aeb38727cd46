//! The product: whom `trust_proxy_data` makes it believe, joined with the headers that the web server
//! lets through to it.

use super::{is_loopback, is_vast, row};
use crate::facts::{AddressTrust, Known, ProxyTrust};
use crate::host::Host;
use crate::php::{Lookup, Value};
use crate::route::apache::Config;
use crate::route::{Directive, Place, Tree};
use crate::target::web_server::Parsed;
use crate::target::{Generation, Target};

/// What v4 looks at in this order (app/sys/load_config.php, `dp_get_user_ip_address`).
const V4: &[&str] = &[
    "Client-IP",
    "X-Forwarded-For",
    "X-Forwarded",
    "X-Cluster-Client-IP",
    "Forwarded-For",
    "Forwarded",
];
/// What Symfony's `Request::getClientIps` looks at.
const LATER: &[&str] = &["X-Forwarded-For", "Forwarded"];

pub(super) fn observe(host: &Host, target: &Target, trust: &ProxyTrust) -> AddressTrust {
    let believes = match target.generation {
        Known::Known(Generation::V4) => V4,
        _ => LATER,
    };
    let at = |row: AddressTrust| AddressTrust {
        path: trust.path.clone(),
        line: trust.line,
        ..row
    };
    let product = "the product";
    let who = match &trust.who {
        Known::Unknown(reason) => {
            let mut unknown = at(row(product, "none", trust.because.clone(), None));
            unknown.who = Known::unknown(reason.clone());
            return unknown;
        }
        Known::Known(who) => who.as_str(),
    };
    match who {
        "everybody" => {
            let open = open_headers(host, target, believes);
            if open.is_empty() && target.not_served(host).is_none() {
                let because = format!(
                    "the product believes every client ({}), but the web server lets none of the headers through",
                    trust.because
                );
                return at(row(product, "none", because, None));
            }
            let because = format!(
                "the product believes every client ({}){}",
                trust.because,
                open.first().map_or_else(String::new, |header| format!(
                    ", and the web server lets {header} through to it"
                ))
            );
            at(row(product, "everyone", because, None))
        }
        "listed" => match through_a_local_hop(target, believes) {
            Some((because, place)) => row(product, "everyone", because, Some(&place)),
            None => at(row(
                product,
                "listed",
                format!("the product believes listed proxies ({})", trust.because),
                None,
            )),
        },
        _ => at(row(
            product,
            "none",
            format!("the product believes nobody ({})", trust.because),
            None,
        )),
    }
}

/// The headers of these that reach PHP in some place.
fn open_headers(
    host: &Host,
    target: &Target,
    believes: &'static [&'static str],
) -> Vec<&'static str> {
    let mut open: Vec<&str> = Vec::new();
    let mut note = |header: &'static str, is_open: bool| {
        if is_open && !open.contains(&header) {
            open.push(header);
        }
    };
    for server in target.serving(host) {
        match &server.parsed {
            Parsed::Nginx { tree, .. } => {
                let mut params = Vec::new();
                passes(tree, "fastcgi_pass", "fastcgi_param", &mut params);
                for (_, set) in &params {
                    for header in believes {
                        let name = format!("HTTP_{}", header.to_uppercase().replace('-', "_"));
                        let value = value_of(set, &name);
                        note(header, value.is_none_or(|value| is_chosen(&value)));
                    }
                }
            }
            Parsed::Apache { config, .. } => {
                for header in believes {
                    note(header, !is_unset(config, header));
                }
            }
        }
    }
    open
}

/// Where the product trusts this machine and a server of this machine passes requests on, whatever
/// that server lets through is believed.
fn through_a_local_hop(
    target: &Target,
    believes: &'static [&'static str],
) -> Option<(String, Place)> {
    if !trusts_loopback(target) {
        return None;
    }
    // A backend that takes the address from a header shows the product no proxy to trust.
    let replaced = target.servers.programs.iter().any(|server| {
        matches!(&server.parsed, Parsed::Apache { config, .. }
            if holds(&config.tree.directives, "RemoteIPHeader"))
    });
    if replaced {
        return None;
    }
    for server in &target.servers.programs {
        let Parsed::Nginx { tree, .. } = &server.parsed else {
            continue;
        };
        let mut hops = Vec::new();
        passes(tree, "proxy_pass", "proxy_set_header", &mut hops);
        for (pass, set) in hops.iter().filter(|(pass, _)| is_local(tree, pass)) {
            for header in believes {
                let chosen = match value_of(set, header) {
                    None => true,
                    Some(value) => value.contains("$http_"),
                };
                if chosen {
                    let because = format!(
                        "the product trusts this machine, and nginx passes the client's own {header} on to the server behind it"
                    );
                    return Some((because, pass.at.clone()));
                }
            }
        }
    }
    None
}

fn trusts_loopback(target: &Target) -> bool {
    let Some(settings) = &target.settings else {
        return false;
    };
    let asked = settings.get("env", &["trust_proxy_data"]);
    let older = settings.get("settings", &["trust_proxy_data"]);
    [asked, older].iter().any(|asked| {
        let Lookup::Known(Value::Array(list), _) = &asked.lookup else {
            return false;
        };
        list.iter().any(|(_, held)| match &held.value {
            Value::Str(bytes) => {
                let text = String::from_utf8_lossy(bytes);
                is_loopback(&text) && !is_vast(&text)
            }
            _ => false,
        })
    })
}

/// Every directive of this name, with the settings that hold where it stands: a level's own replace
/// those of the level above.
fn passes<'a>(
    tree: &'a Tree,
    pass: &str,
    setting: &'a str,
    found: &mut Vec<(&'a Directive, Vec<&'a Directive>)>,
) {
    fn walk<'a>(
        block: &'a Directive,
        inherited: &[&'a Directive],
        names: (&str, &'a str),
        found: &mut Vec<(&'a Directive, Vec<&'a Directive>)>,
    ) {
        let own: Vec<&Directive> = block.all(names.1).collect();
        let here = if own.is_empty() {
            inherited.to_vec()
        } else {
            own
        };
        for directive in block.inside() {
            if directive.children.is_some() {
                walk(directive, &here, names, found);
            } else if directive.is(names.0) {
                found.push((directive, here.clone()));
            }
        }
    }
    for http in tree.directives.iter().filter(|d| d.is("http")) {
        walk(http, &[], (pass, setting), found);
    }
}

/// The last value of a name among `fastcgi_param` or `proxy_set_header` directives.
fn value_of(set: &[&Directive], name: &str) -> Option<String> {
    let mut matching = set.iter().rev().filter(|directive| {
        let first = directive.args.first();
        first.is_some_and(|first| first.is(name))
    });
    let value = matching.next()?.args.get(1)?;
    Some(value.text().into_owned())
}

/// Whether a value holds what a client sent.
fn is_chosen(value: &str) -> bool {
    value.contains("$http_") || value.contains("$proxy_add_x_forwarded_for")
}

/// Whether `proxy_pass` leads to this machine, also by an `upstream`.
fn is_local(tree: &Tree, pass: &Directive) -> bool {
    let Some(to) = pass.args.first() else {
        return false;
    };
    let to = to.text();
    let rest = to.split_once("://").map_or(&*to, |(_, rest)| rest);
    if rest.starts_with("unix:") {
        return true;
    }
    let authority = rest.split('/').next().unwrap_or_default();
    let host = host_of(authority);
    let upstreams = tree.directives.iter().filter(|d| d.is("http"));
    let mut upstreams = upstreams.flat_map(|http| http.all("upstream"));
    let named = upstreams.find(|it| it.args.first().is_some_and(|name| *name == host));
    match named {
        Some(upstream) => upstream.all("server").any(|server| {
            let first = server.args.first().map(|word| word.text().into_owned());
            first.is_some_and(|it| it.starts_with("unix:") || is_loopback(host_of(&it)))
        }),
        None => is_loopback(host),
    }
}

/// The host of `host:port`; brackets stay with an address that has them.
fn host_of(authority: &str) -> &str {
    if let Some(end) = authority.find(']') {
        return authority.get(..=end).unwrap_or(authority);
    }
    authority.split(':').next().unwrap_or(authority)
}

/// Whether Apache takes the header away from every request.
fn is_unset(config: &Config, header: &str) -> bool {
    fn any(directives: &[Directive], header: &str) -> bool {
        directives.iter().any(|directive| {
            let mut words = directive.args.iter().filter(|word| !word.is("early"));
            let (action, name) = (words.next(), words.next());
            directive.is("RequestHeader")
                && action.is_some_and(|action| action.is("unset"))
                && name.is_some_and(|name| name.is(header))
                || any(directive.inside(), header)
        })
    }
    any(&config.tree.directives, header)
}

fn holds(directives: &[Directive], name: &str) -> bool {
    directives
        .iter()
        .any(|directive| directive.is(name) || holds(directive.inside(), name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::{NoSources, nginx};
    use std::path::Path;

    fn hops(text: &str) -> Vec<(bool, Option<String>)> {
        let text = format!("http {{ upstream back {{ server 127.0.0.1:8080; }} {text} }}");
        let tree = nginx::parse(Path::new("/n"), text.as_bytes(), &NoSources);
        let mut found = Vec::new();
        passes(&tree, "proxy_pass", "proxy_set_header", &mut found);
        let hops = found.iter();
        hops.map(|(pass, set)| (is_local(&tree, pass), value_of(set, "x-forwarded-for")))
            .collect()
    }

    #[test]
    fn hops_and_what_they_set() {
        let set = "proxy_set_header X-Forwarded-For $remote_addr;";
        let local = |value: Option<&str>| vec![(true, value.map(str::to_owned))];
        let inherited = format!("server {{ {set} location / {{ proxy_pass http://back/x; }} }}");
        assert_eq!(hops(&inherited), local(Some("$remote_addr")));
        let replaced = format!(
            "server {{ {set} location / {{ proxy_set_header Host $host; proxy_pass http://localhost:81; }} }}"
        );
        assert_eq!(hops(&replaced), local(None));
        assert_eq!(
            hops("server { location / { proxy_pass http://[::1]:81/; } }"),
            local(None)
        );
        assert_eq!(
            hops("server { location / { proxy_pass http://10.0.0.9; } }"),
            [(false, None)]
        );
    }
}
