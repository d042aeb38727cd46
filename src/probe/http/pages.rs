//! How the site presents itself: protecting headers, cookies and announced versions of the portal and
//! of both interfaces' first pages.

use super::ask::Answered;
use super::reply::Reply;
use crate::facts::{Announcement, CookieSet, Hsts, Known, PageHeaders};

/// Names, or parts of names, of cookies that let somebody in, carry a session or guard a form: PHP's
/// own, v4's `dpsid…` and `dpreme`, and what frameworks call theirs.
const SESSION_WORDS: [&str; 9] = [
    "sid", "sess", "auth", "token", "csrf", "xsrf", "login", "remember", "dpreme",
];

/// Cookies that the answers set, the first of each name and page.
pub(super) fn cookies(answered: &Answered) -> Vec<CookieSet> {
    let mut found: Vec<CookieSet> = Vec::new();
    for (request, reply) in &answered.way {
        for header in reply.all("set-cookie") {
            if let Some(cookie) = cookie(&header, &request.url())
                && !found.iter().any(|known| known.name == cookie.name)
            {
                found.push(cookie);
            }
        }
    }
    found
}

/// A Set-Cookie header (RFC 6265 section 5.2). One that deletes a cookie sets none.
fn cookie(header: &str, url: &str) -> Option<CookieSet> {
    let mut parts = header.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let mut cookie = CookieSet {
        name: name.trim().to_owned(),
        url: url.to_owned(),
        is_session: false,
        secure: false,
        http_only: false,
        same_site: String::new(),
        missing: Vec::new(),
        marker: String::new(),
    };
    let mut deleted = value.is_empty() || value.eq_ignore_ascii_case("deleted");
    for part in parts {
        let (word, value) = part.split_once('=').unwrap_or((part, ""));
        match word.trim().to_ascii_lowercase().as_str() {
            "secure" => cookie.secure = true,
            "httponly" => cookie.http_only = true,
            "samesite" => cookie.same_site = value.trim().to_ascii_lowercase(),
            "max-age" => deleted |= value.trim().starts_with('-') || value.trim() == "0",
            _ => {}
        }
    }
    if deleted || cookie.name.is_empty() {
        return None;
    }
    let lower = cookie.name.to_ascii_lowercase();
    cookie.is_session = SESSION_WORDS.iter().any(|word| lower.contains(word));
    // A page's own scripts read the token that guards its forms (Angular's XSRF-TOKEN and its like).
    let for_scripts = lower.contains("csrf") || lower.contains("xsrf");
    if !cookie.secure {
        cookie.missing.push("Secure".to_owned());
    }
    if !cookie.http_only && !for_scripts {
        cookie.missing.push("HttpOnly".to_owned());
    }
    // `None` asks browsers to send it from everywhere, which is what the attribute is to prevent.
    if !matches!(cookie.same_site.as_str(), "lax" | "strict") {
        cookie.missing.push("SameSite".to_owned());
    }
    Some(cookie)
}

/// The protecting headers of a page.
pub(super) fn headers(url: &str, reply: &Reply) -> PageHeaders {
    let value = |name: &str| reply.named(name).to_ascii_lowercase();
    let nosniff = value("x-content-type-options")
        .split(',')
        .any(|word| word.trim() == "nosniff");
    let framing = framing(reply);
    // Of several policies in one header browsers take the last that they know.
    let policy = value("referrer-policy");
    let referrer = policy.rsplit(',').next().is_some_and(|last| {
        let last = last.trim();
        !last.is_empty() && last != "unsafe-url" && last != "no-referrer-when-downgrade"
    });
    let mut wrong: Vec<String> = Vec::new();
    for (name, ok) in [
        ("X-Content-Type-Options", nosniff),
        ("X-Frame-Options", framing),
        ("Referrer-Policy", referrer),
    ] {
        if !ok && !value(&name.to_ascii_lowercase()).is_empty() {
            wrong.push(name.to_owned());
        }
    }
    if !framing && ancestors(reply).is_some() {
        wrong.push("Content-Security-Policy".to_owned());
    }
    let missing = [
        (nosniff, "X-Content-Type-Options: nosniff"),
        (framing, "X-Frame-Options or frame-ancestors"),
        (referrer, "Referrer-Policy"),
    ];
    PageHeaders {
        url: url.to_owned(),
        nosniff,
        framing,
        referrer,
        missing: missing
            .iter()
            .filter(|(sent, _)| !sent)
            .map(|(_, name)| (*name).to_owned())
            .collect(),
        wrong,
        mendable: Vec::new(),
    }
}

/// The sources of the first `frame-ancestors`.
fn ancestors(reply: &Reply) -> Option<Vec<String>> {
    let policies = reply.all("content-security-policy");
    let mut ancestors = policies.iter().flat_map(|policy| {
        policy.split([';', ',']).filter_map(|directive| {
            let mut words = directive.split_ascii_whitespace();
            words
                .next()?
                .eq_ignore_ascii_case("frame-ancestors")
                .then(|| words.map(str::to_owned).collect())
        })
    });
    ancestors.next()
}

/// `frame-ancestors` that names somebody, or `X-Frame-Options` (RFC 7034; browsers ignore ALLOW-FROM).
fn framing(reply: &Reply) -> bool {
    let restricts = |sources: &Vec<String>| {
        !sources
            .iter()
            .any(|source| ["*", "http:", "https:"].contains(&source.as_str()))
    };
    // Where the policy names ancestors, browsers ignore X-Frame-Options.
    ancestors(reply).map_or_else(
        || {
            let value = reply.named("x-frame-options").to_ascii_lowercase();
            matches!(value.trim(), "deny" | "sameorigin")
        },
        |sources| restricts(&sources),
    )
}

/// Strict-Transport-Security (RFC 6797 section 6.1); the first header counts.
pub(super) fn hsts(url: &str, reply: &Reply) -> Hsts {
    let value = reply.named("strict-transport-security");
    let mut ages = value.split(';').filter_map(|part| {
        let (name, age) = part.split_once('=')?;
        let age = age.trim().trim_matches('"');
        name.trim()
            .eq_ignore_ascii_case("max-age")
            .then(|| age.parse::<i64>().ok().filter(|age| *age >= 0))
    });
    Hsts {
        max_age: Known::Known(ages.next().flatten().unwrap_or(0)),
        value,
        url: url.to_owned(),
    }
}

/// Versions that an answer announces.
pub(super) fn versions(url: &str, reply: &Reply) -> Vec<Announcement> {
    let mut found = Vec::new();
    for name in [
        "server",
        "x-powered-by",
        "x-generator",
        "x-aspnet-version",
        "via",
    ] {
        for value in reply.all(name) {
            if is_version(&value) && name != "via" {
                found.push(announcement(&header_case(name), &value, url));
            }
        }
    }
    if let Some(generator) = generator(&reply.text())
        && generator.bytes().any(|byte| byte.is_ascii_digit())
    {
        found.push(announcement("<meta name=\"Generator\">", &generator, url));
    }
    found
}

/// v5's `version.json` and the container's `discover` (JSON with a version and a build).
pub(super) fn version_page(url: &str, reply: &Reply) -> Option<Announcement> {
    if !(200..300).contains(&reply.status) {
        return None;
    }
    let json: serde_json::Value = serde_json::from_slice(&reply.body).ok()?;
    let data = json.get("data").unwrap_or(&json);
    let says = ["version", "build", "buildId", "buildTime"];
    let value = says.iter().find_map(|name| {
        let value = data.get(name)?;
        value
            .as_str()
            .map(str::to_owned)
            .or_else(|| value.as_u64().map(|number| number.to_string()))
            .map(|value| format!("{name} {value}"))
    })?;
    Some(announcement("a page for programs", &value, url))
}

fn announcement(place: &str, value: &str, url: &str) -> Announcement {
    Announcement {
        place: place.to_owned(),
        value: value.chars().take(120).collect(),
        url: url.to_owned(),
        keeper: String::new(),
    }
}

/// A product's name followed by a number; a bare name announces no version.
fn is_version(value: &str) -> bool {
    value.bytes().any(|byte| byte.is_ascii_digit())
}

fn header_case(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| {
            format!("{}{}", first.to_ascii_uppercase(), letters.as_str())
        })
    });
    words.collect::<Vec<_>>().join("-")
}

/// The content of `<meta name="Generator" content="…">`, attributes in any order.
fn generator(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower.get(from..)?.find("<meta") {
        let start = from + at;
        let end = start + lower.get(start..)?.find('>')?;
        let tag = lower.get(start..end)?;
        if tag.contains("name=\"generator\"") || tag.contains("name='generator'") {
            let content = start + tag.find("content=")? + "content=".len();
            let value = text.get(content..end)?;
            let quote = value.chars().next()?;
            return value.get(1..)?.split(quote).next().map(str::to_owned);
        }
        from = end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::HeaderMap;
    use hyper::header::HeaderName;

    fn reply(headers: &[(&str, &str)], body: &str) -> Reply {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            map.append(name, value.parse().unwrap());
        }
        Reply::new(200, map, body.into(), false)
    }

    #[test]
    fn cookies_and_what_they_lack() {
        for (header, session, missing) in [
            (
                "dpsid-agent=1; path=/",
                true,
                &["Secure", "HttpOnly", "SameSite"][..],
            ),
            ("PHPSESSID=1; Secure; httponly; SameSite=Lax", true, &[]),
            (
                "PHPSESSID=1; SECURE; HttpOnly; samesite=None",
                true,
                &["SameSite"],
            ),
            ("XSRF-TOKEN=1; secure; samesite=strict", true, &[]),
            ("lang=de", false, &["Secure", "HttpOnly", "SameSite"]),
        ] {
            let cookie = cookie(header, "u").unwrap();
            assert_eq!(cookie.is_session, session, "{header}");
            assert_eq!(cookie.missing, missing, "{header}");
        }
        for none in [
            "dpsid=deleted; expires=x",
            "a=; Max-Age=0",
            "b=1; max-age=-1",
            "nothing",
        ] {
            assert!(cookie(none, "u").is_none(), "{none}");
        }
    }

    #[test]
    fn framing_is_read_as_browsers_do() {
        for (sent, expected) in [
            (&[("x-frame-options", "SAMEORIGIN")][..], true),
            (&[("x-frame-options", "ALLOW-FROM https://x")], false),
            (
                &[(
                    "content-security-policy",
                    "default-src *; Frame-Ancestors 'none'",
                )],
                true,
            ),
            (
                &[("content-security-policy", "frame-ancestors https:")],
                false,
            ),
            (
                &[
                    ("content-security-policy", "frame-ancestors *"),
                    ("x-frame-options", "DENY"),
                ],
                false,
            ),
            (&[("content-security-policy", "default-src 'self'")], false),
            (&[], false),
        ] {
            assert_eq!(framing(&reply(sent, "")), expected, "{sent:?}");
        }
    }

    #[test]
    fn other_headers() {
        let age = |value| hsts("u", &reply(&[("strict-transport-security", value)], "")).max_age;
        assert_eq!(
            age("max-age=\"31536000\"; includeSubDomains"),
            Known::Known(31_536_000)
        );
        assert_eq!(age("includeSubDomains; Max-Age=5"), Known::Known(5));
        assert_eq!(age("max-age=forever"), Known::Known(0));
        let sent = |value| headers("u", &reply(&[("referrer-policy", value)], "")).referrer;
        assert!(sent("no-referrer, strict-origin-when-cross-origin"));
        assert!(!sent("unsafe-url") && !sent(""));
    }

    #[test]
    fn versions_are_told_from_names() {
        let page = "<META content='DeskPRO 1359676800' name='Generator'>";
        let found = versions(
            "u",
            &reply(&[("server", "nginx"), ("x-powered-by", "PHP/8.2.1")], page),
        );
        let found: Vec<String> = found
            .iter()
            .map(|it| format!("{}: {}", it.place, it.value))
            .collect();
        assert_eq!(
            found,
            [
                "X-Powered-By: PHP/8.2.1",
                "<meta name=\"Generator\">: DeskPRO 1359676800"
            ]
        );
        let json = reply(&[], r#"{"data":{"is_deskpro":true,"build":417}}"#);
        assert_eq!(version_page("u", &json).unwrap().value, "build 417");
        assert!(version_page("u", &reply(&[], "<html>")).is_none());
    }
}
