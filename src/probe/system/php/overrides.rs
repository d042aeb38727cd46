//! What changes PHP's settings outside of its ini files and pools: `PHP_VALUE` of nginx's, `php_value`
//! and its siblings of Apache's, `.htaccess`, and `.user.ini`.

use crate::host::Host;
use crate::host::glob::LARGEST_CONFIG;
use crate::route::apache::{Start, Variables, parse};
use crate::route::{Directive, NoSources, Place, Tree};
use crate::target::Target;
use crate::target::php_ini::Ini;
use crate::target::php_runtime::PhpRuntime;
use crate::target::web_server::Parsed;
use std::path::{Path, PathBuf};

/// A setting that is changed for some requests or all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Override {
    pub(super) name: String,
    pub(super) value: String,
    /// Whether neither `.user.ini` nor a script can change it.
    pub(super) admin: bool,
    /// Whether it holds for every request of the install.
    pub(super) broad: bool,
    /// How its file writes it; nothing where no line of its own does.
    pub(super) written: Option<Written>,
    pub(super) at: Place,
}

/// How a file writes a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    /// `name = value`.
    Ini,
    /// A directive of Apache's and the name: `php_admin_flag expose_php`.
    Apache(String),
}

/// All of them for one PHP, and why there may be more.
pub(super) fn overrides(
    host: &Host,
    target: &Target,
    runtime: &PhpRuntime,
) -> (Vec<Override>, Vec<String>) {
    let mut found = Vec::new();
    let mut missed = Vec::new();
    let roots = roots(target);
    for server in &target.servers.programs {
        match &server.parsed {
            Parsed::Nginx { tree, .. } if runtime.listen.is_some() => nginx(tree, &mut found),
            Parsed::Apache { config, .. } if runtime.listen.is_none() => {
                let apache = Apache {
                    roots: &roots,
                    old: old_modules(&config.tree),
                };
                apache.walk(&config.tree.directives, true, &mut found);
                for root in &roots {
                    match htaccess(host, root) {
                        Ok(directives) => apache.walk(&directives, false, &mut found),
                        Err(reason) => missed.push(reason),
                    }
                }
            }
            _ => {}
        }
    }
    if runtime.listen.is_some() {
        let name = runtime.ini.get("user_ini.filename");
        let name = name.map_or(".user.ini", |it| it.value.as_str());
        if !name.is_empty() {
            for root in &roots {
                let mut ini = Ini::default();
                ini.add(host, &root.join(name));
                missed.extend(ini.missed);
                found.extend(ini.settings.into_iter().map(|it| Override {
                    name: it.name,
                    value: it.value,
                    admin: false,
                    broad: false,
                    written: Some(Written::Ini),
                    at: it.at,
                }));
            }
        }
    }
    (found, missed)
}

/// The published directories that the install's entry points lie in.
fn roots(target: &Target) -> Vec<PathBuf> {
    let all = target
        .document_roots
        .rows
        .iter()
        .map(|root| PathBuf::from(&root.path));
    let ours = |root: &PathBuf| root.starts_with(&target.root) || target.root.starts_with(root);
    all.filter(ours).collect()
}

/// `fastcgi_param PHP_VALUE "a=1 \n b=2"` (main/fastcgi; php.net, «install.fpm.configuration»).
fn nginx(tree: &Tree, found: &mut Vec<Override>) {
    fn walk(directives: &[Directive], found: &mut Vec<Override>) {
        for directive in directives {
            walk(directive.inside(), found);
            let [name, value] = directive.args.as_slice() else {
                continue;
            };
            let admin = *name == "PHP_ADMIN_VALUE";
            if !directive.is("fastcgi_param") || !(admin || *name == "PHP_VALUE") {
                continue;
            }
            let text = value.text().replace("\\n", "\n");
            for pair in text.split(['\n', ';']) {
                if let Some((name, value)) = pair.split_once('=') {
                    found.push(Override {
                        name: name.trim().to_owned(),
                        value: value.trim().trim_matches('"').to_owned(),
                        admin,
                        broad: false,
                        written: None,
                        at: directive.at.clone(),
                    });
                }
            }
        }
    }
    walk(&tree.directives, found);
}

struct Apache<'a> {
    roots: &'a [PathBuf],
    /// Whether PHP 5's or PHP 7's module is loaded: sections for them hold only then.
    old: bool,
}

impl Apache<'_> {
    fn walk(&self, directives: &[Directive], broad: bool, found: &mut Vec<Override>) {
        for directive in directives {
            if let Some(children) = &directive.children {
                let argument = directive.args.first();
                let is_old = argument.is_some_and(|it| it.is("mod_php5.c") || it.is("mod_php7.c"));
                if directive.is("IfModule") && is_old && !self.old {
                    continue;
                }
                let holds_all = directive.is("Directory")
                    && argument.is_some_and(|it| {
                        self.roots.iter().all(|root| root.starts_with(it.path()))
                    });
                let neutral = ["VirtualHost", "IfModule", "IfDefine", "IfVersion"];
                let is_neutral = neutral.iter().any(|name| directive.is(name));
                self.walk(children, broad && (holds_all || is_neutral), found);
                continue;
            }
            let admin = directive.is("php_admin_value") || directive.is("php_admin_flag");
            let sets = admin || directive.is("php_value") || directive.is("php_flag");
            if let ([name, value, ..], true) = (directive.args.as_slice(), sets) {
                found.push(Override {
                    name: name.text().into_owned(),
                    value: value.text().into_owned(),
                    admin,
                    broad,
                    written: Some(Written::Apache(format!(
                        "{} {}",
                        directive.name.text(),
                        name.text()
                    ))),
                    at: directive.at.clone(),
                });
            }
        }
    }
}

fn old_modules(tree: &Tree) -> bool {
    fn any(directives: &[Directive]) -> bool {
        directives.iter().any(|directive| {
            let name = directive.args.first();
            directive.is("LoadModule")
                && name.is_some_and(|it| it.is("php5_module") || it.is("php7_module"))
                || any(directive.inside())
        })
    }
    any(&tree.directives)
}

fn htaccess(host: &Host, root: &Path) -> Result<Vec<Directive>, String> {
    let file = root.join(".htaccess");
    let Some(text) = host.read_file(&file, LARGEST_CONFIG)? else {
        return Ok(Vec::new());
    };
    let start = Start {
        server_root: "/".into(),
        variables: Variables::default(),
    };
    Ok(parse(&file, &text, start, &NoSources).tree.directives)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::nginx as language;

    #[test]
    fn nginx_sets_several_at_once() {
        let text = b"http { server { location / { fastcgi_param PHP_VALUE \"display_errors=1 \\n expose_php=off\"; fastcgi_param PHP_ADMIN_VALUE display_errors=0; } } }";
        let mut found = Vec::new();
        nginx(
            &language::parse(Path::new("/n"), text, &NoSources),
            &mut found,
        );
        let short: Vec<_> = found
            .iter()
            .map(|it| (it.name.as_str(), it.value.as_str(), it.admin))
            .collect();
        assert_eq!(
            short,
            [
                ("display_errors", "1", false),
                ("expose_php", "off", false),
                ("display_errors", "0", true)
            ]
        );
    }

    #[test]
    fn apache_s_sections_say_how_far_a_line_reaches() {
        let text = b"php_flag a on\n<VirtualHost *>\n<Directory /srv>\nphp_admin_flag b off\n</Directory>\n<Directory /srv/dp/web>\nphp_value c 1\n</Directory>\n</VirtualHost>\n<IfModule mod_php5.c>\nphp_flag d on\n</IfModule>\n";
        let start = Start {
            server_root: "/".into(),
            variables: Variables::default(),
        };
        let config = parse(Path::new("/a"), text, start, &NoSources);
        let roots = [PathBuf::from("/srv/dp")];
        let apache = Apache {
            roots: &roots,
            old: false,
        };
        let mut found = Vec::new();
        apache.walk(&config.tree.directives, true, &mut found);
        let short: Vec<_> = found
            .iter()
            .map(|it| (it.name.as_str(), it.admin, it.broad, it.at.line))
            .collect();
        assert_eq!(
            short,
            [
                ("a", false, true, 1),
                ("b", true, true, 4),
                ("c", false, false, 7)
            ]
        );
    }
}
