//! One level of the configuration: what its own directives change in what it inherits. A list that a
//! level names at all replaces the inherited one.

use super::settings::{Root, Settings};
use super::{Alias, ErrorPage, Param, Plan, RealIpHeader, Rule, Symlinks, Template, harmless};
use crate::route::regex::Regex;
use crate::route::{Directive, Place};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

/// What a level is called and how long its name is, for `alias`.
pub(super) struct Level<'a> {
    pub(super) plan: &'a mut Plan,
    pub(super) prefix: &'a Path,
    /// The length of a prefix location's name; none for a pattern.
    pub(super) name: Option<usize>,
}

/// Lists that grow while a level is read.
#[derive(Default)]
struct Lists {
    index: Vec<Template>,
    error_pages: Vec<ErrorPage>,
    access: Vec<Rule>,
    real_ip: Vec<(ipnet::IpNet, Place)>,
    params: Vec<Param>,
    obstacles: Vec<(Place, String)>,
}

impl Level<'_> {
    /// The settings of a level whose directives these are.
    pub(super) fn read(&mut self, outside: &Settings, directives: &[Directive]) -> Settings {
        let mut settings = outside.clone();
        let mut lists = Lists::default();
        for directive in directives {
            self.directive(&mut settings, &mut lists, directive);
        }
        replace(&mut settings.index, lists.index);
        replace(&mut settings.error_pages, lists.error_pages);
        replace(&mut settings.access, lists.access);
        replace(&mut settings.real_ip.from, lists.real_ip);
        replace(&mut settings.fastcgi_params, lists.params);
        if !lists.obstacles.is_empty() {
            Arc::make_mut(&mut settings.obstacles).extend(lists.obstacles);
        }
        settings
    }

    fn directive(&mut self, settings: &mut Settings, lists: &mut Lists, directive: &Directive) {
        let at = &directive.at;
        let first = directive.args.first().map(|word| word.bytes());
        let first = first.unwrap_or_default();
        let on = first.eq_ignore_ascii_case(b"on");
        match directive.name.bytes() {
            b"root" | b"alias" => self.root(settings, directive),
            b"index" => {
                let all = directive.args.iter();
                lists
                    .index
                    .extend(all.map(|name| Template::new(name.bytes(), at, self.plan, false)));
            }
            b"autoindex" => settings.autoindex = on.then(|| at.clone()),
            b"error_page" => match ErrorPage::read(directive, self.plan) {
                Some(pages) => lists.error_pages.extend(pages),
                None => lists.obstacles.push(obstacle(directive)),
            },
            b"recursive_error_pages" => settings.recursive_error_pages = on,
            b"fastcgi_intercept_errors" => settings.fastcgi_intercepts = on,
            b"allow" | b"deny" => lists.access.push(Rule::new(directive)),
            b"satisfy" => settings.satisfy_any = (first == b"any").then(|| at.clone()),
            b"auth_basic" => {
                let realm = Template::new(first, at, self.plan, false);
                settings.auth_basic = (first != b"off").then(|| Arc::new(realm));
            }
            b"auth_basic_user_file" => {
                let file = Template::new(first, at, self.plan, false);
                settings.auth_basic_file = Some(Arc::new(file));
            }
            b"auth_request" => settings.auth_request = (first != b"off").then(|| at.clone()),
            b"internal" => settings.internal = Some(at.clone()),
            b"set_real_ip_from" => self.real_ip_from(lists, directive),
            b"real_ip_header" => settings.real_ip.header = real_ip_header(&directive.args),
            b"real_ip_recursive" => settings.real_ip.recursive = on,
            b"fastcgi_param" => self.param(lists, directive),
            b"fastcgi_index" => settings.fastcgi_index = Arc::new(first.to_vec()),
            b"fastcgi_split_path_info" => {
                settings.fastcgi_split = Some(Arc::new(Regex::new(first, false)));
            }
            b"disable_symlinks" => {
                let kind = match (first, directive.args.len()) {
                    (b"off", _) => Symlinks::Followed,
                    (_, 2..) => Symlinks::Unknown,
                    (b"if_not_owner", _) => Symlinks::OfOwner,
                    _ => Symlinks::Refused,
                };
                settings.symlinks = (kind, Some(at.clone()));
            }
            b"absolute_redirect" => settings.absolute_redirect = on,
            b"port_in_redirect" => settings.port_in_redirect = on,
            b"server_name_in_redirect" => settings.server_name_in_redirect = on,
            b"gzip_static" => {
                settings.gzip_static = (first != b"off").then(|| (at.clone(), first == b"always"));
            }
            name if harmless::is_known(name) => {}
            _ => lists.obstacles.push(obstacle(directive)),
        }
    }

    fn root(&self, settings: &mut Settings, directive: &Directive) {
        let Some(path) = directive.args.first() else {
            return;
        };
        let is_alias = directive.is("alias");
        let mut path = path.bytes();
        if !is_alias {
            path = path.strip_suffix(b"/").unwrap_or(path);
        }
        let full = if path.starts_with(b"$") {
            path.to_vec()
        } else {
            under(self.prefix, path)
        };
        let alias = match (is_alias, self.name) {
            (false, _) => Alias::Root,
            (true, Some(length)) => Alias::Prefix(length),
            (true, None) => Alias::Whole,
        };
        settings.root = Arc::new(Root {
            at: Some(directive.at.clone()),
            path: Template::new(&full, &directive.at, self.plan, false),
            alias,
        });
    }

    fn param(&self, lists: &mut Lists, directive: &Directive) {
        if let [name, value, rest @ ..] = directive.args.as_slice() {
            lists.params.push(Param {
                at: directive.at.clone(),
                name: name.bytes().to_vec(),
                value: Template::new(value.bytes(), &directive.at, self.plan, false),
                if_not_empty: rest.first().is_some_and(|word| *word == "if_not_empty"),
            });
        }
    }

    fn real_ip_from(&mut self, lists: &mut Lists, directive: &Directive) {
        let text = directive.args.first().map(|word| word.text().into_owned());
        let text = text.unwrap_or_default();
        if text == "unix:" {
            return;
        }
        match super::access::network(&text) {
            Some(network) => lists.real_ip.push((network, directive.at.clone())),
            None => lists.obstacles.push((
                directive.at.clone(),
                format!("set_real_ip_from {text} names a host, whose address is not known"),
            )),
        }
    }
}

/// A relative path is relative to nginx's prefix (`ngx_conf_full_name`).
pub(super) fn under(prefix: &Path, path: &[u8]) -> Vec<u8> {
    if path.starts_with(b"/") {
        return path.to_vec();
    }
    let mut full = prefix.as_os_str().as_bytes().to_vec();
    if !full.ends_with(b"/") {
        full.push(b'/');
    }
    full.extend_from_slice(path);
    full
}

fn replace<T>(inherited: &mut Arc<Vec<T>>, own: Vec<T>) {
    if !own.is_empty() {
        *inherited = Arc::new(own);
    }
}

fn real_ip_header(args: &[crate::route::Word]) -> RealIpHeader {
    let name = args.first().map(|word| word.text().to_ascii_lowercase());
    match name.unwrap_or_default().as_str() {
        "x-real-ip" => RealIpHeader::XRealIp,
        "x-forwarded-for" => RealIpHeader::XForwardedFor,
        "proxy_protocol" => RealIpHeader::ProxyProtocol,
        other => RealIpHeader::Other(other.to_owned()),
    }
}

/// A directive that stands in the way, in words.
pub(super) fn obstacle(directive: &Directive) -> (Place, String) {
    let name = directive.name.text();
    (directive.at.clone(), format!("{name} is not modelled"))
}
