//! Whose configuration a text is. Refuses to look at its name: people name files as they like.

use super::{NoSources, apache, nginx};
use std::path::{Path, PathBuf};

/// Whose language a text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file of nginx's.
    Nginx,
    /// The output of `nginx -T`.
    NginxDump,
    /// A file of Apache's.
    Apache,
}

/// Whose configuration the text is: the language that it is right in, else the one it looks like.
#[must_use]
pub fn kind(text: &[u8]) -> Kind {
    if nginx::Dump::split(text).is_some() {
        return Kind::NginxDump;
    }
    let file = Path::new("/configuration");
    let include = |message: &str| message.contains("does not exist");
    let as_nginx = nginx::parse(file, text, &NoSources);
    if as_nginx.problems.iter().all(|p| include(&p.message)) {
        return Kind::Nginx;
    }
    let start = apache::Start {
        server_root: PathBuf::from("/"),
        variables: apache::Variables::default(),
    };
    let as_apache = apache::parse(file, text, start, &NoSources).tree;
    let broken = as_apache
        .problems
        .iter()
        .any(|p| p.message.contains("section"));
    let ends = |end: &[u8]| {
        let lines = text.split(|byte| *byte == b'\n');
        lines
            .filter(|line| line.trim_ascii_end().ends_with(end))
            .count()
    };
    if broken || ends(b";") + ends(b"{") > ends(b">") + as_apache.directives.len() / 2 {
        Kind::Nginx
    } else {
        Kind::Apache
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_whose_it_is() {
        for (text, expected) in [
            ("events {}\nhttp { include x; }\n", Kind::Nginx),
            ("http {\n  server {\n    root /a;\n  \n", Kind::Nginx),
            (
                "ServerRoot /x\nInclude y\n<VirtualHost *>\n</VirtualHost>",
                Kind::Apache,
            ),
            ("User a\nGroup b\n", Kind::Apache),
            (
                "# configuration file /etc/nginx/nginx.conf:\nuser a;\n",
                Kind::NginxDump,
            ),
        ] {
            assert_eq!(kind(text.as_bytes()), expected, "{text}");
        }
    }
}
