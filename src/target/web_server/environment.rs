//! The shell files that give Apache its environment: Debian's `envvars`, RHEL's `sysconfig`.
//! Refuses to run them: plain assignments are read, and a name with two values has none.

use crate::host::Host;
use crate::route::apache::Variables;
use std::collections::BTreeMap;
use std::path::Path;

/// The variables that Apache gets from the files beside this configuration.
pub(super) fn environment(host: &Host, config: &Path, missed: &mut Vec<String>) -> Variables {
    let beside = config.with_file_name("envvars");
    let mut variables = Variables::default();
    for file in [beside.as_path(), Path::new("/etc/sysconfig/httpd")] {
        match host.read_file(file, 1 << 20) {
            Ok(text) => {
                let text = text.unwrap_or_default();
                for (name, value) in assignments(&String::from_utf8_lossy(&text)) {
                    variables.define(name, value);
                }
            }
            Err(reason) => missed.push(reason),
        }
    }
    variables
}

fn assignments(text: &str) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, Option<String>> = BTreeMap::new();
    for line in text.lines() {
        let words = shlex::split(line).unwrap_or_default();
        // `: ${NAME:=value}` sets a name that has no value yet.
        let words = words
            .iter()
            .filter(|word| !matches!(word.as_str(), "export" | ":"));
        for word in words {
            let default = word.strip_prefix("${").and_then(|w| w.strip_suffix('}'));
            let pair = default
                .and_then(|inner| inner.split_once(":="))
                .or_else(|| word.split_once('='));
            let Some((name, value)) = pair.filter(|(name, _)| is_name(name)) else {
                break;
            };
            let value = expand(value, &found);
            let slot = found.entry(name.to_owned());
            slot.and_modify(|known| {
                if *known != value {
                    *known = None;
                }
            })
            .or_insert(value);
        }
    }
    let known = found.into_iter();
    known
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The value with `$NAME` replaced; nothing if it needs more of a shell than that.
fn expand(value: &str, known: &BTreeMap<String, Option<String>>) -> Option<String> {
    let mut parts = value.split('$');
    let mut out = parts.next()?.to_owned();
    for part in parts {
        let (name, rest) = if let Some(inner) = part.strip_prefix('{') {
            inner.split_once('}')?
        } else {
            let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            part.split_at(end.unwrap_or(part.len()))
        };
        out.push_str(known.get(name)?.as_ref()?);
        out.push_str(rest);
    }
    (!out.contains('`')).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_s_file_is_understood() {
        let text = "# envvars\nunset HOME\nif [ \"${X##/etc/apache2-}\" != \"$X\" ] ; then\n\
            \tSUFFIX=\"-${X##/etc/apache2-}\"\nelse\n\tSUFFIX=\nfi\n\
            export APACHE_RUN_USER=www-data\n: ${APACHE_RUN_GROUP:=www-data}\n\
            export APACHE_LOG_DIR=/var/log/apache2$SUFFIX\nA=\"x y\" B='z' C=$A/c\n\
            export LANG=C\nTWICE=1\nTWICE=2\n";
        let found = assignments(text);
        let expected = [
            ("A", "x y"),
            ("APACHE_RUN_GROUP", "www-data"),
            ("APACHE_RUN_USER", "www-data"),
            ("B", "z"),
            ("C", "x y/c"),
            ("LANG", "C"),
        ];
        let expected = expected.map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(found, expected.into_iter().collect());
    }
}
