//! Which ports a configuration listens on, for telling servers apart. Refuses addresses: whether a
//! request gets to a server at all is the network's business.

use super::{Parsed, WebServer};
use crate::route::{Directive, Word};
use std::collections::BTreeSet;

impl WebServer {
    /// The TCP ports that the configuration names, and those that the server takes without one.
    #[must_use]
    pub fn ports(&self) -> BTreeSet<u16> {
        match &self.parsed {
            Parsed::Nginx { tree, .. } => {
                let http = tree.directives.iter().filter(|d| d.is("http"));
                let servers = http.flat_map(|http| http.all("server"));
                servers.flat_map(nginx).collect()
            }
            Parsed::Apache { config, .. } => {
                let mut ports = BTreeSet::new();
                apache(&config.tree.directives, &mut |word| {
                    let word = config
                        .variables
                        .resolve(word)
                        .unwrap_or_else(|_| word.clone());
                    ports.extend(port(&word.text()));
                });
                ports
            }
        }
    }
}

/// A server without `listen` takes port 80 (ngx_http_core_module; 8000 where root does not run it).
fn nginx(server: &Directive) -> Vec<u16> {
    let listens: Vec<_> = server.all("listen").collect();
    if listens.is_empty() {
        return vec![80];
    }
    let words = listens.iter().filter_map(|listen| listen.args.first());
    words
        .filter(|word| !word.text().starts_with("unix:"))
        .map(|word| port(&word.text()).unwrap_or(80))
        .collect()
}

/// `Listen`, in whatever section.
fn apache(directives: &[Directive], found: &mut impl FnMut(&Word)) {
    for directive in directives {
        match (&directive.children, directive.args.first()) {
            (Some(children), _) => apache(children, found),
            (None, Some(word)) if directive.is("Listen") => found(word),
            _ => {}
        }
    }
}

/// The port of `80`, `*:80`, `10.0.0.1:80` or `[::]:80`.
fn port(word: &str) -> Option<u16> {
    let after_bracket = word.rsplit_once(']').map_or(word, |(_, rest)| rest);
    let digits = after_bracket
        .rsplit_once(':')
        .map_or(after_bracket, |(_, port)| port);
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_of_all_spellings() {
        for (word, expected) in [
            ("80", Some(80)),
            ("*:81", Some(81)),
            ("10.0.0.1:82", Some(82)),
            ("[::]:83", Some(83)),
            ("[::1]", None),
            ("localhost", None),
            ("10.0.0.1", None),
        ] {
            assert_eq!(port(word), expected, "{word}");
        }
    }
}
