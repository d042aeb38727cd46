//! One virtual host, or the server around them all: names, roots, aliases, sections, as they hold in
//! the end (`ap_fixup_virtual_hosts` merges the outer server into each host).

use super::pattern::{Expression, fnmatch};
use super::perdir::{PerDir, Redirect, Section};
use super::record::{Asking, Record};
use super::rewrite::{Choices, Inheriting, Map, Rule};
use super::said::{Said, Step};
use super::setenv::SetEnv;
use crate::route::{Because, Place};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// `Alias` and its siblings.
#[derive(Debug, Clone)]
pub(super) struct Alias {
    pub(super) fake: Vec<u8>,
    pub(super) regex: Option<Expression>,
    pub(super) real: Vec<u8>,
    /// `ScriptAlias`.
    pub(super) script: bool,
    pub(super) at: Place,
    pub(super) written: String,
}

/// `ProxyPass` and `ProxyPassMatch`.
#[derive(Debug, Clone)]
pub(super) struct ProxyPass {
    pub(super) fake: Vec<u8>,
    pub(super) regex: Option<Expression>,
    /// `!` leaves the path to others.
    pub(super) real: Vec<u8>,
    pub(super) strange: bool,
    pub(super) at: Place,
    pub(super) written: String,
}

/// An address of a `<VirtualHost>` line.
#[derive(Debug, Clone)]
pub(super) struct VirtualAddress {
    /// None is any address.
    pub(super) ip: Option<std::net::IpAddr>,
    /// Zero is any port.
    pub(super) port: u16,
    pub(super) text: String,
}

/// mod_remoteip.
#[derive(Debug, Clone, Default)]
pub(super) struct RemoteIp {
    pub(super) header: Option<Said<String>>,
    pub(super) proxies: Vec<(super::address::Subnet, bool)>,
}

/// A server as it answers.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) at: Option<Place>,
    /// `<VirtualHost …>`, or nothing for the outer server.
    pub(super) written: String,
    pub(super) addresses: Vec<VirtualAddress>,
    pub(super) name: Option<Said<(String, u16)>>,
    pub(super) aliases_of_name: Vec<String>,
    pub(super) root: Said<PathBuf>,
    pub(super) root_said: bool,
    pub(super) tls: bool,
    pub(super) tls_said: bool,
    pub(super) aliases: Vec<Alias>,
    pub(super) redirects: Vec<Arc<Redirect>>,
    pub(super) proxies: Vec<ProxyPass>,
    pub(super) proxy_sections: Vec<Arc<Section>>,
    /// Whether mod_rewrite was mentioned here, so that rules can count.
    pub(super) has_rewrite: bool,
    pub(super) rules: Vec<Arc<Rule>>,
    pub(super) choices: Option<Choices>,
    pub(super) maps: BTreeMap<String, Said<Map>>,
    pub(super) directories: Vec<Arc<Section>>,
    pub(super) locations: Vec<Arc<Section>>,
    /// What stands outside of all sections.
    pub(super) defaults: Arc<PerDir>,
    /// `SetEnvIf` outside of sections, which is done before anything else.
    pub(super) set_env: Vec<Arc<SetEnv>>,
    pub(super) access_names: Option<Vec<Vec<u8>>>,
    pub(super) merge_slashes: Option<bool>,
    pub(super) remote_ip: RemoteIp,
    pub(super) user_dir: Option<Place>,
    pub(super) canonical_name: Option<bool>,
    pub(super) most_redirects: Option<usize>,
    pub(super) most_subrequests: Option<usize>,
    pub(super) unsafe_protocol: Option<Place>,
    pub(super) strict_host: Option<Said<bool>>,
    pub(super) longest_line: Option<usize>,
    /// Directives of the server that can change routes and are not modelled.
    pub(super) unmodelled: Vec<Because>,
}

impl Server {
    /// A server before its first line.
    pub(super) fn new(at: Option<Place>, written: String, file: &Place) -> Self {
        Self {
            at,
            written,
            addresses: Vec::new(),
            name: None,
            aliases_of_name: Vec::new(),
            root: Said::new(PathBuf::from("/usr/local/apache2/htdocs"), file),
            root_said: false,
            tls: false,
            tls_said: false,
            aliases: Vec::new(),
            redirects: Vec::new(),
            proxies: Vec::new(),
            proxy_sections: Vec::new(),
            has_rewrite: false,
            rules: Vec::new(),
            choices: None,
            maps: BTreeMap::new(),
            directories: Vec::new(),
            locations: Vec::new(),
            defaults: Arc::new(PerDir::server()),
            set_env: Vec::new(),
            access_names: None,
            merge_slashes: None,
            remote_ip: RemoteIp::default(),
            user_dir: None,
            canonical_name: None,
            most_redirects: None,
            most_subrequests: None,
            unsafe_protocol: None,
            strict_host: None,
            longest_line: None,
            unmodelled: Vec::new(),
        }
    }

    /// This virtual host with what the outer server says.
    pub(super) fn within(mut self, main: &Self) -> Self {
        if !self.root_said {
            self.root = main.root.clone();
        }
        if !self.tls_said {
            self.tls = main.tls;
        }
        self.aliases.extend(main.aliases.iter().cloned());
        self.redirects.extend(main.redirects.iter().cloned());
        prepend(&mut self.proxies, &main.proxies);
        prepend(&mut self.proxy_sections, &main.proxy_sections);
        prepend(&mut self.directories, &main.directories);
        prepend(&mut self.locations, &main.locations);
        prepend(&mut self.set_env, &main.set_env);
        prepend(&mut self.unmodelled, &main.unmodelled);
        self.choices = self.choices.or(main.choices);
        let inheriting = self
            .choices
            .unwrap_or_default()
            .inheriting(main.choices.unwrap_or_default());
        self.rules = inheriting.join(&main.rules, &self.rules);
        if !self.has_rewrite {
            // Without a line of its own, a host shares the outer server's configuration.
            self.maps = main.maps.clone();
        } else if inheriting != Inheriting::No {
            for (name, map) in &main.maps {
                // Apache lays the outer server's maps over the host's own for `InheritBefore`.
                if inheriting == Inheriting::Before || !self.maps.contains_key(name) {
                    self.maps.insert(name.clone(), map.clone());
                }
            }
        }
        self.defaults = Arc::new(main.defaults.merge(&self.defaults));
        self.access_names = self.access_names.or_else(|| main.access_names.clone());
        self.merge_slashes = self.merge_slashes.or(main.merge_slashes);
        if self.remote_ip.header.is_none() {
            self.remote_ip.header = main.remote_ip.header.clone();
        }
        if self.remote_ip.proxies.is_empty() {
            self.remote_ip.proxies = main.remote_ip.proxies.clone();
        }
        self.user_dir = self.user_dir.or_else(|| main.user_dir.clone());
        self.canonical_name = self.canonical_name.or(main.canonical_name);
        self.most_redirects = self.most_redirects.or(main.most_redirects);
        self.most_subrequests = self.most_subrequests.or(main.most_subrequests);
        self.unsafe_protocol = self
            .unsafe_protocol
            .or_else(|| main.unsafe_protocol.clone());
        self.strict_host = self.strict_host.or_else(|| main.strict_host.clone());
        self.longest_line = self.longest_line.or(main.longest_line);
        self
    }

    /// Sorts `<Directory>` by the number of names, expressions last and by what their text would have
    /// (core.c, `ap_core_reorder_directories`).
    pub(super) fn sort_directories(&mut self) {
        use super::perdir::Matching;
        self.directories
            .sort_by_key(|section| match &section.matching {
                Matching::Exact(path) | Matching::Wild(path) => {
                    (false, path.iter().filter(|byte| **byte == b'/').count())
                }
                Matching::Regex(pattern) => (true, pattern.slashes()),
                Matching::If(_) | Matching::ElseIf(_) | Matching::Else => (true, usize::MAX),
            });
    }

    /// Whether one of the server's names is this one (`matches_aliases`).
    pub(super) fn has_name(&self, host: &[u8]) -> bool {
        let host = host.to_ascii_lowercase();
        let same = |name: &str| name.to_ascii_lowercase().into_bytes() == host;
        self.name.as_ref().is_some_and(|name| same(&name.value.0))
            || self.aliases_of_name.iter().any(|alias| {
                let alias = alias.to_ascii_lowercase();
                if alias.contains(['*', '?']) {
                    wild_name(alias.as_bytes(), &host)
                } else {
                    same(&alias)
                }
            })
    }

    /// Whether an absolute URL means this server (`ap_matches_request_vhost`).
    pub(super) fn is_called(&self, host: &[u8], port: u16) -> bool {
        let by_address = self.addresses.iter().any(|address| {
            (address.port == 0 || address.port == port)
                && host.eq_ignore_ascii_case(address.text.as_bytes())
        });
        let own = self.name.as_ref().map_or(0, |name| name.value.1);
        by_address || (port == own && self.has_name(host))
    }

    /// The host that Apache puts into its redirects (`ap_get_server_name_for_url`).
    pub(super) fn name_for_url(&self, asking: &Asking<'_>) -> Step<Vec<u8>> {
        let own = || {
            self.name
                .as_ref()
                .map(|name| name.value.0.clone().into_bytes())
        };
        let said = (!asking.host.is_empty()).then(|| asking.host.clone());
        Ok(match self.canonical_name {
            Some(true) => own().or(said),
            _ => said.or_else(own),
        }
        .unwrap_or_default())
    }

    /// A path as an absolute URL (`ap_construct_url`).
    pub(super) fn url(&self, asking: &Asking<'_>, r: &Record, path: &[u8]) -> Step<Vec<u8>> {
        let scheme = if self.tls {
            crate::route::Scheme::Https
        } else {
            crate::route::Scheme::Http
        };
        let port = asking.port(r);
        let port = if port == scheme.port() {
            String::new()
        } else {
            format!(":{port}")
        };
        let name = self.name_for_url(asking)?;
        Ok([
            scheme.word().as_bytes(),
            b"://",
            &name,
            port.as_bytes(),
            path,
        ]
        .concat())
    }
}

fn prepend<T: Clone>(own: &mut Vec<T>, main: &[T]) {
    let mut all = main.to_vec();
    all.append(own);
    *own = all;
}

/// `ap_strcasecmp_match`: `*` and `?`, nothing else is special.
fn wild_name(pattern: &[u8], host: &[u8]) -> bool {
    let escaped: Vec<u8> = pattern
        .iter()
        .flat_map(|byte| match byte {
            b'[' | b'\\' => vec![b'\\', *byte],
            _ => vec![*byte],
        })
        .collect();
    fnmatch(&escaped, host, false)
}
