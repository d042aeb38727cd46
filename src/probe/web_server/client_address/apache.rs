//! Apache: mod_remoteip, which believes every client where it has a header and no list of proxies
//! (mod_remoteip.c, `remoteip_modify_request`).

use super::{is_vast, row};
use crate::facts::AddressTrust;
use crate::host::Host;
use crate::host::glob::LARGEST_CONFIG;
use crate::route::Directive;
use crate::route::apache::Config;
use std::path::Path;

pub(super) fn observe(
    host: &Host,
    config: &Config,
    file: &Path,
) -> Result<Vec<AddressTrust>, String> {
    let mut all = Vec::new();
    collect(&config.tree.directives, &mut all);
    let loaded = all.iter().any(|directive| {
        let name = directive.args.first();
        directive.is("LoadModule") && name.is_some_and(|name| name.is("remoteip_module"))
    });
    let mut rows = Vec::new();
    // Without the module its directives stand in an <IfModule> that does not hold, or Apache would
    // not start.
    if loaded {
        if let Some(header) = all.iter().find(|d| d.is("RemoteIPHeader")) {
            rows.push(judge(host, config, &all, header)?);
        }
        let protocol = all.iter().find(|directive| {
            let value = directive.args.first();
            directive.is("RemoteIPProxyProtocol") && value.is_some_and(|value| value.is("On"))
        });
        rows.extend(protocol.map(|directive| {
            let because =
                "RemoteIPProxyProtocol lets whoever connects name the client's address".to_owned();
            row("apache", "everyone", because, Some(&directive.at))
        }));
    }
    if rows.is_empty() {
        let because = format!(
            "{} names no proxy: the address is that of the connection",
            file.display()
        );
        let mut plain = row("apache", "none", because, None);
        plain.path = file.to_string_lossy().into_owned();
        rows.push(plain);
    }
    Ok(rows)
}

fn judge(
    host: &Host,
    config: &Config,
    all: &[&Directive],
    header: &Directive,
) -> Result<AddressTrust, String> {
    let name = header.args.first().map(|word| word.text());
    let name = name.unwrap_or_default();
    let mut listed: Vec<(String, &Directive)> = Vec::new();
    for directive in all {
        if directive.is("RemoteIPInternalProxy") || directive.is("RemoteIPTrustedProxy") {
            let words = directive.args.iter();
            listed.extend(words.map(|word| (word.text().into_owned(), *directive)));
        } else if let Some(word) = directive.args.first()
            && (directive.is("RemoteIPInternalProxyList")
                || directive.is("RemoteIPTrustedProxyList"))
        {
            let path = config
                .server_root
                .join(config.variables.resolve(word)?.path());
            let text = host
                .read_file(&path, LARGEST_CONFIG)?
                .ok_or_else(|| format!("{}: {} does not exist", directive.at, path.display()))?;
            let text = String::from_utf8_lossy(&text).into_owned();
            let words = text
                .lines()
                .map(|line| line.split('#').next().unwrap_or_default());
            let words = words.flat_map(str::split_ascii_whitespace);
            listed.extend(words.map(|word| (word.to_owned(), *directive)));
        }
    }
    if listed.is_empty() {
        let because = format!(
            "RemoteIPHeader {name} without a list of proxies lets every client name its own address"
        );
        return Ok(row("apache", "everyone", because, Some(&header.at)));
    }
    Ok(match listed.iter().find(|(word, _)| is_vast(word)) {
        Some((word, directive)) => {
            let because = format!(
                "{} {word} lets every client name its own address in {name}",
                directive.name.text()
            );
            row("apache", "everyone", because, Some(&directive.at))
        }
        None => {
            let words: Vec<&str> = listed.iter().map(|(word, _)| word.as_str()).collect();
            let because = format!(
                "{} may name the client's address in {name}",
                words.join(", ")
            );
            row("apache", "listed", because, Some(&header.at))
        }
    })
}

fn collect<'a>(directives: &'a [Directive], found: &mut Vec<&'a Directive>) {
    for directive in directives {
        match &directive.children {
            Some(children) => collect(children, found),
            None => found.push(directive),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::NoSources;
    use crate::route::apache::{Start, Variables, parse};

    fn who(text: &str) -> (String, u32) {
        let start = Start {
            server_root: "/".into(),
            variables: Variables::default(),
        };
        let text = format!("LoadModule remoteip_module x.so\n{text}");
        let config = parse(Path::new("/a"), text.as_bytes(), start, &NoSources);
        let rows = observe(&Host::default(), &config, Path::new("/a")).unwrap();
        (rows[0].who.known().unwrap().clone(), rows[0].line)
    }

    #[test]
    fn a_header_without_a_list_is_believed_from_everyone() {
        assert_eq!(who("ServerName x"), ("none".to_owned(), 0));
        assert_eq!(
            who("RemoteIPHeader X-Forwarded-For"),
            ("everyone".to_owned(), 2)
        );
        assert_eq!(
            who("RemoteIPHeader X-Forwarded-For\nRemoteIPInternalProxy 10.0.0.7 10.1.0.0/16"),
            ("listed".to_owned(), 2)
        );
        assert_eq!(
            who("RemoteIPHeader X-Forwarded-For\nRemoteIPTrustedProxy 0.0.0.0/1"),
            ("everyone".to_owned(), 3)
        );
        assert_eq!(
            who("<VirtualHost *>\nRemoteIPProxyProtocol On\n</VirtualHost>"),
            ("everyone".to_owned(), 3)
        );
    }
}
