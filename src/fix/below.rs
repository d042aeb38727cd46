//! Paths below a directory, by their whole names. Refuses nothing: paths are absolute and without `..`.

/// The rest of a path that is this one or lies below it, from its slash on.
pub(super) fn below<'a>(path: &'a str, directory: &str) -> Option<&'a str> {
    let directory = directory.strip_suffix('/').unwrap_or(directory);
    let rest = path.strip_prefix(directory)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// Whether a path lies below a directory, and is not the directory.
pub(super) fn is_below(path: &str, directory: &str) -> bool {
    below(path, directory).is_some_and(|rest| rest.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_is_below_and_not_beside() {
        for (path, directory, below) in [
            ("/a/b", "/a", true),
            ("/a/b", "/a/", true),
            ("/a", "/a", false),
            ("/ab", "/a", false),
            ("/a", "/", true),
        ] {
            assert_eq!(is_below(path, directory), below, "{path} {directory}");
        }
    }
}
