//! Signs that something in front of the server ends TLS and passes requests on in the clear: whoever
//! believes a header about the client's scheme or address expects somebody who sends it.

use super::super::blocks::flat;
use super::{Believed, Door};
use crate::facts::Known;
use crate::host::Host;
use crate::host::glob::LARGEST_CONFIG;
use crate::route::Directive;
use crate::target::Target;

/// Parts of headers by which a proxy says that its client came over TLS, in small letters without
/// dashes and underscores.
const HEADERS: [&str; 6] = [
    "xforwardedproto",
    "xforwardedssl",
    "xforwardedscheme",
    "frontendhttps",
    "xurlscheme",
    "cloudfrontforwardedproto",
];

/// The first sign, a clause.
pub(super) fn sign(
    host: &Host,
    target: &Target,
    (config, addresses): Believed<'_>,
    plain: &Door<'_>,
    tls: &Door<'_>,
) -> Option<String> {
    match &config.proxy_trust.who {
        Known::Known(who) if who == "nobody" => {}
        Known::Known(_) => {
            let setting = &config.proxy_trust.setting;
            return Some(format!("the helpdesk believes proxies ({setting})"));
        }
        Known::Unknown(why) => {
            return Some(format!(
                "whether the helpdesk believes proxies is not known: {why}"
            ));
        }
    }
    for row in &addresses.rows {
        if row.believer != "the product" && row.who.known().is_none_or(|who| who != "none") {
            return Some(row.because.clone());
        }
    }
    if let Some(why) = addresses.missed.first() {
        return Some(why.clone());
    }
    told(plain, tls).or_else(|| in_php(host, target))
}

/// A line that asks for such a header, or says of plain HTTP that it is none.
fn told(plain: &Door<'_>, tls: &Door<'_>) -> Option<String> {
    let mut all = Vec::new();
    flat(&plain.server.parsed.tree().directives, &mut all);
    let asks = |directive: &Directive| {
        let sends = directive.is("proxy_set_header") || directive.is("RequestHeader");
        let mut words = directive.args.iter().chain(&directive.raw);
        !sends && words.any(|word| names_header(&word.text()))
    };
    let asking = all.into_iter().find(|directive| asks(directive));
    let apart = plain.entrance.answers != tls.entrance.answers;
    let inside = plain.block(plain.entrance.answers.as_ref());
    let mut own = Vec::new();
    if let Some((_, inside)) = inside.filter(|_| apart) {
        flat(inside, &mut own);
    }
    let asking = asking.or_else(|| own.into_iter().find(|directive| says_secure(directive)))?;
    let name = asking.name.text();
    Some(format!("{} has a line of {name} that says so", asking.at))
}

/// `fastcgi_param HTTPS on`, `SetEnv HTTPS on`.
fn says_secure(directive: &Directive) -> bool {
    let mut words = directive.args.iter().map(|word| word.text());
    let says = directive.is("fastcgi_param") || directive.is("SetEnv");
    says && words.next().is_some_and(|name| name == "HTTPS")
        && words
            .next()
            .is_some_and(|value| value.eq_ignore_ascii_case("on"))
}

fn names_header(text: &str) -> bool {
    let bare: String = text
        .chars()
        .filter(|c| !matches!(c, '-' | '_'))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    HEADERS.iter().any(|header| bare.contains(header))
}

/// The product's own configuration is a program, and may ask for such a header itself.
fn in_php(host: &Host, target: &Target) -> Option<String> {
    let Some(settings) = &target.settings else {
        return Some(format!(
            "{}, so whether it asks for a proxy's headers is not known",
            target.no_settings()
        ));
    };
    settings.files.iter().find_map(|evaluated| {
        let path = &evaluated.file.path;
        let text = match host.read_file(path, LARGEST_CONFIG) {
            Ok(text) => text.unwrap_or_default(),
            Err(reason) => return Some(reason),
        };
        names_header(&String::from_utf8_lossy(&text))
            .then(|| format!("{} asks for a proxy's headers", path.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_in_all_spellings() {
        for text in [
            "$http_x_forwarded_proto",
            "HTTP_X_FORWARDED_PROTO",
            "%{HTTP:X-Forwarded-Proto}",
            "Front-End-Https",
        ] {
            assert!(names_header(text), "{text}");
        }
        for text in ["$scheme", "X-Forwarded-For", "https"] {
            assert!(!names_header(text), "{text}");
        }
    }
}
