//! Versions of TLS. nginx takes those of the first, or default, server of an address: the name that the
//! client asks for is known too late (ngx_http_ssl_module, `ssl_protocols`; later releases take the own
//! server's, so both are mended). Apache takes those of the virtual host since 2.4.43 with OpenSSL 1.1.1.

use super::{Door, Ground, Mend};
use crate::route::{Directive, Entrance, Place};
use crate::target::servers::Program;
use crate::target::web_server::Parsed;
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

const ABOUT: &str = "protocols";
const NGINX: &str = "ssl_protocols TLSv1.2 TLSv1.3;";
/// Every Apache takes it, also one that has never heard of TLS 1.3.
const APACHE: &str = "SSLProtocol all -SSLv3 -TLSv1 -TLSv1.1";

impl Ground<'_> {
    /// # Errors
    /// Why a person has to do it.
    pub(super) fn protocols(&mut self) -> Result<(), String> {
        let tls = &self.live.tls;
        let none_old = tls.old_versions.known().is_some_and(Vec::is_empty);
        let is_modern = none_old && tls.modern.known() == Some(&true);
        if is_modern || tls.offered.known() != Some(&true) {
            return Ok(());
        }
        let door = self.door(&format!("https://{}/", self.live.tls.address))?;
        if !door.entrance.tls {
            return Err(format!(
                "by {} nothing speaks TLS there: another program does",
                door.server.config.display()
            ));
        }
        match &door.server.parsed {
            Parsed::Nginx { tree, .. } => {
                for at in blocks(&door.entrance, true) {
                    let outer = tree.directives.iter().find(|it| it.is("http"));
                    self.nginx(&door, at, outer.map_or(&[][..], Directive::inside))?;
                }
            }
            Parsed::Apache { version, .. } => {
                let old = version.is_none_or(|version| version < (2, 4, 43));
                for at in blocks(&door.entrance, old) {
                    self.apache(&door, at)?;
                }
            }
        }
        Ok(())
    }

    fn nginx(
        &mut self,
        door: &Door<'_>,
        at: Option<&Place>,
        outer: &[Directive],
    ) -> Result<(), String> {
        let (at, inside) = door.block(at).ok_or("the server block was not found")?;
        let commands = inside.iter().chain(outer);
        if let Some(command) = commands.filter(|it| it.is("ssl_conf_command")).find(|it| {
            it.args
                .first()
                .is_some_and(|word| names_versions(&word.text()))
        }) {
            return Err(format!(
                "{}: ssl_conf_command names versions as well",
                command.at
            ));
        }
        let own = inside.iter().find(|it| it.is("ssl_protocols"));
        let said = own.or_else(|| outer.iter().find(|it| it.is("ssl_protocols")));
        if said.is_some_and(|said| !takes_old_nginx(said)) {
            return Ok(());
        }
        match own {
            Some(own) => {
                let because = format!("it says {}", spelled(own));
                self.add(
                    ABOUT,
                    Program::Nginx,
                    &own.at,
                    Mend::Line(nginx_line),
                    because,
                );
            }
            None => {
                let because = said.map_or_else(
                    || "no ssl_protocols holds for it: nginx's own default does".to_owned(),
                    |said| format!("{} holds for it ({})", spelled(said), said.at),
                );
                let lines = Mend::Block(NGINX.to_owned());
                self.add(ABOUT, Program::Nginx, &at, lines, because);
            }
        }
        Ok(())
    }

    fn apache(&mut self, door: &Door<'_>, at: Option<&Place>) -> Result<(), String> {
        let (at, inside) = door.block(at).ok_or("the virtual host was not found")?;
        let own: Vec<&Directive> = inside.iter().filter(|it| it.is("SSLProtocol")).collect();
        // What stands in a section of its own may hold or not; what stands last in the host does.
        let nested = inside
            .iter()
            .any(|it| it.children.is_some() && says_protocol(it));
        if own.is_empty() || nested {
            let because =
                "the server's own SSLProtocol holds for it, or Apache's default".to_owned();
            let lines = Mend::Block(APACHE.to_owned());
            self.add(ABOUT, Program::Apache, &at, lines, because);
            return Ok(());
        }
        for line in own.into_iter().filter(|it| takes_old_apache(it)) {
            let because = format!("it says {}", spelled(line));
            self.add(
                ABOUT,
                Program::Apache,
                &line.at,
                Mend::Line(apache_line),
                because,
            );
        }
        Ok(())
    }
}

/// The block that answers, and the first one of the address where its word counts too.
fn blocks(entrance: &Entrance, first: bool) -> Vec<Option<&Place>> {
    let mut found = vec![entrance.answers.as_ref()];
    if first && entrance.first != entrance.answers {
        found.push(entrance.first.as_ref());
    }
    found
}

fn spelled(directive: &Directive) -> String {
    let mut text = directive.name.text().into_owned();
    for word in &directive.args {
        text.push(' ');
        text.push_str(&word.text());
    }
    text
}

/// SSL_CONF_cmd(3).
fn names_versions(command: &str) -> bool {
    let names = ["Protocol", "MinProtocol", "MaxProtocol"];
    names.iter().any(|name| command.eq_ignore_ascii_case(name))
}

fn takes_old_nginx(directive: &Directive) -> bool {
    let modern = |word: &str| matches!(word, "TLSv1.2" | "TLSv1.3");
    !directive.args.iter().all(|word| modern(&word.text()))
}

/// mod_ssl (`ssl_cmd_protocol_parse`): each word adds to what is taken, or takes away from it. SSLv3 is
/// in no build any more.
fn takes_old_apache(directive: &Directive) -> bool {
    const OLD: [&str; 2] = ["tlsv1", "tlsv1.1"];
    const MODERN: [&str; 2] = ["tlsv1.2", "tlsv1.3"];
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    for word in &directive.args {
        let word = word.text().to_ascii_lowercase();
        let name = word.trim_start_matches(['+', '-']);
        for version in OLD.into_iter().chain(MODERN) {
            if name != "all" && name != version {
                continue;
            }
            if word.starts_with('-') {
                taken.remove(version);
            } else {
                taken.insert(version);
            }
        }
    }
    OLD.iter().any(|old| taken.contains(old)) || !MODERN.iter().any(|it| taken.contains(it))
}

fn says_protocol(section: &Directive) -> bool {
    let mut inside = section.inside().iter();
    inside.any(|it| it.is("SSLProtocol") || says_protocol(it))
}

/// A line that says this and nothing else, but for a comment.
fn nginx_line(text: &str) -> Option<String> {
    static SAID: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^ssl_protocols\s+[^;#{}]*;(\s*#.*)?$").ok());
    let said = SAID.as_ref()?;
    let comment = said.captures(text)?.get(1).map_or("", |it| it.as_str());
    Some(format!("{NGINX}{comment}"))
}

fn apache_line(text: &str) -> Option<String> {
    let word = text.split_whitespace().next()?;
    let whole = word.eq_ignore_ascii_case("SSLProtocol") && !text.ends_with('\\');
    whole.then(|| APACHE.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::{NoSources, nginx};
    use std::path::Path;

    #[test]
    fn versions_that_apache_takes() {
        for (words, old) in [
            ("all", true),
            ("all -SSLv3", true),
            ("all -SSLv3 -TLSv1", true),
            ("ALL -sslv3 -tlsv1 -tlsv1.1", false),
            ("-all +TLSv1.2 +TLSv1.3", false),
            ("TLSv1.3", false),
            ("-all +TLSv1.2 +TLSv1", true),
            ("all -TLSv1 -TLSv1.1 +TLSv1", true),
            ("TLSv1 all -all +TLSv1.2", false),
            ("-all", true),
        ] {
            // Both servers' words are separated alike.
            let text = format!("SSLProtocol {words};");
            let tree = nginx::parse(Path::new("/a"), text.as_bytes(), &NoSources);
            assert_eq!(takes_old_apache(&tree.directives[0]), old, "{words}");
        }
    }

    #[test]
    fn only_whole_lines_are_replaced() {
        for (text, expected) in [
            ("ssl_protocols TLSv1 TLSv1.2;", Some(NGINX)),
            (
                "ssl_protocols  TLSv1; # old printers",
                Some("ssl_protocols TLSv1.2 TLSv1.3; # old printers"),
            ),
            ("ssl_protocols TLSv1; ssl_ciphers ALL;", None),
            ("server { ssl_protocols TLSv1;", None),
            ("ssl_protocols", None),
        ] {
            assert_eq!(nginx_line(text).as_deref(), expected, "{text}");
        }
        assert_eq!(apache_line("sslprotocol all").as_deref(), Some(APACHE));
        assert_eq!(apache_line("SSLProtocol all \\"), None);
    }
}
