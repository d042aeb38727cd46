//! A tree of directives becomes a plan.

use super::level::{Level, under};
use super::server::{Server, Switches};
use super::{Plan, Settings, Template};
use crate::route::{Directive, Place, Tree};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How nginx was compiled and started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// What relative paths are relative to: `-p`, else the compiled `--prefix`.
    pub prefix: PathBuf,
    /// Where a server without `listen` listens: 80, or 8000 if root did not start nginx.
    pub port: u16,
}

impl Plan {
    /// Compiles every `http` of a tree.
    pub(in crate::route::nginx) fn new(tree: &Tree, start: &Start) -> Self {
        let mut plan = Self {
            problems: tree.problems.iter().map(ToString::to_string).collect(),
            ..Self::default()
        };
        for http in tree.directives.iter().filter(|d| d.name == "http") {
            plan.http(http, start);
        }
        plan.join_names();
        plan
    }

    fn http(&mut self, http: &Directive, start: &Start) {
        // A variable may be used before the line that makes it.
        self.declare(http.inside());
        for block in http.inside() {
            match block.name.bytes() {
                b"map" => self.map(block),
                b"geo" => self.geo(block),
                b"split_clients" => {
                    let name = block.args.last().map(|name| name.bytes());
                    let name = name
                        .and_then(|name| name.strip_prefix(b"$"))
                        .unwrap_or_default();
                    let slot = self.slot(name);
                    let unknown = "split_clients draws lots".to_owned();
                    self.define(slot, super::Definition::Unknown(block.at.clone(), unknown));
                }
                b"upstream" => self.upstream(block),
                _ => {}
            }
        }
        let html = under(&start.prefix, b"html");
        let at = Place {
            file: Arc::clone(&http.at.file),
            line: http.at.line,
        };
        let html = Template::new(&html, &at, self, false);
        let mut level = Level {
            plan: self,
            prefix: &start.prefix,
            name: Some(0),
        };
        let settings = level.read(&Settings::new(html), http.inside());
        let switches = Switches::DEFAULT.read(http.inside());
        for server in http.all("server") {
            Server::read(server, &settings, switches, start, self);
        }
    }

    fn upstream(&mut self, block: &Directive) {
        let servers = block
            .all("server")
            .filter_map(|server| server.args.first())
            .map(|address| address.bytes().to_vec());
        if let Some(name) = block.args.first() {
            self.upstreams
                .insert(name.bytes().to_ascii_lowercase(), servers.collect());
        }
    }

    /// Names count on every socket that their server listens on.
    fn join_names(&mut self) {
        for socket in &mut self.sockets {
            for server in &socket.servers {
                if let Some(known) = self.servers.get(*server) {
                    socket.names.add(*server, &known.names);
                }
            }
        }
    }
}

impl Start {
    /// The usual start of a package: by root, with this prefix.
    #[must_use]
    pub fn with_prefix(prefix: &Path) -> Self {
        Self {
            prefix: prefix.to_owned(),
            port: 80,
        }
    }
}
