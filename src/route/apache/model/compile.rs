//! From lines to servers: what stands outside of sections, in `<VirtualHost>`, and the sections of
//! each. Refuses nothing: what Apache would refuse is noted, since it would not have started.

use super::aliasing::{alias, location_proxy, proxy_pass};
use super::endpoint::{Listen, listen, virtual_address};
use super::hosting::hosting;
use super::modules::Loaded;
use super::perdir::{Matching, PerDir, Section};
use super::rewrite::{Map, PerDirectory};
use super::said::Said;
use super::say::{self, Scope, Trouble};
use super::server::Server;
use crate::route::{Because, Directive, Word};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the lines of a configuration come to.
pub(super) struct Compiled {
    /// The outer server first.
    pub(super) servers: Vec<Server>,
    pub(super) listens: Vec<Listen>,
    pub(super) types: Option<PathBuf>,
    pub(super) problems: Vec<String>,
}

/// Builds the servers.
pub(super) fn compile(
    lines: &[Directive],
    loaded: &Loaded,
    root: &Path,
    first: &crate::route::Place,
) -> Compiled {
    let mut building = Building {
        loaded,
        root: root.to_owned(),
        listens: Vec::new(),
        types: None,
        problems: Vec::new(),
    };
    let mut main = Server::new(
        None,
        "the server outside of all <VirtualHost>".to_owned(),
        first,
    );
    let mut hosts = Vec::new();
    let mut outside = Vec::new();
    for line in lines {
        if line.is("VirtualHost") && line.children.is_some() {
            hosts.push(line);
        } else {
            outside.push(line.clone());
        }
    }
    building.server(&mut main, &outside);
    let mut servers = Vec::new();
    for host in hosts {
        let mut server = Server::new(Some(host.at.clone()), say::written(host), &host.at);
        building.addresses(&mut server, host);
        building.server(&mut server, host.inside());
        servers.push(server.within(&main));
    }
    servers.insert(0, main);
    for server in &mut servers {
        server.sort_directories();
    }
    Compiled {
        servers,
        listens: building.listens,
        types: building.types,
        problems: building.problems,
    }
}

struct Building<'a> {
    loaded: &'a Loaded,
    root: PathBuf,
    listens: Vec<Listen>,
    types: Option<PathBuf>,
    problems: Vec<String>,
}

impl Building<'_> {
    fn problem(&mut self, because: &Because) {
        let place = because
            .at
            .as_ref()
            .map(|at| format!("{at}: "))
            .unwrap_or_default();
        self.problems.push(format!("{place}{}", because.text));
    }

    fn server(&mut self, server: &mut Server, lines: &[Directive]) {
        let mut says = PerDir::server();
        for line in lines {
            if let Err(trouble) = self.line(server, &mut says, line) {
                let because = why(trouble, line);
                self.problem(&because);
                server.unmodelled.push(because);
            }
        }
        server.rules = says
            .rewrite
            .as_ref()
            .map(|conf| conf.rules.clone())
            .unwrap_or_default();
        server.choices = says.rewrite.as_ref().and_then(|conf| conf.choices);
        if let Some(conf) = &mut says.rewrite {
            // What stands outside of sections counts for the server, not for directories.
            conf.rules.clear();
            conf.directory = None;
        }
        server.unmodelled.append(&mut says.unmodelled);
        server.set_env = std::mem::take(&mut says.set_env);
        for redirect in std::mem::take(&mut says.redirects) {
            server.redirects.push(redirect);
        }
        server.defaults = Arc::new(says);
    }

    fn scope(&self, path: Option<Vec<u8>>, rewritable: bool) -> Scope<'_> {
        Scope {
            loaded: self.loaded,
            path,
            rewritable,
            get: true,
            allowed: None,
        }
    }

    fn line(
        &mut self,
        server: &mut Server,
        says: &mut PerDir,
        line: &Directive,
    ) -> Result<(), Trouble> {
        let name = line.name.text().to_ascii_lowercase();
        let words = line.args.as_slice();
        let first = words.first();
        if line.children.is_some() {
            return self.section(&name, server, says, line);
        }
        if hosting(&name, line, server)? {
            return Ok(());
        }
        match name.as_str() {
            "documentroot" => {
                if let Some(word) = first {
                    let path = super::walk::canonical_path(&self.root.join(word.path()));
                    server.root = Said::new(path, &line.at);
                    server.root_said = true;
                }
            }
            "alias" | "aliasmatch" | "scriptalias" | "scriptaliasmatch" => {
                if let [fake, real] = words {
                    let alias = alias(&name, fake, real, line)?;
                    server.aliases.push(alias);
                }
            }
            "proxypass" | "proxypassmatch" => {
                if let [fake, real, options @ ..] = words {
                    server
                        .proxies
                        .push(proxy_pass(&name, fake, real, options, line)?);
                }
            }
            "rewritebase" => {
                return Err("RewriteBase: only valid in per-directory config files"
                    .to_owned()
                    .into());
            }
            "rewriteengine" | "rewriteoptions" | "rewritecond" | "rewriterule" => {
                server.has_rewrite = true;
                let conf = says.rewrite.get_or_insert_with(PerDirectory::default);
                super::rewriting::rewrite_line(&name, line, conf)?;
            }
            "rewritemap" => {
                server.has_rewrite = true;
                server.maps.extend(Map::read(words, &self.root, &line.at));
            }
            "listen" => self
                .listens
                .extend(first.and_then(|word| listen(&word.text()))),
            "typesconfig" => {
                self.types = first.map(|word| self.root.join(word.path()));
                // It gives the server a configuration of mod_mime, so that `RemoveHandler` below has
                // something to be merged with.
                says.mime.get_or_insert_default();
            }
            "define" | "undefine" | "loadmodule" | "serverroot" | "include" | "includeoptional" => {
            }
            _ => {
                let scope = self.scope(None, true);
                say::one(line, says, &scope)?;
            }
        }
        Ok(())
    }

    fn section(
        &mut self,
        name: &str,
        server: &mut Server,
        says: &mut PerDir,
        line: &Directive,
    ) -> Result<(), Trouble> {
        // One line of mod_rewrite, wherever it stands, gives a server a configuration of its own.
        server.has_rewrite |= speaks_of_rewriting(line.inside());
        let regex = name.ends_with("match");
        match name {
            "directory" | "directorymatch" => {
                let matching = super::sections::matching(regex, &line.args, true)?;
                let path = section_path(&matching, &line.args);
                let section = self.filled(matching, line, Some(path), true);
                server.directories.push(Arc::new(section));
            }
            "location" | "locationmatch" => {
                let matching = super::sections::matching(regex, &line.args, false)?;
                let path = section_path(&matching, &line.args);
                for inner in line.inside() {
                    location_proxy(server, &matching, &path, inner)?;
                }
                let section = self.filled(matching, line, Some(path), true);
                server.locations.push(Arc::new(section));
            }
            "proxy" | "proxymatch" => {
                let matching = super::sections::matching(regex, &line.args, false)?;
                let section = self.filled(matching, line, Some(Vec::new()), false);
                server.proxy_sections.push(Arc::new(section));
            }
            _ => {
                let scope = self.scope(None, false);
                say::one(line, says, &scope)?;
            }
        }
        Ok(())
    }

    /// A section and what stands in it. Lines that cannot be carried out are kept as what stops.
    fn filled(
        &mut self,
        matching: Matching,
        line: &Directive,
        path: Option<Vec<u8>>,
        rewritable: bool,
    ) -> Section {
        let mut says = PerDir::default();
        let mut found = Vec::new();
        {
            let scope = self.scope(path, rewritable);
            for inner in line.inside() {
                let name = inner.name.text().to_ascii_lowercase();
                if matches!(name.as_str(), "proxypass" | "proxypassmatch") {
                    continue;
                }
                if let Err(trouble) = say::one(inner, &mut says, &scope) {
                    found.push(why(trouble, inner));
                }
            }
        }
        for because in found {
            self.problem(&because);
            says.unmodelled.push(because);
        }
        Section {
            matching,
            says: Arc::new(says),
            at: line.at.clone(),
            written: say::written(line),
        }
    }

    fn addresses(&mut self, server: &mut Server, line: &Directive) {
        for word in &line.args {
            match virtual_address(&word.text()) {
                Some(address) => server.addresses.push(address),
                None => {
                    let because = Because {
                        at: Some(line.at.clone()),
                        text: format!("not known: the addresses that {} leads to", word.text()),
                    };
                    self.problem(&because);
                    server.unmodelled.push(because);
                }
            }
        }
    }
}

fn why(trouble: Trouble, line: &Directive) -> Because {
    let text = match trouble {
        Trouble::Refused(message) => format!("Apache refuses this line: {message}"),
        Trouble::Stop(stop) => stop.0.text,
    };
    Because {
        at: Some(line.at.clone()),
        text,
    }
}

fn speaks_of_rewriting(lines: &[Directive]) -> bool {
    lines.iter().any(|line| {
        let name = line.name.text().to_ascii_lowercase();
        name.starts_with("rewrite") || speaks_of_rewriting(line.inside())
    })
}

/// The path that mod_rewrite knows a section by.
fn section_path(matching: &Matching, words: &[Word]) -> Vec<u8> {
    match matching {
        Matching::Exact(path) | Matching::Wild(path) => path.clone(),
        _ => words
            .last()
            .map(|word| word.bytes().to_vec())
            .unwrap_or_default(),
    }
}

/// Whether a configuration says which modules it loads.
pub(super) fn loads_modules(lines: &[Directive]) -> bool {
    lines
        .iter()
        .any(|line| line.is("LoadModule") || loads_modules(line.inside()))
}
