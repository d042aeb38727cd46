//! Which configurations are in force: the one that was given, else those of running masters, else
//! those in their usual places. Refuses to let any process that calls itself nginx hide the usual
//! places: only a master that root runs is believed to be the server.

use super::compiled::{Compiled, binaries};
use crate::host::{Host, Process, Processes};
use crate::route::{Kind, kind};
use crate::target::servers::Program;
use std::path::{Path, PathBuf};

const NGINX: &[&str] = &[
    "/etc/nginx/nginx.conf",
    "/usr/local/nginx/conf/nginx.conf",
    "/usr/local/etc/nginx/nginx.conf",
    "/usr/local/openresty/nginx/conf/nginx.conf",
    "/opt/nginx/conf/nginx.conf",
];
const APACHE: &[&str] = &[
    "/etc/apache2/apache2.conf",
    "/etc/httpd/conf/httpd.conf",
    "/etc/apache2/httpd.conf",
    "/usr/local/apache2/conf/httpd.conf",
    "/usr/local/etc/apache24/httpd.conf",
    "/usr/local/apache/conf/httpd.conf",
];

/// A configuration and what is known about its server.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) program: Program,
    pub(super) config: PathBuf,
    /// nginx's `-p`, Apache's `-d`.
    pub(super) prefix: Option<PathBuf>,
    /// nginx's `-g`.
    pub(super) directives: String,
    /// Apache's `-D`.
    pub(super) defines: Vec<String>,
    pub(super) compiled: Option<Compiled>,
    pub(super) found_by: String,
    pub(super) master: Option<u32>,
}

/// The configuration that the user named.
pub(super) fn given(
    host: &Host,
    processes: &Processes,
    config: &Path,
    missed: &mut Vec<String>,
) -> Vec<Candidate> {
    let text = match host.read_file(config, crate::host::glob::LARGEST_CONFIG) {
        Ok(Some(text)) => text,
        Ok(None) => {
            missed.push(format!("{} does not exist", config.display()));
            return Vec::new();
        }
        Err(reason) => {
            missed.push(reason);
            return Vec::new();
        }
    };
    let program = match kind(&text) {
        Kind::Nginx | Kind::NginxDump => Program::Nginx,
        Kind::Apache => Program::Apache,
    };
    let real = |path: &Path| host.real_path(path).ok().flatten();
    // A server that runs with this very file knows its own prefix and definitions.
    let running = processes.running.iter().find_map(|process| {
        let is_it = master(process, processes) == Some(program) && process.elsewhere != Some(true);
        let candidate = is_it.then(|| running(host, process, program, String::new()))?;
        (real(&candidate.config).is_some() && real(&candidate.config) == real(config))
            .then_some(candidate)
    });
    vec![Candidate {
        found_by: "--web-config".to_owned(),
        config: config.to_owned(),
        ..running.unwrap_or_else(|| blank(host, program, None))
    }]
}

/// Every master that runs on this host, and how it was started.
pub(super) fn started<'a>(host: &Host, processes: &'a Processes) -> Vec<(&'a Process, Candidate)> {
    let here = processes
        .running
        .iter()
        .filter(|process| process.elsewhere != Some(true));
    here.filter_map(|process| {
        let program = master(process, processes)?;
        let by = format!("process {}", process.pid);
        Some((process, running(host, process, program, by)))
    })
    .collect()
}

/// Every configuration that may be in force.
pub(super) fn candidates(
    host: &Host,
    processes: &Processes,
    missed: &mut Vec<String>,
) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut believed = Vec::new();
    for process in &processes.running {
        let Some(program) = master(process, processes) else {
            continue;
        };
        let by = format!("process {}", process.pid);
        if process.elsewhere == Some(true) {
            missed.push(format!(
                "{} runs as {by} in a container of its own; its configuration was not read",
                program.name()
            ));
            continue;
        }
        let candidate = running(host, process, program, by);
        if process.euid == 0 {
            believed.push(program);
        }
        if found.iter().all(|other| other.config != candidate.config) {
            found.push(candidate);
        }
    }
    for (program, places) in [(Program::Nginx, NGINX), (Program::Apache, APACHE)] {
        if believed.contains(&program) {
            continue;
        }
        for place in places {
            let config = PathBuf::from(place);
            let known = found.iter().any(|other| other.config == config);
            if !known && !matches!(host.stat(&config), Ok(None)) {
                found.push(Candidate {
                    found_by: "its usual place".to_owned(),
                    config,
                    ..blank(host, program, None)
                });
            }
        }
    }
    found
}

fn blank(host: &Host, program: Program, exe: Option<&Path>) -> Candidate {
    let compiled = match program {
        Program::Apache => Compiled::apache(host, &binaries(exe, &["apache2", "httpd"])),
        _ => {
            let mut places = binaries(exe, &["nginx"]);
            places.push("/usr/local/nginx/sbin/nginx".into());
            Compiled::nginx(host, &places)
        }
    };
    Candidate {
        program,
        config: PathBuf::new(),
        prefix: None,
        directives: String::new(),
        defines: Vec::new(),
        compiled,
        found_by: String::new(),
        master: None,
    }
}

/// Whether the process is a web server's master.
fn master(process: &Process, processes: &Processes) -> Option<Program> {
    let title = process.title();
    let alone = || {
        process
            .args
            .first()
            .is_some_and(|name| base(name) == "nginx")
    };
    if process.may_be(&["nginx"]) && (title.starts_with("nginx: master process ") || alone()) {
        return Some(Program::Nginx);
    }
    let child = || {
        let parent = processes.running.iter().find(|p| p.pid == process.ppid);
        parent.is_some_and(is_apache)
    };
    (is_apache(process) && !child()).then_some(Program::Apache)
}

/// Whether the process is one of Apache's.
pub(in crate::target) fn is_apache(process: &Process) -> bool {
    let names = ["apache2", "httpd"];
    names.iter().any(|name| process.comm.starts_with(name)) && process.may_be(&names)
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn running(host: &Host, process: &Process, program: Program, found_by: String) -> Candidate {
    let mut candidate = Candidate {
        found_by,
        master: Some(process.pid),
        ..blank(host, program, process.exe.as_deref())
    };
    let apache = program == Program::Apache;
    let options = Options::read(process, if apache { "fdD" } else { "cpg" });
    candidate.prefix = options
        .last(if apache { 'd' } else { 'p' })
        .map(PathBuf::from);
    candidate.directives = options.last('g').unwrap_or_default();
    candidate.defines = options.all('D');
    let config = options.last(if apache { 'f' } else { 'c' });
    let compiled = candidate.compiled.as_ref();
    let (home, default) = if apache {
        let home = compiled.and_then(|c| c.define("HTTPD_ROOT"));
        let file = compiled.and_then(|c| c.define("SERVER_CONFIG_FILE"));
        (home, file)
    } else {
        let home = compiled.and_then(|c| c.option("--prefix"));
        let file = compiled.and_then(|c| c.option("--conf-path"));
        let file = file.or_else(|| home.as_ref().map(|_| "conf/nginx.conf".to_owned()));
        (home, file)
    };
    let home = candidate.prefix.clone().or(home.map(PathBuf::from));
    let named = config.or(default).map(PathBuf::from);
    let usual = if apache { APACHE } else { NGINX };
    let usual = usual
        .iter()
        .map(PathBuf::from)
        .find(|place| !matches!(host.stat(place), Ok(None)));
    candidate.config = match (home, named) {
        (Some(home), Some(named)) => home.join(named),
        (None, Some(named)) => Path::new("/").join(named),
        (_, None) => usual.unwrap_or_default(),
    };
    candidate
}

/// Options of one letter with a value. nginx replaces its arguments by a title, where blanks between
/// arguments and blanks within them look the same.
struct Options(Vec<(char, String)>);

impl Options {
    fn read(process: &Process, letters: &str) -> Self {
        let title = process.title();
        let words: Vec<&str> = match title.strip_prefix("nginx: master process ") {
            Some(command) => command.split_ascii_whitespace().collect(),
            None => process.args.iter().map(String::as_str).collect(),
        };
        let mut found: Vec<(char, String)> = Vec::new();
        let mut open = false;
        for word in words.iter().skip(1) {
            let mut rest = word.chars();
            let dash = rest.next() == Some('-');
            let letter = rest.next().filter(|_| dash);
            if let Some(letter) = letter {
                open = letters.contains(letter);
                if open {
                    found.push((letter, rest.as_str().to_owned()));
                }
            } else if let Some((letter, value)) = found.last_mut().filter(|_| open) {
                if !value.is_empty() {
                    value.push(' ');
                }
                value.push_str(word);
                // Only directives hold blanks.
                open = *letter == 'g';
            }
        }
        Self(found)
    }

    fn all(&self, letter: char) -> Vec<String> {
        let all = self.0.iter().filter(|(name, _)| *name == letter);
        all.map(|(_, value)| value.clone()).collect()
    }

    fn last(&self, letter: char) -> Option<String> {
        let all = self.0.iter().rev();
        all.filter(|(name, _)| *name == letter)
            .map(|(_, value)| value.clone())
            .find(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_keeps_its_options_apart() {
        let process = Process {
            args: vec![
                "nginx: master process /usr/sbin/nginx -g daemon off; user x y; -c /a b.conf -p/srv"
                    .to_owned(),
            ],
            ..Process::default()
        };
        let options = Options::read(&process, "cpg");
        assert_eq!(options.last('g').as_deref(), Some("daemon off; user x y;"));
        assert_eq!(options.last('c').as_deref(), Some("/a"));
        assert_eq!(options.last('p').as_deref(), Some("/srv"));
    }
}
