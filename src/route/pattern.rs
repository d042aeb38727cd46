//! Include patterns by the rules of glob(3), which nginx uses and Apache imitates: `*`, `?`, `[…]`,
//! no braces, no `**`, and a leading dot only matches itself. Pure: names come from the caller.

use globset::{GlobBuilder, GlobMatcher};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};

/// One link of a pattern.
#[derive(Debug, Clone)]
pub(crate) enum Link {
    /// A name, as it is.
    Name(Vec<u8>),
    /// Names that match.
    Any(GlobMatcher, bool),
}

impl Link {
    fn new(name: &OsStr) -> Result<Self, String> {
        let bytes = name.as_bytes();
        if !super::tree::is_pattern(bytes) {
            return Ok(Self::Name(bytes.to_vec()));
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|_| format!("the pattern {} is not UTF-8", name.display()))?;
        let mut escaped = String::with_capacity(text.len());
        for letter in text.chars() {
            // Braces mean nothing to glob(3), and two stars mean one.
            match letter {
                '{' | '}' => escaped.extend(['\\', letter]),
                '*' if escaped.ends_with('*') && !escaped.ends_with("\\*") => {}
                _ => escaped.push(letter),
            }
        }
        let glob = GlobBuilder::new(&escaped)
            .literal_separator(true)
            .backslash_escape(true)
            .build()
            .map_err(|e| format!("the pattern {text} cannot be understood: {e}"))?;
        Ok(Self::Any(glob.compile_matcher(), text.starts_with('.')))
    }

    /// Whether a name in this link's directory matches.
    pub(crate) fn matches(&self, name: &OsStr) -> bool {
        match self {
            Self::Name(literal) => literal == name.as_bytes(),
            Self::Any(glob, dotted) => {
                (*dotted || !name.as_bytes().starts_with(b".")) && glob.is_match(name)
            }
        }
    }
}

/// A pattern, link by link.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    pub(crate) links: Vec<Link>,
}

impl Pattern {
    /// Reads an absolute pattern.
    pub(crate) fn new(pattern: &Path) -> Result<Self, String> {
        let links = names(pattern).map(Link::new).collect::<Result<_, _>>()?;
        Ok(Self { links })
    }

    /// Whether a whole path matches.
    pub(crate) fn matches(&self, path: &Path) -> bool {
        names(path).count() == self.links.len()
            && names(path)
                .zip(&self.links)
                .all(|(name, link)| link.matches(name))
    }
}

fn names(path: &Path) -> impl Iterator<Item = &OsStr> {
    path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name),
        Component::ParentDir => Some(OsStr::new("..")),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_glob_3_and_not_the_shell() {
        let cases = [
            ("/a/*.conf", "/a/x.conf", true),
            ("/a/*.conf", "/a/.x.conf", false),
            ("/a/.*", "/a/.x", true),
            ("/a/*.conf", "/a/b/x.conf", false),
            ("/a/**/x", "/a/b/x", true),
            ("/a/**/x", "/a/b/c/x", false),
            ("/a/{x,y}*", "/a/x1", false),
            ("/a/{x,y}*", "/a/{x,y}1", true),
            ("/a/[!x]", "/a/y", true),
            ("/a/[^x]", "/a/x", false),
            ("/a/[a-c]?", "/a/b9", true),
            ("/a/\\**", "/a/*x", true),
            ("/a/\\**", "/a/x", false),
        ];
        for (pattern, path, expected) in cases {
            let pattern = Pattern::new(Path::new(pattern)).unwrap();
            assert_eq!(
                pattern.matches(Path::new(path)),
                expected,
                "{pattern:?} {path}"
            );
        }
    }
}
