//! Apache: `User` and `Group`, and every directory that a URL can lead to.
//! Refuses to evaluate sections: what stands in `<IfModule>` or `<IfDefine>` counts as if it held.

use super::compiled::Compiled;
use super::environment::environment;
use super::find::Candidate;
use super::{Described, Parsed, Published, SaidBy, WorkerUser};
use crate::host::Host;
use crate::route::apache::{self, Config, Start, Variables};
use crate::route::{Directive, Word};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reads what a configuration says.
pub(super) fn describe(host: &Host, candidate: &Candidate, text: &[u8]) -> Described {
    let mut missed = Vec::new();
    let start = Start {
        server_root: server_root(candidate),
        variables: environment(host, &candidate.config, &mut missed),
    };
    let config = apache::parse(&candidate.config, text, start, host);
    let mut reading = Reading {
        config: &config,
        users: Vec::new(),
        published: Vec::new(),
        missed,
    };
    reading.whole();
    let pid_files = pid_files(candidate, &config);
    let (users, published, missed) = (reading.users, reading.published, reading.missed);
    Described {
        users,
        published,
        missed,
        scratch: Err("what Apache's modules keep is not looked at".to_owned()),
        parsed: Parsed::Apache {
            config: Arc::new(config),
            defines: candidate.defines.clone(),
            version: candidate.compiled.as_ref().and_then(Compiled::version),
        },
        pid_files,
    }
}

/// Where the pid file may be: `PidFile`, which Debian writes with a variable of its own scripts, the
/// place that is compiled in, and the usual ones.
fn pid_files(candidate: &Candidate, config: &Config) -> Vec<PathBuf> {
    let mut main = Vec::new();
    collect(&config.tree.directives, &mut main, &mut Vec::new(), false);
    let said = main.iter().rev().find(|(d, _)| d.is("PidFile"));
    let said = said.and_then(|(directive, _)| {
        let word = directive.args.first()?;
        Some(config.variables.resolve(word).ok()?.path().to_owned())
    });
    let compiled = candidate.compiled.as_ref();
    let compiled = compiled.and_then(|compiled| compiled.define("DEFAULT_PIDLOG"));
    let usual = [
        "/run/apache2/apache2.pid",
        "/run/httpd/httpd.pid",
        "logs/httpd.pid",
    ];
    let all = said.into_iter().chain(compiled.map(PathBuf::from));
    all.chain(usual.iter().map(PathBuf::from))
        .map(|file| config.server_root.join(file))
        .collect()
}

fn server_root(candidate: &Candidate) -> PathBuf {
    if let Some(prefix) = &candidate.prefix {
        return prefix.clone();
    }
    let compiled = candidate.compiled.as_ref();
    if let Some(root) = compiled.and_then(|compiled| compiled.define("HTTPD_ROOT")) {
        return root.into();
    }
    let folder = candidate.config.parent().unwrap_or(Path::new("/"));
    match folder.parent() {
        Some(above) if folder.ends_with("conf") => above.to_owned(),
        _ => folder.to_owned(),
    }
}

struct Reading<'a> {
    config: &'a Config,
    users: Vec<WorkerUser>,
    published: Vec<Published>,
    missed: Vec<String>,
}

impl Reading<'_> {
    fn whole(&mut self) {
        let mut main = Vec::new();
        let mut hosts = Vec::new();
        collect(&self.config.tree.directives, &mut main, &mut hosts, false);
        let mut main_names = names(&main);
        for (host, in_macro) in hosts {
            let mut inside = Vec::new();
            collect(host.inside(), &mut inside, &mut Vec::new(), in_macro);
            let own = names(&inside);
            // Without a root of its own a virtual host serves the main server's.
            if !inside.iter().any(|(d, _)| d.is("DocumentRoot")) {
                main_names.extend(own.iter().cloned());
            }
            self.directives(&inside, &own);
        }
        self.directives(&main, &main_names);
        self.published.sort_by_key(|published| {
            let files = &self.config.tree.files;
            let file = files.iter().position(|file| *file == published.at.file);
            (file, published.at.line)
        });
        self.accounts(&main);
    }

    fn accounts(&mut self, main: &[(&Directive, bool)]) {
        let group = main.iter().rev().find(|(d, _)| d.is("Group"));
        let group = group.and_then(|(d, _)| self.word(d, 0));
        let users: Vec<_> = main.iter().filter(|(d, _)| d.is("User")).collect();
        for (directive, _) in &users {
            if let Some(user) = self.word(directive, 0) {
                self.user(directive, user, group.clone());
            }
        }
        if users.is_empty() {
            let config = self.config.tree.files.first();
            let config = config.map_or_else(String::new, |file| file.display().to_string());
            self.missed.push(format!(
                "{config} has no `User` directive, so Apache's account is not known"
            ));
        }
    }

    fn user(&mut self, directive: &Directive, user: String, group: Option<String>) {
        let known = self
            .users
            .iter()
            .any(|other| other.user == user && other.group == group);
        if !known {
            self.users.push(WorkerUser {
                user,
                group,
                said_by: SaidBy::Line(directive.at.clone()),
            });
        }
    }

    fn directives(&mut self, directives: &[(&Directive, bool)], names: &[String]) {
        for (directive, in_macro) in directives {
            let args = directive.args.len();
            let is = |name: &str| directive.is(name);
            // A macro's parameters start with one of these.
            let marks = |word: &Word| b"$@%".iter().any(|mark| word.holds(*mark));
            let in_macro = &(*in_macro && directive.args.iter().any(marks));
            if is("DocumentRoot") {
                self.publish(directive, directive.args.first(), names, *in_macro);
            } else if is("Alias") || is("AliasMatch") || is("ScriptAlias") || is("ScriptAliasMatch")
            {
                // Within <Location> the URL is the section's.
                self.publish(directive, directive.args.last(), names, *in_macro);
            } else if varies(directive) {
                self.publish(directive, directive.args.first(), names, true);
            } else if (is("AssignUserID") || is("SuexecUserGroup")) && args == 2 {
                if let (Some(user), group) = (self.word(directive, 0), self.word(directive, 1)) {
                    self.user(directive, user, group);
                }
            } else if is("Use") {
                self.missed.push(format!(
                    "{}: `Use` repeats a macro, which is not evaluated",
                    directive.at
                ));
            }
        }
    }

    fn publish(
        &mut self,
        directive: &Directive,
        path: Option<&Word>,
        names: &[String],
        varies: bool,
    ) {
        let Some(path) = path else {
            return;
        };
        let resolved = self.config.variables.resolve(path);
        let word = resolved.as_ref().unwrap_or(path).clone();
        let captures = directive
            .name
            .bytes()
            .to_ascii_lowercase()
            .ends_with(b"match");
        let unresolved = match &resolved {
            Err(reason) => Some(reason.clone()),
            Ok(word) if (captures && word.holds(b'$')) || varies => {
                Some(format!("{} depends on the request", word.text()))
            }
            Ok(_) => None,
        };
        self.published.push(Published {
            path: self.config.server_root.join(word.path()),
            unresolved,
            directive: directive.name.text().into_owned(),
            server_names: names.to_vec(),
            at: directive.at.clone(),
        });
    }

    /// An argument with its variables replaced.
    fn word(&mut self, directive: &Directive, number: usize) -> Option<String> {
        let word = directive.args.get(number)?;
        let variables: &Variables = &self.config.variables;
        match variables.resolve(word) {
            Ok(word) => Some(word.text().into_owned()),
            Err(reason) => {
                self.missed.push(format!("{}: {reason}", directive.at));
                None
            }
        }
    }
}

/// Directives whose directory is another one for each name or user in the request.
fn varies(directive: &Directive) -> bool {
    let virtual_names = [
        "VirtualDocumentRoot",
        "VirtualDocumentRootIP",
        "VirtualScriptAlias",
        "VirtualScriptAliasIP",
    ];
    let disabled = || directive.args.first().is_some_and(|arg| arg.is("disabled"));
    virtual_names.iter().any(|name| directive.is(name)) || directive.is("UserDir") && !disabled()
}

fn names(directives: &[(&Directive, bool)]) -> Vec<String> {
    let named = directives
        .iter()
        .filter(|(d, _)| d.is("ServerName") || d.is("ServerAlias"));
    named
        .flat_map(|(d, _)| d.args.iter().map(|name| name.text().into_owned()))
        .collect()
}

/// All directives below, through every section but virtual hosts, which are set aside. The flag says
/// that a macro's parameters may stand in the arguments.
fn collect<'a>(
    directives: &'a [Directive],
    into: &mut Vec<(&'a Directive, bool)>,
    hosts: &mut Vec<(&'a Directive, bool)>,
    in_macro: bool,
) {
    for directive in directives {
        let in_macro = in_macro || directive.is("Macro");
        match &directive.children {
            Some(_) if directive.is("VirtualHost") => hosts.push((directive, in_macro)),
            Some(children) => collect(children, into, hosts, in_macro),
            None => into.push((directive, in_macro)),
        }
    }
}
