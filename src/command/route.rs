//! `deskguard route URL…`: what the web server would do with a request, and which line decides.
//! Refuses to send anything: the configuration is read, not asked.

mod choose;
mod report;

use super::audit::from_here;
use super::settings::Settings;
use super::{Failure, print, terminal};
use crate::cli::Look;
use crate::host::{Accounts, Host, Looker, WorkerDisk};
use crate::route::{Model, Request};
use crate::target::servers::{Servers, look_at_web};
use crate::target::web_server::WebServer;
use choose::choose;
use report::Row;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

/// What the web server would do with a request, and which line decides
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  deskguard route https://help.example.com/data/
  deskguard route http://localhost/index.php/admin/ --from 203.0.113.9
  deskguard route --web-config ./nginx-T.txt https://help.example.com/config.php

The answer is what the configuration on disk says; no request is sent. Everything after host and
port counts byte for byte: nothing is normalised. Without --from the client is [web] outside of
deskguard.toml (198.51.100.7), and this machine itself for URLs that name a loopback address.")]
pub struct RouteArgs {
    /// Absolute URLs
    #[arg(required = true, value_name = "URL")]
    pub urls: Vec<String>,
    /// The client's address
    #[arg(long, value_name = "IP")]
    pub from: Option<IpAddr>,
    /// A further header of the request, as 'Name: value'; repeatable
    #[arg(long, value_name = "HEADER")]
    pub header: Vec<String>,
    /// The web server's configuration, or the output of `nginx -T`, instead of the one in force
    #[arg(long, value_name = "FILE")]
    pub web_config: Option<PathBuf>,
    /// Settings of this site instead of /etc/deskguard/deskguard.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How to write the answers
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// When to colour
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub color: crate::cli::ColorWhen,
}

/// The formats of the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, in 80 columns
    Text,
    /// For programs: a list, one object a URL, in the arguments' order
    Json,
}

pub(super) fn run(args: &RouteArgs) -> Result<u8, Failure> {
    let settings = Settings::read(args.config.as_deref())?.config;
    let outside = settings.web.outside;
    let requests = args
        .urls
        .iter()
        .map(|url| request(url, args, outside))
        .collect::<Result<Vec<_>, _>>()?;
    let host = Host::default();
    let given = args
        .web_config
        .as_deref()
        .or(settings.web.config.as_deref());
    let given = given.map(from_here).transpose()?;
    let servers = look_at_web(&host, given.as_deref());
    if servers.programs.is_empty() {
        return Err(Failure::Message(no_server(&servers, given.as_deref())));
    }
    let looker = Looker::based(PathBuf::from("/"));
    let accounts = Accounts::read(Path::new("/")).unwrap_or_default();
    let mut desk = Desk::new(&host, &looker, &accounts, &servers);
    let rows = requests
        .iter()
        .map(|request| desk.answer(request))
        .collect::<Result<Vec<_>, _>>()?;
    for note in &desk.notes {
        // What is not part of an answer must not stand among answers.
        let _ = writeln!(
            std::io::stderr(),
            "deskguard: {}",
            crate::report::escape(note)
        );
    }
    let look = Look {
        color: args.color,
        quiet: false,
        verbose: false,
    };
    print(&match args.format {
        Format::Text => report::text(&host, &rows, &terminal::options(look)),
        Format::Json => report::json(&rows),
    })?;
    Ok(0)
}

fn request(url: &str, args: &RouteArgs, outside: IpAddr) -> Result<Request, String> {
    let mut request = Request::new(url, outside)?;
    request.from = args.from.unwrap_or_else(|| client(&request, outside));
    for header in &args.header {
        let (name, value) = header.split_once(':').ok_or_else(|| {
            format!("--header {header:?}: a header looks like 'X-Forwarded-For: 10.0.0.1'")
        })?;
        let is_name = !name.is_empty() && name.bytes().all(is_token);
        if !is_name || value.bytes().any(|byte| byte == b'\r' || byte == b'\n') {
            return Err(format!(
                "--header {header:?}: {name:?} is no name of a header, or the value has several lines"
            ));
        }
        let value = value.trim_matches([' ', '\t']);
        request
            .headers
            .push((name.to_owned(), value.as_bytes().to_vec()));
    }
    Ok(request)
}

/// RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Only this machine itself reaches a loopback address.
fn client(request: &Request, outside: IpAddr) -> IpAddr {
    match request.to {
        Some(IpAddr::V4(to)) if to.is_loopback() => Ipv4Addr::LOCALHOST.into(),
        Some(IpAddr::V6(to)) if to.is_loopback() => Ipv6Addr::LOCALHOST.into(),
        None if request.host.eq_ignore_ascii_case("localhost") => Ipv4Addr::LOCALHOST.into(),
        _ => outside,
    }
}

fn no_server(servers: &Servers, given: Option<&Path>) -> String {
    let why = servers.missed.web.first();
    match (given, why) {
        (_, Some(reason)) => format!("no web server's configuration could be read: {reason}"),
        (Some(path), None) => format!("{} is no web server's configuration", path.display()),
        (None, None) => "no web server runs here, and none has a configuration in its usual place; name one with --web-config FILE".to_owned(),
    }
}

/// Models, each made when the first question comes to it.
struct Desk<'a> {
    host: &'a Host,
    looker: &'a Looker,
    accounts: &'a Accounts,
    servers: &'a Servers,
    ready: Vec<(&'a WebServer, Box<dyn Model>, WorkerDisk<'a>)>,
    notes: Vec<String>,
}

impl<'a> Desk<'a> {
    fn new(
        host: &'a Host,
        looker: &'a Looker,
        accounts: &'a Accounts,
        servers: &'a Servers,
    ) -> Self {
        Self {
            host,
            looker,
            accounts,
            servers,
            ready: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn answer(&mut self, request: &Request) -> Result<Row<'a>, Failure> {
        let servers = self.servers;
        let (server, note) = choose(&servers.programs, request.port)
            .ok_or_else(|| "no web server was found".to_owned())?;
        note.into_iter().for_each(|note| self.note(note));
        let index = match self
            .ready
            .iter()
            .position(|(it, ..)| std::ptr::eq(*it, server))
        {
            Some(index) => index,
            None => {
                self.make(server);
                self.ready.len() - 1
            }
        };
        let (_, model, disk) = self
            .ready
            .get(index)
            .ok_or_else(|| "no web server was found".to_owned())?;
        Ok(Row {
            url: request.url(),
            from: request.from,
            answer: model.answer(request, disk),
            server,
        })
    }

    fn make(&mut self, server: &'a WebServer) {
        let model = server.model(self.host, &self.servers.pools_as_fpm());
        for problem in model.problems() {
            self.note(problem);
        }
        let who = self.servers.worker_of(server, self.accounts);
        let who = who.unwrap_or_else(|why| {
            self.note(format!(
                "{why}; files are taken to be read by an account that has no rights of its own"
            ));
            crate::access::Principal::new("nobody", 65_534, vec![65_534])
        });
        let disk = WorkerDisk::new(self.host, self.looker, Ok(who));
        self.ready.push((server, model, disk));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_asked_by_this_machine() {
        let outside: IpAddr = "198.51.100.7".parse().unwrap();
        for (url, expected) in [
            ("http://127.0.0.9:81/", "127.0.0.1"),
            ("http://[::1]/", "::1"),
            ("http://localhost/", "127.0.0.1"),
            ("http://help.example.com/", "198.51.100.7"),
            ("http://192.0.2.1/", "198.51.100.7"),
        ] {
            let request = Request::new(url, outside).unwrap();
            assert_eq!(client(&request, outside).to_string(), expected, "{url}");
        }
    }
}
