//! The web servers that publish the install, ready to be asked: every request by which a path may be
//! reached, under every name that the path has. Refuses to judge the answers.

use crate::access::Principal;
use crate::facts::{FilesFacts, Known, Reach};
use crate::host::{Host, Looker, WorkerDisk};
use crate::route::{Answer, Because, Decision, Imagined, Model, Request};
use crate::target::Target;
use crate::target::web_server::WebServer;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// No path is asked about by more requests than this; what is left out is said.
const MOST_REQUESTS: usize = 64;

/// What is asked, and of whom.
pub(super) struct Surface<'a> {
    pub(super) host: &'a Host,
    pub(super) target: &'a Target,
    servers: Vec<Ready<'a>>,
    /// Names by which real directories are also known: the name, and where it leads.
    names: Vec<(PathBuf, PathBuf)>,
    /// Why there may be other answers.
    pub(super) missed: Vec<String>,
}

struct Ready<'a> {
    model: Box<dyn Model>,
    disk: WorkerDisk<'a>,
}

/// A file that is not there, and what it would hold.
pub(super) type Planted<'a> = &'a [(PathBuf, &'static str)];

/// A request and its answer.
pub(super) struct Heard {
    pub(super) request: Request,
    pub(super) answer: Answer,
}

impl<'a> Surface<'a> {
    pub(super) fn new(
        host: &'a Host,
        looker: &'a Looker,
        target: &'a Target,
        files: &FilesFacts,
    ) -> Self {
        let mut surface = Self {
            host,
            target,
            servers: Vec::new(),
            names: Vec::new(),
            missed: target.servers.missed.web.clone(),
        };
        surface.missed.extend(target.not_served(host));
        let pools = target.servers.pools_as_fpm();
        for server in target.serving(host) {
            surface.add(server, server.model(host, &pools), looker);
        }
        let links = files.links.rows.iter();
        surface
            .names
            .extend(links.map(|link| (PathBuf::from(&link.path), PathBuf::from(&link.resolved))));
        surface.names.sort();
        surface.names.dedup();
        surface
    }

    fn add(&mut self, server: &WebServer, model: Box<dyn Model>, looker: &'a Looker) {
        let config = server.config.display();
        self.missed.extend(model.problems());
        for published in model.published() {
            match self.host.real_path(&published) {
                Ok(Some(real)) if real != published => self.names.push((published, real)),
                Ok(_) => {}
                Err(reason) => self.missed.push(format!("{config}: {reason}")),
            }
        }
        let disk = WorkerDisk::new(self.host, looker, self.worker(server));
        self.servers.push(Ready { model, disk });
    }

    /// The account whose rights decide what the server finds: the one that was named, else its own.
    fn worker(&self, server: &WebServer) -> Result<Principal, String> {
        let target = self.target;
        let own = target.servers.worker_of(server, &target.accounts);
        own.or_else(|reason| target.roles.web.first().cloned().ok_or(reason))
    }

    /// Everything that requests do which may reach the path, asked from outside.
    pub(super) fn ask(&self, path: &Path, planted: Planted<'_>, more: &str) -> Vec<Heard> {
        let mut heard = Vec::new();
        for ready in &self.servers {
            for request in self.requests(ready, path) {
                let mut request = request;
                request.from = self.target.addresses.outside;
                request.target.extend_from_slice(more.as_bytes());
                heard.push(ready.hear(request, planted));
            }
        }
        heard
    }

    /// The same for requests to other targets of the servers that reach this path.
    pub(super) fn ask_beside(
        &self,
        path: &Path,
        from: IpAddr,
        headers: &[(String, Vec<u8>)],
        targets: impl Fn(&[u8]) -> Vec<Vec<u8>>,
    ) -> Vec<Heard> {
        let mut heard: Vec<Heard> = Vec::new();
        for ready in &self.servers {
            for request in self.requests(ready, path) {
                for target in targets(&request.target) {
                    let mut request = request.clone();
                    request.from = from;
                    request.target = target;
                    request.headers.extend_from_slice(headers);
                    if heard.iter().all(|known| known.request != request) {
                        heard.push(ready.hear(request, &[]));
                    }
                }
            }
        }
        heard
    }

    fn requests(&self, ready: &Ready<'_>, path: &Path) -> Vec<Request> {
        let mut found: Vec<Request> = Vec::new();
        for name in self.names_of(path) {
            for request in ready.model.requests_for(&name) {
                if found.len() < MOST_REQUESTS && !found.contains(&request) {
                    found.push(request);
                }
            }
        }
        found
    }

    /// The path, and every other name that links give it.
    fn names_of(&self, path: &Path) -> Vec<PathBuf> {
        let mut names = vec![path.to_owned()];
        for (name, real) in &self.names {
            if let Ok(below) = path.strip_prefix(real) {
                names.push(name.join(below));
            }
        }
        names
    }

    /// Every directory that some server publishes.
    pub(super) fn published(&self) -> Vec<PathBuf> {
        let all = self
            .servers
            .iter()
            .flat_map(|ready| ready.model.published());
        let mut found: Vec<PathBuf> = all.collect();
        found.sort();
        found.dedup();
        found
    }

    /// A path with its links resolved, where it is there.
    pub(super) fn real(&self, path: &Path) -> PathBuf {
        let real = self.host.real_path(path).ok().flatten();
        real.unwrap_or_else(|| path.to_owned())
    }

    /// Whether two paths lead to the same file; one that is not there is known by its directory.
    fn is_same(&self, one: &Path, other: &Path) -> bool {
        let real = |path: &Path| {
            if let Some(real) = self.host.real_path(path).ok().flatten() {
                return Some(real);
            }
            let parent = self.host.real_path(path.parent()?).ok().flatten()?;
            Some(parent.join(path.file_name()?))
        };
        one == other || real(one).is_some_and(|one| Some(one) == real(other))
    }

    /// What an answer does with the path.
    fn does(&self, answer: &Answer, path: &Path) -> Known<String> {
        let is_it = || {
            answer
                .file
                .as_deref()
                .is_some_and(|file| self.is_same(file, path))
        };
        let word = match answer.decision {
            Decision::Undetermined => {
                return Known::unknown(answer.because.last().map_or_else(
                    || "the web server's answer cannot be told".to_owned(),
                    |because| match &because.at {
                        Some(at) => format!("{at}: {}", because.text),
                        None => because.text.clone(),
                    },
                ));
            }
            Decision::Executed if is_it() => "executed",
            Decision::Static if is_it() => "served",
            Decision::Listing => "listed",
            _ => "nothing",
        };
        Known::Known(word.to_owned())
    }

    /// What becomes of a path: one row for each thing that some request does with it; `nothing` only
    /// where that is all.
    pub(super) fn reaches(
        &self,
        path: &Path,
        kind: &str,
        planted: Planted<'_>,
        more: &str,
    ) -> Vec<Reach> {
        let mut rows: Vec<Reach> = Vec::new();
        let heard = self.ask(path, planted, more);
        for heard in &heard {
            let does = self.does(&heard.answer, path);
            if rows.iter().all(|row| row.does != does) {
                rows.push(reach(path, kind, does, Some(heard)));
            }
        }
        if rows.len() > 1 {
            rows.retain(|row| row.does.known().is_none_or(|does| does != "nothing"));
        }
        if rows.is_empty() {
            let nothing = Known::Known("nothing".to_owned());
            rows.push(reach(path, kind, nothing, None));
        }
        for row in &mut rows {
            row.exists = planted.iter().all(|(file, _)| file != path);
        }
        rows
    }
}

impl Ready<'_> {
    fn hear(&self, request: Request, planted: Planted<'_>) -> Heard {
        let answer = if planted.is_empty() {
            self.model.answer(&request, &self.disk)
        } else {
            let files = planted
                .iter()
                .map(|(path, text)| (path.clone(), text.as_bytes().to_vec()));
            let disk = Imagined::with_text(&self.disk, files.collect());
            self.model.answer(&request, &disk)
        };
        Heard { request, answer }
    }
}

fn reach(path: &Path, kind: &str, does: Known<String>, heard: Option<&Heard>) -> Reach {
    let (at, because) = heard.map_or_else(
        || (None, "no URL leads there".to_owned()),
        |heard| deciding(&heard.answer),
    );
    Reach {
        subject: path.to_string_lossy().into_owned(),
        kind: kind.to_owned(),
        exists: true,
        intended: false,
        does,
        count: 1,
        guard: String::new(),
        url: heard.map_or_else(String::new, |heard| heard.request.url()),
        answer: heard.map_or_else(String::new, |heard| spelled(&heard.answer)),
        path: at.as_ref().map_or_else(String::new, |at| at.0.clone()),
        line: at.map_or(0, |at| at.1),
        because,
    }
}

/// `denied 403`.
pub(super) fn spelled(answer: &Answer) -> String {
    let word = answer.decision.word();
    answer
        .status
        .map_or_else(|| word.to_owned(), |status| format!("{word} {status}"))
}

/// The line to look at, and what happened there: the choice of a location or section where one was
/// made, and what came of it in the end.
pub(super) fn deciding(answer: &Answer) -> (Option<(String, u32)>, String) {
    let placed = |because: &&Because| because.at.is_some();
    let chosen = |because: &&Because| {
        let starts = ["location ", "<", "Alias"];
        placed(because) && starts.iter().any(|start| because.text.starts_with(start))
    };
    let all = || answer.because.iter().rev();
    let last = all().find(placed).or_else(|| answer.because.last());
    let choice = all().find(chosen).or(last);
    let at = choice.and_then(|because| because.at.as_ref());
    let mut text = choice.map_or_else(String::new, |because| because.text.clone());
    if let Some(last) = last.filter(|last| Some(*last) != choice) {
        text.push_str("; ");
        text.push_str(&last.text);
    }
    (
        at.map(|at| (at.file.to_string_lossy().into_owned(), at.line)),
        text,
    )
}
