//! Patterns over a request's path, decoded as servers decode it, that hold for a request that did harm
//! and for all others like it: what a rule has to refuse. Refuses to make one that would hold for the
//! whole site, and one that no configuration can spell.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// No pattern is longer: nginx reads its words through a buffer of 4096 bytes.
const LONGEST: usize = 3000;

/// The path itself, and what a client adds behind it.
pub(super) fn exact(url: &str) -> Option<String> {
    let path = decoded(url)?;
    let spelled = spelled(&path)?;
    (!spelled.is_empty()).then(|| format!("^{spelled}(/|\\z)"))
}

/// Every path below the directory whose content is reached, where the URL goes on like the subject's
/// own path from there. `top` is the outermost such directory; `more` stands behind the URL.
pub(super) fn below(url: &str, more: &str, subject: &Path, top: &Path) -> Option<String> {
    let path = decoded(url)?;
    let path = path.strip_suffix(more).unwrap_or(&path);
    let rest: Vec<&Path> = subject
        .ancestors()
        .take_while(|above| above.starts_with(top))
        .filter_map(|above| subject.strip_prefix(above).ok())
        .collect();
    let longest = rest.into_iter().rev();
    let mut tails = longest.map(|rest| std::str::from_utf8(rest.as_os_str().as_bytes()));
    let prefix = tails.find_map(|tail| {
        let tail = tail.ok()?;
        let path = path.trim_end_matches('/');
        if tail.is_empty() {
            return Some(path);
        }
        path.strip_suffix(tail)?.strip_suffix('/')
    })?;
    let spelled = spelled(prefix)?;
    (!spelled.is_empty()).then(|| format!("^{spelled}(/|\\z)"))
}

/// Every file of the same kind in the same directory and below it.
pub(super) fn alike(url: &str) -> Option<String> {
    let path = decoded(url)?;
    if path.split('/').any(|part| part.starts_with('.')) {
        // Not behind a script: what a customer attached may have any name.
        return Some("^(?!.*\\.php/).*/\\.(?!well-known/)".to_owned());
    }
    let (directory, name) = path.rsplit_once('/')?;
    let directory = spelled(directory)?;
    match name.rsplit_once('.') {
        Some((_, extension)) if !directory.is_empty() => {
            let extension = spelled_part(extension)?;
            Some(format!("^{directory}/+.*\\.{extension}(/|\\z)"))
        }
        _ => exact(url),
    }
}

/// Two patterns as one; nothing where either is missing, so that no rule closes half of what it says.
pub(super) fn both(one: &str, other: &str) -> String {
    if one.is_empty() || other.is_empty() {
        return String::new();
    }
    if one
        .split("|^")
        .any(|part| part.trim_start_matches('^') == other.trim_start_matches('^'))
    {
        return one.to_owned();
    }
    let joined = format!("{one}|{other}");
    if joined.len() > LONGEST {
        String::new()
    } else {
        joined
    }
}

/// The path of a URL without its query, percent signs decoded.
fn decoded(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let path = rest.get(rest.find('/')?..)?;
    let path = path.split(['?', '#']).next()?;
    let mut bytes = path.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            out.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

/// Path as a pattern; servers that do not merge slashes see as many as a client sends.
fn spelled(path: &str) -> Option<String> {
    let parts = path.split('/').filter(|part| !part.is_empty());
    let parts = parts.map(|part| Some(format!("/+{}", spelled_part(part)?)));
    parts.collect()
}

/// One name as a pattern. A dollar or a percent sign would be expanded by the servers.
fn spelled_part(part: &str) -> Option<String> {
    let mut out = String::new();
    for c in part.chars() {
        if c.is_control() || matches!(c, '$' | '%') || matches!(part, "." | "..") {
            return None;
        }
        if c.is_ascii() && !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '~' | ' ') {
            out.push('\\');
        }
        out.push(c);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_hold_for_what_is_like_it() {
        let spell = |url| exact(url).unwrap_or_default();
        assert_eq!(
            spell("http://h/c/config.php?x"),
            "^/+c/+config\\.php(/|\\z)"
        );
        assert_eq!(spell("http://h:8080/a%20b/c%2Bd"), "^/+a b/+c\\+d(/|\\z)");
        assert_eq!(spell("http://h/"), "");
        assert_eq!(spell("http://h/$x"), "");
        let under = |url: &str, more: &str, subject: &str| {
            below(url, more, Path::new(subject), Path::new("/srv/data")).unwrap_or_default()
        };
        assert_eq!(
            under("http://h/d/files/x", "", "/srv/data/files/x"),
            "^/+d(/|\\z)"
        );
        assert_eq!(
            under("http://h/f/x", "", "/srv/data/files/x"),
            "^/+f(/|\\z)"
        );
        assert_eq!(
            under("http://h/d/a.jpg/x.php", "/x.php", "/srv/data/a.jpg"),
            "^/+d(/|\\z)"
        );
        assert_eq!(under("http://h/d/", "/", "/srv/data"), "^/+d(/|\\z)");
        assert_eq!(under("http://h/files/x", "", "/srv/data/files/x"), "");
        assert_eq!(
            under("http://h/odd", "", "/srv/data/files/x"),
            "^/+odd(/|\\z)"
        );
        let kin = |url| alike(url).unwrap_or_default();
        assert_eq!(
            kin("http://h/app/src/X.php"),
            "^/+app/+src/+.*\\.php(/|\\z)"
        );
        assert_eq!(kin("http://h/cmd.php"), "^/+cmd\\.php(/|\\z)");
        assert_eq!(
            kin("http://h/.git/config"),
            "^(?!.*\\.php/).*/\\.(?!well-known/)"
        );
    }

    #[test]
    fn patterns_add_up_or_are_none() {
        assert_eq!(both("^a", "^b"), "^a|^b");
        assert_eq!(both("^a|^b", "^b"), "^a|^b");
        assert_eq!(both("^a", ""), "");
        assert_eq!(both(&"^a".repeat(1000), &"^b".repeat(1000)), "");
    }
}
