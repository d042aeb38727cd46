//! What Apache 2.4 would do with a GET: virtual host, sections, rewriting, access, handlers, in the
//! order of httpd's own code. Refuses to guess: what is not modelled ends in `Undetermined`.

mod access;
mod address;
mod aliasing;
mod compile;
mod descend;
mod directives;
mod directory;
mod effects;
mod endpoint;
mod expand;
mod expr;
mod expr_reader;
mod fcgi;
mod handler;
mod host;
mod hosting;
mod hosts;
mod htaccess;
mod mime;
mod modules;
mod options;
mod pattern;
mod perdir;
mod phases;
mod published;
mod record;
mod redirecting;
mod remembered;
mod respond;
mod rewrite;
mod rewriting;
mod said;
mod say;
mod sections;
mod server;
mod setenv;
mod text;
mod translate;
mod uri;
mod variable;
mod walk;

use super::{Config, Variables};
use crate::route::{
    Answer, Because, Decision, Disk, Entrance, Fpm, Place, Request, Scheme, Source, Sources,
};
use expand::Expansion;
use modules::Loaded;
use record::{Asking, Record};
use said::{Step, Stop};
use server::Server;
use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the configuration does not say itself.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// Names given with `-D`.
    pub defines: Vec<String>,
    /// Apache's version; 2.4.66 where it is not known.
    pub version: Option<(u32, u32, u32)>,
    /// PHP-FPM's pools; one that is not among them has PHP-FPM's own defaults.
    pub fpm: Vec<Fpm>,
}

/// Apache as its configuration describes it, ready to be asked.
#[derive(Debug)]
pub struct Model {
    loaded: Loaded,
    variables: Variables,
    server_root: PathBuf,
    servers: Vec<Server>,
    chains: Vec<host::Chain>,
    listens: Vec<endpoint::Listen>,
    types: Result<mime::Types, String>,
    fpm: Vec<Fpm>,
    /// What can change any route and could not be decided.
    undecided: Vec<Because>,
    problems: Vec<String>,
    htaccess: remembered::Remembered,
}

impl Model {
    /// Understands a configuration. `sources` is asked for `<IfFile>` and for the file of types.
    #[must_use]
    pub fn new(config: &Config, setup: &Setup, sources: &dyn Sources) -> Self {
        let version = setup.version.unwrap_or((2, 4, 66));
        let mut loaded = Loaded::new(&setup.defines, version, &config.server_root);
        let mut problems: Vec<String> = config
            .tree
            .problems
            .iter()
            .map(ToString::to_string)
            .collect();
        if !compile::loads_modules(&config.tree.directives) {
            loaded.assume_usual();
            problems.push("no LoadModule was read: Debian's usual modules, mod_rewrite and mod_php are taken for granted".to_owned());
        }
        let mut expansion = Expansion {
            loaded,
            variables: config.variables.clone(),
            sources,
            undecided: Vec::new(),
        };
        let mut lines = expansion.expand(&config.tree.directives);
        let Expansion {
            loaded,
            variables,
            mut undecided,
            ..
        } = expansion;
        if let Some(at) = pattern::one_too_many(&lines, &mut { pattern::MOST }) {
            undecided.push(Because {
                at: Some(at),
                text: format!(
                    "not modelled: more than {} lines with regular expressions",
                    pattern::MOST
                ),
            });
            lines.clear();
        }
        let first = Place {
            file: config
                .tree
                .files
                .first()
                .cloned()
                .unwrap_or_else(|| Path::new("/").into()),
            line: 0,
        };
        let compiled = compile::compile(&lines, &loaded, &config.server_root, &first);
        problems.extend(compiled.problems);
        problems.extend(undecided.iter().map(|because| because.text.clone()));
        let types = compiled
            .types
            .unwrap_or_else(|| PathBuf::from("/etc/mime.types"));
        Self {
            chains: host::chains(&compiled.servers),
            types: read_types(&types, sources),
            loaded,
            variables,
            server_root: config.server_root.clone(),
            servers: compiled.servers,
            listens: compiled.listens,
            fpm: setup.fpm.clone(),
            undecided,
            problems,
            htaccess: remembered::Remembered::default(),
        }
    }

    fn ask(&self, request: &Request, disk: &dyn Disk) -> (Vec<Because>, Step<respond::Ending>) {
        let mut reasons = Vec::new();
        let ending = self.try_ask(request, disk, &mut reasons);
        (reasons, ending)
    }

    fn try_ask(
        &self,
        request: &Request,
        disk: &dyn Disk,
        reasons: &mut Vec<Because>,
    ) -> Step<respond::Ending> {
        if let Some(because) = self.undecided.first() {
            return Err(Stop(because.clone()));
        }
        self.listens_on(request)?;
        let host = host::parse(request);
        let name = host.as_deref().unwrap_or_default();
        let server = host::choose(self, request, name)?;
        if let Some(at) = &server.at {
            reasons.push(Because {
                at: Some(at.clone()),
                text: host::why(server, name),
            });
        }
        if let Some(because) = server.unmodelled.first() {
            return Err(Stop(because.clone()));
        }
        if let Some(at) = &server.unsafe_protocol {
            return Err(Stop::at(at, "not modelled: HttpProtocolOptions Unsafe"));
        }
        let client = host::client(server, request);
        let asking = Asking {
            model: self,
            server,
            disk,
            request,
            host: host.clone().unwrap_or_default(),
            client: client.address,
            used: client.used,
            until: RefCell::new(reasons.clone()),
            spent: Cell::new(0),
            read_once: RefCell::new(Vec::new()),
        };
        let (path, query) = uri::split(&request.target);
        let mut r = Record::new(&path, query, Arc::clone(&server.defaults));
        r.because = reasons.clone();
        if request.scheme == Scheme::Https && !server.tls {
            return Err(Stop::new("this virtual host does not speak TLS"));
        }
        if let Some(status) = host::refused(&asking, host.is_none()) {
            r.note_fact(format!("the request itself is wrong: {status}"));
            return Ok(respond::refused(r, status));
        }
        for set in &server.set_env {
            set.apply(&asking, &mut r)?;
        }
        let ending = respond::respond(&asking, r);
        *reasons = asking.until.take();
        ending
    }

    fn listens_on(&self, request: &Request) -> Step<()> {
        let fits = |listen: &&endpoint::Listen| {
            listen.port == request.port
                && (listen.ip.is_none() || request.to.is_none() || listen.ip == request.to)
        };
        if self.listens.is_empty() || self.listens.iter().any(|listen| fits(&listen)) {
            return Ok(());
        }
        Err(Stop::new(format!(
            "no Listen line names port {}",
            request.port
        )))
    }
}

fn read_types(path: &Path, sources: &dyn Sources) -> Result<mime::Types, String> {
    match sources.read(path) {
        Ok(Source::Text(text)) => Ok(mime::Types::read(&text)),
        Ok(_) => Err(format!(
            "not known: the types of {}, which is no file",
            path.display()
        )),
        Err(message) => Err(message),
    }
}

impl crate::route::Model for Model {
    fn answer(&self, request: &Request, disk: &dyn Disk) -> Answer {
        let (mut because, ending) = self.ask(request, disk);
        match ending {
            Ok(ending) => Answer {
                decision: ending.decision,
                status: ending.status,
                file: ending.file,
                to: ending
                    .to
                    .map(|to| String::from_utf8_lossy(&to).into_owned()),
                because: ending.because,
            },
            Err(stop) => {
                because.push(stop.0);
                Answer {
                    decision: Decision::Undetermined,
                    status: None,
                    file: None,
                    to: None,
                    because,
                }
            }
        }
    }

    fn requests_for(&self, path: &Path) -> Vec<Request> {
        published::requests_for(self, path)
    }

    fn entrance(&self, request: &Request, _: &dyn Disk) -> Result<Entrance, String> {
        host::entrance(self, request).map_err(|stop| stop.0.text)
    }

    fn published(&self) -> Vec<PathBuf> {
        published::published(self)
    }

    fn problems(&self) -> Vec<String> {
        self.problems.clone()
    }
}
