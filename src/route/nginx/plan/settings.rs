//! What a level of the configuration hands down to the levels inside it.

use super::{ErrorPage, Param, Rule, Template};
use crate::route::Place;
use crate::route::regex::Regex;
use ipnet::IpNet;
use std::sync::Arc;

/// Whether the directory replaces a part of the URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::route::nginx) enum Alias {
    /// `root`: the whole URI is appended.
    Root,
    /// `alias` in a prefix location whose name has so many bytes: the rest is appended.
    Prefix(usize),
    /// `alias` in a location with a pattern: nothing is appended.
    Whole,
}

/// `root` or `alias`.
#[derive(Debug, Clone)]
pub(in crate::route::nginx) struct Root {
    /// None for the compiled-in `html`.
    pub(in crate::route::nginx) at: Option<Place>,
    pub(in crate::route::nginx) path: Template,
    pub(in crate::route::nginx) alias: Alias,
}

/// `disable_symlinks`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::route::nginx) enum Symlinks {
    Followed,
    Refused,
    /// `if_not_owner`.
    OfOwner,
    /// With `from=`.
    Unknown,
}

/// Where the client's address is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::route::nginx) enum RealIpHeader {
    XRealIp,
    XForwardedFor,
    ProxyProtocol,
    Other(String),
}

/// The directives of `ngx_http_realip_module`.
#[derive(Debug, Clone)]
pub(in crate::route::nginx) struct RealIp {
    pub(in crate::route::nginx) from: Arc<Vec<(IpNet, Place)>>,
    pub(in crate::route::nginx) header: RealIpHeader,
    pub(in crate::route::nginx) recursive: bool,
}

/// Everything that is inherited.
#[derive(Debug, Clone)]
pub(in crate::route::nginx) struct Settings {
    pub(in crate::route::nginx) root: Arc<Root>,
    pub(in crate::route::nginx) index: Arc<Vec<Template>>,
    /// Where `autoindex on` stands.
    pub(in crate::route::nginx) autoindex: Option<Place>,
    pub(in crate::route::nginx) error_pages: Arc<Vec<ErrorPage>>,
    pub(in crate::route::nginx) recursive_error_pages: bool,
    pub(in crate::route::nginx) fastcgi_intercepts: bool,
    pub(in crate::route::nginx) access: Arc<Vec<Rule>>,
    pub(in crate::route::nginx) satisfy_any: Option<Place>,
    /// The realm; none where it is off.
    pub(in crate::route::nginx) auth_basic: Option<Arc<Template>>,
    pub(in crate::route::nginx) auth_basic_file: Option<Arc<Template>>,
    /// Where `auth_request` stands.
    pub(in crate::route::nginx) auth_request: Option<Place>,
    /// Where `internal` stands.
    pub(in crate::route::nginx) internal: Option<Place>,
    pub(in crate::route::nginx) real_ip: RealIp,
    pub(in crate::route::nginx) fastcgi_params: Arc<Vec<Param>>,
    pub(in crate::route::nginx) fastcgi_index: Arc<Vec<u8>>,
    /// The pattern, or why it is none.
    pub(in crate::route::nginx) fastcgi_split: Option<Arc<Result<Regex, String>>>,
    pub(in crate::route::nginx) symlinks: (Symlinks, Option<Place>),
    pub(in crate::route::nginx) absolute_redirect: bool,
    pub(in crate::route::nginx) port_in_redirect: bool,
    pub(in crate::route::nginx) server_name_in_redirect: bool,
    /// Where `gzip_static` stands, and whether it is `always`.
    pub(in crate::route::nginx) gzip_static: Option<(Place, bool)>,
    /// Directives that may change the decision and are not modelled.
    pub(in crate::route::nginx) obstacles: Arc<Vec<(Place, String)>>,
}

impl Settings {
    /// nginx's own defaults.
    pub(super) fn new(html: Template) -> Self {
        let index = Template {
            parts: vec![super::Part::Literal(b"index.html".to_vec())],
            at: html.at.clone(),
        };
        Self {
            root: Arc::new(Root {
                at: None,
                path: html,
                alias: Alias::Root,
            }),
            index: Arc::new(vec![index]),
            autoindex: None,
            error_pages: Arc::default(),
            recursive_error_pages: false,
            fastcgi_intercepts: false,
            access: Arc::default(),
            satisfy_any: None,
            auth_basic: None,
            auth_basic_file: None,
            auth_request: None,
            internal: None,
            real_ip: RealIp {
                from: Arc::default(),
                header: RealIpHeader::XRealIp,
                recursive: false,
            },
            fastcgi_params: Arc::default(),
            fastcgi_index: Arc::default(),
            fastcgi_split: None,
            symlinks: (Symlinks::Followed, None),
            absolute_redirect: true,
            port_in_redirect: true,
            server_name_in_redirect: false,
            gzip_static: None,
            obstacles: Arc::default(),
        }
    }
}
