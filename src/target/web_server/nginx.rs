//! nginx: the `user` directive, and every `root` and `alias` at any level.
//! Refuses to decide which request meets which root; a root that a server merely could use is listed.

use super::find::Candidate;
use super::{Described, Parsed, Published, SaidBy, WorkerUser, scratch};
use crate::host::Host;
use crate::route::nginx::Dump;
use crate::route::{Directive, NoSources, Place, nginx};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reads what a configuration says.
pub(super) fn describe(host: &Host, candidate: &Candidate, text: &[u8]) -> Described {
    let config = &candidate.config;
    let dump = Dump::split(text).map(Arc::new);
    let tree = match &dump {
        Some(dump) => nginx::parse(&dump.main, dump.text(), dump.as_ref()),
        None => nginx::parse(config, text, host),
    };
    let by = PathBuf::from(format!("-g of {}", candidate.found_by));
    let argument = nginx::parse(&by, candidate.directives.as_bytes(), &NoSources);
    let mut publisher = Publisher {
        prefix: prefix(candidate),
        published: Vec::new(),
        known: BTreeMap::new(),
    };
    for http in tree.directives.iter().filter(|d| d.is("http")) {
        let root = first(http, "root");
        for server in http
            .all("server")
            .filter(|server| server.children.is_some())
        {
            publisher.server(server, root);
        }
    }
    let top = argument.directives.iter().chain(&tree.directives);
    let mut users: Vec<WorkerUser> = top.filter(|d| d.is("user")).filter_map(user).collect();
    if users.is_empty() {
        users.push(default_user(candidate));
    }
    let mut missed = Vec::new();
    missed.extend(argument.problems.iter().map(ToString::to_string));
    let (prefix, guessed) = publisher.prefix;
    Described {
        users,
        scratch: scratch::nginx(&tree, candidate, &prefix),
        published: publisher.published,
        parsed: Parsed::Nginx {
            tree: Arc::new(tree),
            prefix,
            guessed,
            dump,
        },
        pid_files: Vec::new(),
        missed,
    }
}

fn user(directive: &Directive) -> Option<WorkerUser> {
    let user = directive.args.first()?;
    // nginx takes the group that is called like the user.
    let group = directive.args.get(1).unwrap_or(user);
    Some(WorkerUser {
        user: user.text().into_owned(),
        group: Some(group.text().into_owned()),
        said_by: SaidBy::Line(directive.at.clone()),
    })
}

fn default_user(candidate: &Candidate) -> WorkerUser {
    let Some(compiled) = &candidate.compiled else {
        return WorkerUser {
            user: "nobody".to_owned(),
            group: None,
            said_by: SaidBy::Assumed(
                "no `user` directive: nginx's own default is nobody, a package may have compiled in \
                 another"
                    .to_owned(),
            ),
        };
    };
    let option = compiled.option("--user");
    WorkerUser {
        group: compiled.option("--group").or_else(|| option.clone()),
        user: option.unwrap_or_else(|| "nobody".to_owned()),
        said_by: SaidBy::Binary(compiled.binary.clone()),
    }
}

/// What relative paths are relative to, or a reason why that is a guess.
fn prefix(candidate: &Candidate) -> (PathBuf, Option<String>) {
    if let Some(prefix) = &candidate.prefix {
        return (prefix.clone(), None);
    }
    if let Some(compiled) = &candidate.compiled {
        let prefix = compiled.option("--prefix");
        return (
            prefix
                .unwrap_or_else(|| "/usr/local/nginx".to_owned())
                .into(),
            None,
        );
    }
    let prefix = if candidate.config.starts_with("/usr/local/nginx") {
        "/usr/local/nginx"
    } else {
        "/usr/share/nginx"
    };
    let reason = format!(
        "it is relative to nginx's prefix, which no binary tells; {prefix} was taken for granted"
    );
    (prefix.into(), Some(reason))
}

struct Publisher {
    prefix: (PathBuf, Option<String>),
    published: Vec<Published>,
    /// Where each line's directory is in the list: servers share what they inherit.
    known: BTreeMap<(Place, PathBuf), usize>,
}

impl Publisher {
    fn server(&mut self, server: &Directive, inherited: Option<&Directive>) {
        let mut names: Vec<String> = Vec::new();
        for directive in server.all("server_name") {
            names.extend(directive.args.iter().map(|name| name.text().into_owned()));
        }
        match first(server, "root").or(inherited) {
            Some(root) => self.directive(root, &names),
            None if may_use_default_root(server) => {
                self.push(Path::new("html"), "", &names, &server.at);
            }
            None => {}
        }
        self.below(server, &names);
    }

    /// Locations and conditions within, however deep.
    fn below(&mut self, block: &Directive, names: &[String]) {
        for inner in block
            .inside()
            .iter()
            .filter(|inner| inner.children.is_some())
        {
            for directive in inner.inside() {
                if directive.is("root") || directive.is("alias") {
                    self.directive(directive, names);
                }
            }
            self.below(inner, names);
        }
    }

    fn directive(&mut self, directive: &Directive, names: &[String]) {
        if let Some(path) = directive.args.first() {
            self.push(path.path(), &directive.name.text(), names, &directive.at);
        }
    }

    fn push(&mut self, path: &Path, directive: &str, names: &[String], at: &Place) {
        let shown = path.display();
        let (prefix, guessed) = &self.prefix;
        let unresolved = if shown.to_string().contains('$') {
            Some(format!("{shown} depends on the request"))
        } else if path.is_relative() {
            guessed.as_ref().map(|reason| format!("{shown}: {reason}"))
        } else {
            None
        };
        // A path that starts with a variable is not taken to be relative.
        let path = if shown.to_string().starts_with('$') {
            path.to_owned()
        } else {
            prefix.join(path)
        };
        let known = self.known.entry((at.clone(), path.clone()));
        let index = *known.or_insert(self.published.len());
        if let Some(other) = self.published.get_mut(index) {
            other.server_names.extend_from_slice(names);
            return;
        }
        self.published.push(Published {
            path,
            unresolved,
            directive: directive.to_owned(),
            server_names: names.to_vec(),
            at: at.clone(),
        });
    }
}

fn first<'a>(block: &'a Directive, name: &str) -> Option<&'a Directive> {
    block.inside().iter().find(|directive| directive.is(name))
}

/// Without any `root`, nginx serves `html` below its prefix, unless every request is answered
/// otherwise: by a `return` of the server, or by a `location /` that says what to do.
fn may_use_default_root(server: &Directive) -> bool {
    let answers = |block: &Directive| {
        let names = ["return", "root", "alias"];
        let inside = block.inside().iter();
        inside.into_iter().any(|directive| {
            names.iter().any(|name| directive.is(name))
                || directive.name.bytes().ends_with(b"_pass")
        })
    };
    let everything = |location: &Directive| location.args.last().is_some_and(|path| *path == "/");
    first(server, "return").is_none()
        && !server.all("location").any(|l| everything(l) && answers(l))
}
