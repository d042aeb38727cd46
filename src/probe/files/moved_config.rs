//! The one edit of v4's `index.php` that its own comment invites to: where `config.php` lies. A file
//! that differs from the release in that path alone is what the release shipped. Refuses anything but
//! a path that is spelled out: the place itself is read and judged elsewhere.

/// How the release writes the line, before and after the path, and the path itself.
const BEFORE: &[u8] = b"define('DP_CONFIG_FILE',";
const AFTER: &[u8] = b");";
const SHIPPED: &[u8] = b" dirname(__FILE__) . '/config.php'";

/// What a spelled-out path may hold besides texts.
const WORDS: [&[u8]; 9] = [
    b"dirname(",
    b"__FILE__",
    b"__DIR__",
    b"DIRECTORY_SEPARATOR",
    b")",
    b".",
    b",",
    b" ",
    b"2",
];

/// The file with the path that the release ships; `None` where that line is not there, or holds more
/// than a path.
pub(super) fn restored(bytes: &[u8]) -> Option<Vec<u8>> {
    let start = find(bytes, BEFORE)? + BEFORE.len();
    let rest = bytes.get(start..)?;
    let line = rest.split(|byte| matches!(byte, b'\n' | b'\r')).next()?;
    let end = line.strip_suffix(AFTER)?.len();
    if !is_path(line.get(..end)?) {
        return None;
    }
    Some([bytes.get(..start)?, SHIPPED, rest.get(end..)?].concat())
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// Texts without escapes or variables, joined; nothing that calls or computes.
fn is_path(mut rest: &[u8]) -> bool {
    while let Some((first, after)) = rest.split_first() {
        if matches!(first, b'\'' | b'"') {
            let Some(end) = after.iter().position(|byte| byte == first) else {
                return false;
            };
            let (text, closed) = after.split_at(end);
            if text.iter().any(|byte| matches!(byte, b'\\' | b'$')) {
                return false;
            }
            rest = closed.get(1..).unwrap_or_default();
        } else if let Some(left) = WORDS.iter().find_map(|word| rest.strip_prefix(*word)) {
            rest = left;
        } else {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_is_restored() {
        let line = |path: &str| {
            format!(
                "<?php\nif (!defined('DP_CONFIG_FILE')) define('DP_CONFIG_FILE',{path});\r\nx();\n"
            )
        };
        let shipped = line(" dirname(__FILE__) . '/config.php'");
        for path in [
            " '/srv/private/config.php'",
            " dirname(__FILE__) . '/../private/config.php'",
            "__DIR__.\"/../x.php\"",
            " dirname(__DIR__, 2) . DIRECTORY_SEPARATOR . 'x.php'",
        ] {
            assert_eq!(
                restored(line(path).as_bytes()),
                Some(shipped.clone().into_bytes()),
                "{path}"
            );
        }
        for path in [
            " $_GET['x']",
            " 'x'); eval($_POST['y']",
            " \"$x\"",
            " 'a\\'b'",
            " file_get_contents('x')",
            " 'unclosed",
        ] {
            assert_eq!(restored(line(path).as_bytes()), None, "{path}");
        }
        assert_eq!(restored(b"<?php\n"), None);
    }
}
