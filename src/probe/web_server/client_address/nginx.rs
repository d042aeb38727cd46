//! nginx: `set_real_ip_from` with `real_ip_header`, and what PHP is told as `REMOTE_ADDR`
//! (ngx_http_realip_module, ngx_http_fastcgi_module).

use super::{is_vast, row};
use crate::facts::AddressTrust;
use crate::route::{Directive, Tree};
use std::collections::HashMap;
use std::path::Path;

/// Variables that stand for others are followed this deep.
const DEEPEST: usize = 8;

pub(super) fn observe(tree: &Tree, config: &Path) -> Vec<AddressTrust> {
    let mut reader = Reader {
        rows: Vec::new(),
        variables: HashMap::new(),
    };
    for http in tree.directives.iter().filter(|d| d.is("http")) {
        reader.define(http);
        reader.block(http, RealIp::default());
    }
    if reader.rows.is_empty() {
        let because = format!(
            "{} names no proxy: the address is that of the connection",
            config.display()
        );
        let mut plain = row("nginx", "none", because, None);
        plain.path = config.to_string_lossy().into_owned();
        reader.rows.push(plain);
    }
    reader.rows
}

/// What a block inherits: a level's own list replaces that of the level above.
#[derive(Clone, Default)]
struct RealIp<'a> {
    from: Vec<&'a Directive>,
    header: Option<&'a Directive>,
}

struct Reader {
    rows: Vec<AddressTrust>,
    /// What each variable is made of.
    variables: HashMap<String, Vec<String>>,
}

impl Reader {
    fn define(&mut self, block: &Directive) {
        for directive in block.inside() {
            let words: Vec<String> = directive
                .args
                .iter()
                .map(|word| word.text().into_owned())
                .collect();
            let (name, mut sources) = match words.as_slice() {
                [source, name] if directive.is("map") => (name, vec![source.clone()]),
                [name, value] if directive.is("set") => (name, vec![value.clone()]),
                _ => {
                    self.define(directive);
                    continue;
                }
            };
            let values = directive.inside().iter().flat_map(|row| &row.args);
            sources.extend(values.map(|word| word.text().into_owned()));
            let known = self.variables.entry(name.clone()).or_default();
            known.extend(sources);
        }
    }

    fn block<'a>(&mut self, block: &'a Directive, inherited: RealIp<'a>) {
        let own: Vec<&Directive> = block.all("set_real_ip_from").collect();
        let header = block.all("real_ip_header").last();
        let says_something = !own.is_empty() || header.is_some();
        let here = RealIp {
            from: if own.is_empty() { inherited.from } else { own },
            header: header.or(inherited.header),
        };
        if says_something && !here.from.is_empty() {
            self.rows.push(judge(&here));
        }
        for directive in block.inside() {
            if directive.children.is_some() {
                self.block(directive, here.clone());
            } else {
                self.remote_addr(directive);
            }
        }
    }

    /// What PHP is told instead of the connection's address.
    fn remote_addr(&mut self, directive: &Directive) {
        let [name, value] = directive.args.as_slice() else {
            return;
        };
        let tells = ["fastcgi_param", "uwsgi_param", "scgi_param"];
        if !tells.iter().any(|known| directive.is(known)) || *name != "REMOTE_ADDR" {
            return;
        }
        let value = value.text().into_owned();
        if self.is_the_client_s(&value, DEEPEST) {
            let because = format!(
                "PHP is told {value}, a header that every client may send, as the client's address"
            );
            self.rows
                .push(row("nginx", "everyone", because, Some(&directive.at)));
        }
    }

    /// Whether a value holds a header's text, also through a variable of the configuration's.
    fn is_the_client_s(&self, value: &str, depth: usize) -> bool {
        if value.contains("$http_")
            || value.contains("${http_")
            || value.contains("$proxy_add_x_forwarded_for")
        {
            return true;
        }
        depth > 0
            && self.variables.iter().any(|(name, sources)| {
                let bare = name.trim_start_matches('$');
                names(value, bare)
                    && sources
                        .iter()
                        .any(|source| self.is_the_client_s(source, depth - 1))
            })
    }
}

/// Whether a value holds this variable.
fn names(value: &str, variable: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    value.contains(&format!("${{{variable}}}"))
        || value
            .match_indices(&format!("${variable}"))
            .any(|(at, found)| {
                let rest = value.get(at + found.len()..).unwrap_or_default();
                !rest.starts_with(is_name)
            })
}

fn judge(here: &RealIp<'_>) -> AddressTrust {
    let header = here.header.and_then(|header| header.args.first());
    let header = header.map_or_else(|| "X-Real-IP".into(), |word| word.text());
    let words = |directive: &&Directive| {
        let word = directive.args.first();
        word.map(|word| word.text().into_owned())
            .unwrap_or_default()
    };
    let vast = here
        .from
        .iter()
        .find(|directive| is_vast(&words(directive)));
    match vast {
        Some(directive) => {
            let because = format!(
                "set_real_ip_from {} lets every client name its own address in {header}",
                words(directive)
            );
            row("nginx", "everyone", because, Some(&directive.at))
        }
        None => {
            let listed: Vec<String> = here.from.iter().map(words).collect();
            let because = format!(
                "{} may name the client's address in {header}",
                listed.join(", ")
            );
            let at = here.from.first().map(|directive| &directive.at);
            row("nginx", "listed", because, at)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::{NoSources, nginx};

    fn who(http: &str) -> Vec<(String, u32)> {
        let text = format!("http {{\n{http}\n}}");
        let tree = nginx::parse(Path::new("/n"), text.as_bytes(), &NoSources);
        let rows = observe(&tree, Path::new("/n")).into_iter();
        rows.map(|row| (row.who.known().unwrap().clone(), row.line))
            .collect()
    }

    fn says(who: &str, line: u32) -> (String, u32) {
        (who.to_owned(), line)
    }

    #[test]
    fn lists_are_inherited_and_replaced() {
        assert_eq!(who("server { }"), [says("none", 0)]);
        assert_eq!(
            who("set_real_ip_from 10.0.0.7;\nset_real_ip_from 0.0.0.0/0;\nserver { }"),
            [says("everyone", 3)]
        );
        assert_eq!(
            who("set_real_ip_from 10.0.0.7;\nreal_ip_header X-Forwarded-For;\nserver { }"),
            [says("listed", 2)]
        );
        assert_eq!(
            who("set_real_ip_from 10.0.0.7;\nserver {\nset_real_ip_from ::/0; }"),
            [says("listed", 2), says("everyone", 4)]
        );
        assert_eq!(
            who("real_ip_header X-Forwarded-For;\nserver {\n}"),
            [says("none", 0)],
            "a header alone is believed from nobody"
        );
    }

    #[test]
    fn what_php_is_told() {
        let params = |value: &str| {
            format!(
                "map $http_x_real_ip $ip {{ default $http_x_real_ip; }}\nserver {{ location / {{\nfastcgi_param REMOTE_ADDR {value};\n}} }}"
            )
        };
        assert_eq!(who(&params("$remote_addr")), [says("none", 0)]);
        assert_eq!(who(&params("$ipx")), [says("none", 0)]);
        assert_eq!(who(&params("$http_x_real_ip")), [says("everyone", 4)]);
        assert_eq!(who(&params("$ip")), [says("everyone", 4)]);
        assert_eq!(who(&params("${ip}")), [says("everyone", 4)]);
    }
}
