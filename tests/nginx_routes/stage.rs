//! Where model and server are asked the same: one folder, one PHP-FPM, one nginx for many configurations.

use super::disk::{Others, make};
use super::generate::Configuration;
use super::judge::{difference, read};
use super::real_nginx::{Nginx, PhpFpm, Pool, Ports, http_preamble, preamble, send};
use super::sent::Sent;
use deskguard::route::{Answer, Decision, Fpm, Model, Request, Scheme, nginx};
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A configuration and what is asked of it.
pub(crate) struct Case {
    /// What stands in `http`, with marks for folders, ports and numbers.
    pub(crate) text: String,
    pub(crate) requests: Vec<Sent>,
}

/// One answered pair.
pub(crate) struct Outcome {
    pub(crate) case: usize,
    pub(crate) request: usize,
    pub(crate) answer: Answer,
    pub(crate) difference: Option<String>,
}

pub(crate) struct Stage {
    folder: tempfile::TempDir,
    fpm: PhpFpm,
    ports: Ports,
}

const POOLS: &[Pool] = &[
    Pool {
        name: "strict",
        limit_extensions: None,
        fix_pathinfo: true,
    },
    Pool {
        name: "open",
        limit_extensions: Some("\"\""),
        fix_pathinfo: true,
    },
    Pool {
        name: "plain",
        limit_extensions: Some(".php .jpg"),
        fix_pathinfo: false,
    },
];

impl Stage {
    pub(crate) fn new(port: u16, together: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let www = folder.path().join("www");
        std::fs::create_dir(&www).unwrap();
        make(&www);
        let fpm = PhpFpm::start(folder.path(), POOLS);
        Self {
            fpm,
            ports: Ports::claim(port, 2 * together + 2),
            folder,
        }
    }

    pub(crate) fn www(&self) -> PathBuf {
        self.folder.path().join("www")
    }

    fn pools(&self) -> Vec<Fpm> {
        let of = |pool: &Pool| Fpm {
            listen: self.fpm.socket(pool.name).display().to_string(),
            limit_extensions: match pool.limit_extensions {
                None => Fpm::default().limit_extensions,
                Some("\"\"") => Vec::new(),
                Some(list) => list.split(' ').map(str::to_owned).collect(),
            },
            fix_pathinfo: pool.fix_pathinfo,
            chroot: None,
        };
        POOLS.iter().map(of).collect()
    }

    /// Puts folders, ports and numbers into a text.
    fn fill(&self, text: &str, number: usize) -> String {
        let mut text = text
            .replace("{W}", &self.www().display().to_string())
            .replace("{P0}", &self.ports.all[2 * number + 1].to_string())
            .replace("{P1}", &self.ports.all[2 * number + 2].to_string())
            .replace("{BACK}", &self.ports.all[0].to_string())
            .replace("{N}", &number.to_string());
        for pool in POOLS {
            let mark = format!("{{{}}}", pool.name);
            text = text.replace(&mark, &self.fpm.socket(pool.name).display().to_string());
        }
        text
    }

    fn whole(&self, configurations: &[&str]) -> String {
        let mut text = preamble(self.folder.path());
        text.push_str("http {\n");
        text.push_str(&http_preamble(self.folder.path()));
        text.push_str(&format!(
            "server {{ listen 127.0.0.1:{}; add_header X-Backend yes always; return 200 PROXIED; }}\n",
            self.ports.all[0]
        ));
        for (number, configuration) in configurations.iter().enumerate() {
            text.push_str(&self.fill(configuration, number));
        }
        // nginx opens its sockets in this order: when the last one answers, all do.
        text.push_str(&format!(
            "server {{ listen 127.0.0.1:{}; }}\n}}\n",
            self.last_port()
        ));
        text
    }

    fn last_port(&self) -> u16 {
        *self.ports.all.last().unwrap()
    }

    pub(crate) fn check(&self, configuration: &Configuration) -> Result<(), String> {
        Nginx::check(self.folder.path(), &self.whole(&[&configuration.text()]))
    }

    /// Asks model and server every request of every case.
    pub(crate) fn judge(&self, cases: &[Case]) -> Vec<Outcome> {
        let all: Vec<&str> = cases.iter().map(|case| case.text.as_str()).collect();
        let text = self.whole(&all);
        let file = self.folder.path().join("nginx.conf");
        let tree = nginx::parse(&file, text.as_bytes(), &Others);
        assert!(tree.problems.is_empty(), "{:?}", tree.problems);
        let start = nginx::Start {
            prefix: self.folder.path().to_owned(),
            port: 80,
        };
        let model = nginx::Model::new(&tree, &start, self.pools());
        let _running = Nginx::start(self.folder.path(), &text, self.last_port());
        let mut outcomes = Vec::new();
        for (case, asked) in cases.iter().enumerate() {
            for (request, sent) in asked.requests.iter().enumerate() {
                if let Some((answer, difference)) = self.ask(&model, sent, case) {
                    outcomes.push(Outcome {
                        case,
                        request,
                        answer,
                        difference,
                    });
                }
            }
        }
        outcomes
    }

    fn ask(
        &self,
        model: &dyn Model,
        sent: &Sent,
        number: usize,
    ) -> Option<(Answer, Option<String>)> {
        let port = self.ports.all[2 * number + 1 + sent.port];
        let host = self.fill(&sent.host, number);
        let target = self.fill(&sent.target, number);
        let mut headers = vec![("Host".to_owned(), host.clone().into_bytes())];
        let mut bytes = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        for (name, value) in &sent.headers {
            headers.push((name.clone(), value.clone().into_bytes()));
            bytes.push_str(&format!("{name}: {value}\r\n"));
        }
        bytes.push_str("\r\n");
        let request = Request {
            scheme: Scheme::Http,
            host,
            port,
            to: Some(IpAddr::V4(sent.to)),
            target: target.into_bytes(),
            from: IpAddr::V4(sent.from),
            headers,
        };
        let answer = model.answer(&request, &Others);
        let reply = match send(sent.from, sent.to, port, bytes.as_bytes()) {
            Ok(reply) => reply,
            // Nobody listens on this port of this address, and the model says so.
            Err(e) if e.kind() == std::io::ErrorKind::ConnectionRefused => {
                let wrong = answer.decision != Decision::Undetermined;
                let text = format!("model: {answer:?}\nnginx: does not listen there");
                return wrong.then_some((answer, Some(text)));
            }
            Err(e) => panic!("{sent:?}: {e}"),
        };
        let done = read(&reply);
        let difference = difference(&answer, &done).map(|text| {
            let mut text = text;
            for line in &answer.because {
                let at = line.at.as_ref().map(ToString::to_string);
                text.push_str(&format!("\n  {} {}", at.unwrap_or_default(), line.text));
            }
            text
        });
        Some((answer, difference))
    }

    /// Drops directives, headers and parts of the target as long as model and server disagree.
    pub(crate) fn shrink(
        &self,
        configuration: &Configuration,
        sent: &Sent,
        text: &str,
    ) -> (Configuration, Sent, String) {
        let mut best = (configuration.clone(), sent.clone(), text.to_owned());
        let disagree = |configuration: &Configuration, sent: &Sent| {
            self.check(configuration).ok()?;
            let case = Case {
                text: configuration.text(),
                requests: vec![sent.clone()],
            };
            self.judge(&[case]).pop()?.difference
        };
        let mut goes_on = true;
        while goes_on {
            goes_on = false;
            for smaller in best.0.smaller() {
                if let Some(text) = disagree(&smaller, &best.1) {
                    best = (smaller, best.1, text);
                    goes_on = true;
                    break;
                }
            }
            for smaller in best.1.smaller() {
                if let Some(text) = disagree(&best.0, &smaller) {
                    best = (best.0, smaller, text);
                    goes_on = true;
                    break;
                }
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        best
    }
}
