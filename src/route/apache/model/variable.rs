//! Variables of expressions and of mod_rewrite: `%{REQUEST_URI}`, `%{HTTP:X-Forwarded-For}`. Refuses
//! what depends on the moment, on the connection or on who is logged in.

use super::record::{Asking, Record};
use super::said::{Step, Stop};
use super::uri;
use crate::route::Request;
use std::path::PathBuf;

/// The value of a variable; empty where it has none.
pub(super) fn lookup(asking: &Asking<'_>, r: &Record, name: &str) -> Step<Vec<u8>> {
    if let Some((function, argument)) = name.split_once(':') {
        return call(asking, r, function, argument.as_bytes());
    }
    if let Some(header) = header_of(name) {
        return Ok(header_value(asking, header));
    }
    let request = asking.request;
    Ok(match name.to_ascii_uppercase().as_str() {
        "REQUEST_URI" => r.uri.clone(),
        "DOCUMENT_URI" => r.uri.clone(),
        "REQUEST_FILENAME" | "SCRIPT_FILENAME" => r.file().to_vec(),
        "QUERY_STRING" => r.args.clone().unwrap_or_default(),
        "PATH_INFO" => r.path_info.clone(),
        "REQUEST_METHOD" => b"GET".to_vec(),
        "SERVER_PROTOCOL" => b"HTTP/1.1".to_vec(),
        "THE_REQUEST" => [b"GET ", request.target.as_slice(), b" HTTP/1.1"].concat(),
        "REMOTE_ADDR" => asking.client.to_string().into_bytes(),
        "CONN_REMOTE_ADDR" => request.from.to_string().into_bytes(),
        "SERVER_ADDR" => match request.to {
            Some(to) => to.to_string().into_bytes(),
            None => {
                return Err(Stop::new(
                    "not known: the address that the client connects to",
                ));
            }
        },
        "DOCUMENT_ROOT" => root(asking),
        "CONTEXT_PREFIX" => r
            .context
            .as_ref()
            .map(|(prefix, _)| prefix.clone())
            .unwrap_or_default(),
        "CONTEXT_DOCUMENT_ROOT" => match &r.context {
            Some((_, root)) => root.clone(),
            None => root(asking),
        },
        "SERVER_NAME" => return asking.server.name_for_url(asking),
        "SERVER_PORT" => asking.port(r).to_string().into_bytes(),
        "REQUEST_SCHEME" => request.scheme.word().as_bytes().to_vec(),
        "HTTPS" => on_off(asking.server.tls),
        "IS_SUBREQ" => (if r.depth > 0 { "true" } else { "false" }).into(),
        "HANDLER" => r
            .handler
            .as_ref()
            .map(|(name, _)| name.clone().into_bytes())
            .unwrap_or_default(),
        "IPV6" => on_off(request.from.is_ipv6()),
        "REQUEST_STATUS" if r.status == 200 => Vec::new(),
        "REQUEST_STATUS" => r.status.to_string().into_bytes(),
        "REMOTE_USER" | "AUTH_TYPE" | "REMOTE_IDENT" => Vec::new(),
        "CONTENT_TYPE" => r
            .content_type
            .as_ref()
            .map(|(name, _)| name.clone().into_bytes())
            .unwrap_or_default(),
        _ => return Err(Stop::new(format!("not modelled: the variable %{{{name}}}"))),
    })
}

/// The header that a variable stands for.
fn header_of(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_uppercase().as_str() {
        "HTTP_HOST" => "Host",
        "HTTP_ACCEPT" => "Accept",
        "HTTP_COOKIE" => "Cookie",
        "HTTP_REFERER" => "Referer",
        "HTTP_FORWARDED" => "Forwarded",
        "HTTP_USER_AGENT" => "User-Agent",
        "HTTP_PROXY_CONNECTION" => "Proxy-Connection",
        _ => return None,
    })
}

/// All values of a header, as Apache joins them; empty where there is none.
pub(super) fn header_value(asking: &Asking<'_>, name: &str) -> Vec<u8> {
    header(asking, name).unwrap_or_default()
}

/// The same, and none where the request has no such header, or none any more.
pub(super) fn header(asking: &Asking<'_>, name: &str) -> Option<Vec<u8>> {
    match &asking.used {
        Some((used, left)) if used.eq_ignore_ascii_case(name) => left.clone(),
        _ if name.eq_ignore_ascii_case("host") => Some(asking.request.host_header()),
        _ => joined(asking.request, name),
    }
}

/// The values of a header as they were sent, with a comma between them.
pub(super) fn joined(request: &Request, name: &str) -> Option<Vec<u8>> {
    let headers = request.headers.iter();
    let found: Vec<&[u8]> = headers
        .filter(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim_ascii())
        .collect();
    (!found.is_empty()).then(|| found.join(&b", "[..]))
}

/// A function: `tolower(…)`, `%{req:Name}`, `%{ENV:NAME}`.
pub(super) fn call(
    asking: &Asking<'_>,
    r: &Record,
    function: &str,
    argument: &[u8],
) -> Step<Vec<u8>> {
    let name = String::from_utf8_lossy(argument);
    Ok(match function.to_ascii_lowercase().as_str() {
        "http" | "req" | "req_novary" => header_value(asking, &name),
        "env" | "reqenv" => r.env.get(argument).cloned().unwrap_or_default(),
        "concat" => argument.to_vec(),
        "tolower" => argument.to_ascii_lowercase(),
        "toupper" => argument.to_ascii_uppercase(),
        "escape" => uri::escape(argument),
        "unescape" => uri::decode(argument),
        _ => return Err(Stop::new(format!("not modelled: the function {function}"))),
    })
}

fn on_off(on: bool) -> Vec<u8> {
    (if on { "on" } else { "off" }).into()
}

fn root(asking: &Asking<'_>) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(&asking.server.root.value)
        .as_os_str()
        .as_bytes()
        .to_vec()
}
