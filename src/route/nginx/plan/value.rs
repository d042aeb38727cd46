//! Values with variables and captures in them (`ngx_http_script_compile`).

use super::Plan;
use crate::route::Place;

/// A value, cut into what is written and what the request gives.
#[derive(Debug, Clone)]
pub(in crate::route::nginx) struct Template {
    pub(in crate::route::nginx) parts: Vec<Part>,
    pub(in crate::route::nginx) at: Place,
}

/// One piece of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::route::nginx) enum Part {
    Literal(Vec<u8>),
    Variable(Variable),
    /// `$1` to `$9`.
    Capture(usize),
    /// The question mark of a `rewrite`: the query begins.
    Query,
}

/// A variable that the model knows, or its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::route::nginx) enum Variable {
    Uri,
    RequestUri,
    Args,
    IsArgs,
    Host,
    Scheme,
    Https,
    ServerPort,
    ServerName,
    ServerAddr,
    RemoteAddr,
    SocketAddr,
    DocumentRoot,
    RealpathRoot,
    RequestFilename,
    RequestMethod,
    ServerProtocol,
    RequestLine,
    RemoteUser,
    Header(Vec<u8>),
    Argument(Vec<u8>),
    Cookie(Vec<u8>),
    ScriptName,
    PathInfo,
    Nothing,
    /// From `set`, `map`, `geo` or a named group.
    Slot(usize),
    Unknown(String),
}

impl Variable {
    /// The variable of this name, without its dollar.
    pub(super) fn new(name: &[u8], plan: &Plan) -> Self {
        let lower = name.to_ascii_lowercase();
        if let Some(slot) = plan.slots.get(&lower) {
            return Self::Slot(*slot);
        }
        match lower.as_slice() {
            b"uri" | b"document_uri" => Self::Uri,
            b"request_uri" => Self::RequestUri,
            b"args" | b"query_string" => Self::Args,
            b"is_args" => Self::IsArgs,
            b"host" => Self::Host,
            b"scheme" => Self::Scheme,
            b"https" => Self::Https,
            b"server_port" => Self::ServerPort,
            b"server_name" => Self::ServerName,
            b"server_addr" => Self::ServerAddr,
            b"remote_addr" => Self::RemoteAddr,
            b"realip_remote_addr" => Self::SocketAddr,
            b"document_root" => Self::DocumentRoot,
            b"realpath_root" => Self::RealpathRoot,
            b"request_filename" => Self::RequestFilename,
            b"request_method" => Self::RequestMethod,
            b"server_protocol" => Self::ServerProtocol,
            b"request" => Self::RequestLine,
            b"remote_user" => Self::RemoteUser,
            b"content_length" | b"content_type" => Self::Header(lower),
            b"fastcgi_script_name" => Self::ScriptName,
            b"fastcgi_path_info" => Self::PathInfo,
            b"http2" | b"http3" => Self::Nothing,
            other => Self::family(other),
        }
    }

    fn family(name: &[u8]) -> Self {
        if let Some(header) = name.strip_prefix(b"http_") {
            Self::Header(header.to_vec())
        } else if let Some(argument) = name.strip_prefix(b"arg_") {
            Self::Argument(argument.to_vec())
        } else if let Some(cookie) = name.strip_prefix(b"cookie_") {
            Self::Cookie(cookie.to_vec())
        } else {
            Self::Unknown(String::from_utf8_lossy(name).into_owned())
        }
    }
}

impl Template {
    /// Understands a value; in a `rewrite` that stays inside, question marks begin the query.
    pub(super) fn new(text: &[u8], at: &Place, plan: &Plan, queries: bool) -> Self {
        let mut parts: Vec<Part> = Vec::new();
        let mut rest = text;
        while let Some((&byte, after)) = rest.split_first() {
            rest = after;
            match byte {
                b'$' => rest = variable(after, plan, &mut parts),
                b'?' if queries => parts.push(Part::Query),
                byte => literal(&mut parts, byte),
            }
        }
        Self {
            parts,
            at: at.clone(),
        }
    }

    /// The value, if it does not depend on the request.
    pub(in crate::route::nginx) fn constant(&self) -> Option<&[u8]> {
        match self.parts.as_slice() {
            [] => Some(&[]),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }
}

fn literal(parts: &mut Vec<Part>, byte: u8) {
    match parts.last_mut() {
        Some(Part::Literal(text)) => text.push(byte),
        _ => parts.push(Part::Literal(vec![byte])),
    }
}

/// Reads what follows a dollar; what is left then. nginx refuses a dollar that names nothing.
fn variable<'t>(after: &'t [u8], plan: &Plan, parts: &mut Vec<Part>) -> &'t [u8] {
    if let Some((digit @ b'1'..=b'9', rest)) = after.split_first() {
        parts.push(Part::Capture(usize::from(digit - b'0')));
        return rest;
    }
    if let Some(inside) = after.strip_prefix(b"{") {
        let end = inside.iter().position(|byte| *byte == b'}');
        let name = inside
            .get(..end.unwrap_or(inside.len()))
            .unwrap_or_default();
        parts.push(Part::Variable(Variable::new(name, plan)));
        return inside.get(name.len() + 1..).unwrap_or_default();
    }
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
    let length = after.iter().take_while(is_name).count();
    let (name, rest) = after.split_at_checked(length).unwrap_or((after, &[]));
    parts.push(Part::Variable(Variable::new(name, plan)));
    rest
}
