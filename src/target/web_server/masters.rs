//! Running masters of nginx and Apache with the options that they were started with. Refuses to guess
//! options that a master does not show.

use super::find::{Candidate, started};
use super::server;
use crate::host::{Host, Processes};
use crate::target::masters::Master;
use crate::target::php_runtime;
use crate::target::servers::Program;
use std::path::Path;

/// Every master that root runs on this host.
pub(in crate::target) fn masters(host: &Host, processes: &Processes) -> Vec<Master> {
    let mut found = Vec::new();
    for (process, candidate) in started(host, processes) {
        let (Some(exe), 0) = (&process.exe, process.euid) else {
            continue;
        };
        let Some(server) = server(host, processes, &candidate, &mut Vec::new()) else {
            continue;
        };
        // Apache's PHP module reads php.ini whenever Apache reads its own configuration.
        let runtimes = php_runtime::look(host, &[], std::slice::from_ref(&server));
        let ini = runtimes.into_iter().flat_map(|runtime| runtime.ini.files);
        found.push(Master {
            program: candidate.program,
            pid: process.pid,
            started: process.started,
            exe: exe.clone(),
            test: test(&candidate),
            environment: environment(host, &candidate, process.pid),
            config: candidate.config,
            files: server.files.iter().cloned().chain(ini).collect(),
        });
    }
    found
}

/// nginx(8), httpd(8): `-t` with what the master itself was given.
fn test(candidate: &Candidate) -> Vec<String> {
    let config = candidate.config.to_string_lossy().into_owned();
    let prefix = candidate.prefix.as_ref().map(|it| it.to_string_lossy());
    let mut words = vec!["-t".to_owned()];
    let mut option = |letter: &str, value: &str| {
        words.push(letter.to_owned());
        words.push(value.to_owned());
    };
    if candidate.program == Program::Apache {
        if let Some(prefix) = &prefix {
            option("-d", prefix);
        }
        option("-f", &config);
        for name in &candidate.defines {
            option("-D", name);
        }
    } else {
        option("-c", &config);
        if let Some(prefix) = &prefix {
            option("-p", prefix);
        }
        if !candidate.directives.is_empty() {
            option("-g", &candidate.directives);
        }
    }
    words
}

/// Debian's scripts give Apache names like `APACHE_RUN_USER`, and its configuration refuses to load
/// without them.
fn environment(host: &Host, candidate: &Candidate, pid: u32) -> Vec<(String, String)> {
    if candidate.program != Program::Apache {
        return Vec::new();
    }
    let path = format!("/proc/{pid}/environ");
    let text = host.read_start(Path::new(&path), 1 << 20);
    let text = text.ok().flatten().unwrap_or_default();
    String::from_utf8_lossy(&text)
        .split('\0')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, _)| name.starts_with("APACHE_"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
