//! Who handles requests. Where nginx's workers do so as root, which account could take their place: the
//! one that the other workers have, if it can use all that they use. Refuses to say so of Apache and
//! PHP-FPM, which run as root only where somebody took pains that they do.

use super::nobody;
use super::scratch::is_nginx_s_own;
use crate::access::{Principal, Right, decide};
use crate::facts::{Listing, Scratch, Worker};
use crate::host::{Host, Looker, WorkerDisk};
use crate::route::{Directive, Disk as _, Entry, Place};
use crate::target::web_server::{Parsed, SaidBy, WebServer};
use crate::target::{NamedAccount, NamedWorker, Target};
use regex::Regex;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

pub(super) fn observe(host: &Host, target: &Target) -> (Listing<Worker>, Listing<Scratch>) {
    let servers = &target.servers;
    let mut list = Listing {
        rows: Vec::new(),
        missed: servers
            .web_missed()
            .chain(&servers.missed.processes)
            .cloned()
            .collect(),
    };
    let mut scratch = Listing::whole(Vec::new());
    for NamedWorker { program, account } in servers.named_workers() {
        let Some(who) = target.resolve(&account) else {
            list.missed.push(nobody(&account));
            continue;
        };
        let mut row = Worker {
            program: program.to_owned(),
            user: who.name,
            uid: who.uid,
            source: account.source.clone(),
            path: account.path.to_string_lossy().into_owned(),
            line: account.line,
            text: String::new(),
            mended: String::new(),
            to: String::new(),
            to_uid: 0,
            because: String::new(),
        };
        if row.uid == 0 && row.line > 0 {
            match instead(host, target, &account) {
                Ok(found) => {
                    (row.text, row.mended) = (found.text, found.mended);
                    (row.to, row.to_uid) = (found.who.name, found.who.uid);
                    scratch
                        .rows
                        .extend(found.scratch.iter().map(|path| Scratch {
                            program: row.program.clone(),
                            path: path.to_string_lossy().into_owned(),
                            to: row.to.clone(),
                        }));
                }
                Err(reason) => row.because = reason,
            }
        }
        list.rows.push(row);
    }
    if list.rows.is_empty() && list.missed.is_empty() {
        list.missed
            .push("neither a running web server nor a configuration of one was found".to_owned());
    }
    (list, scratch)
}

/// Another account for nginx's workers.
struct Instead {
    who: Principal,
    text: String,
    mended: String,
    scratch: Vec<PathBuf>,
}

fn instead(host: &Host, target: &Target, account: &NamedAccount) -> Result<Instead, String> {
    let says = |server: &&WebServer| {
        server.users.iter().any(|user| match &user.said_by {
            SaidBy::Line(at) => (&*at.file, at.line) == (account.path.as_path(), account.line),
            _ => false,
        })
    };
    let server = target.servers.programs.iter().find(says);
    let Some((
        server,
        Parsed::Nginx {
            tree, dump: None, ..
        },
    )) = server.map(|server| (server, &server.parsed))
    else {
        return Err("only nginx's own files are edited".to_owned());
    };
    let who = target.roles.instead_of_root(&target.accounts)?;
    let text = host.line(&account.path, account.line);
    let text = text.ok_or("the line could not be read again")?;
    let mended = other(&text, &name(target, &who))
        .ok_or("the line says more than this, and cannot be replaced whole")?;
    let looker = Looker::based(PathBuf::from("/"));
    let try_out = TryOut {
        host,
        looker: &looker,
        who: &who,
        disk: WorkerDisk::new(host, &looker, Ok(who.clone())),
        server,
    };
    try_out.block(&tree.directives)?;
    for published in server.published.iter().filter(|it| it.unresolved.is_none()) {
        try_out.read(&published.path, &published.at)?;
    }
    let mut scratch = server.scratch.clone()?;
    scratch.retain(|path| host.exists(path) != Ok(false));
    for path in &scratch {
        is_nginx_s_own(host, path)?;
    }
    Ok(Instead {
        text,
        mended,
        scratch,
        who,
    })
}

/// nginx takes the group that is called like the account (ngx_set_user).
fn name(target: &Target, who: &Principal) -> String {
    let groups = &target.accounts.groups;
    let own = groups
        .iter()
        .find(|group| who.gids.first() == Some(&group.gid));
    match own {
        Some(group) if group.name != who.name => format!("{} {}", who.name, group.name),
        _ => who.name.clone(),
    }
}

/// The line with another account, where it says nothing else.
fn other(text: &str, account: &str) -> Option<String> {
    static SAID: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^user\s+[^;#{}]*;(\s*#.*)?$").ok());
    let comment = SAID.as_ref()?.captures(text)?.get(1);
    Some(format!(
        "user {account};{}",
        comment.map_or("", |it| it.as_str())
    ))
}

/// What nginx's workers use while they run, tried with another account.
struct TryOut<'a> {
    host: &'a Host,
    looker: &'a Looker,
    who: &'a Principal,
    disk: WorkerDisk<'a>,
    server: &'a WebServer,
}

impl TryOut<'_> {
    fn block(&self, directives: &[Directive]) -> Result<(), String> {
        for directive in directives {
            self.directive(directive)?;
            self.block(directive.inside())?;
        }
        Ok(())
    }

    fn directive(&self, directive: &Directive) -> Result<(), String> {
        let name = directive.name.text();
        let words: Vec<_> = directive.args.iter().map(|word| word.text()).collect();
        let first = words.first().map_or("", |word| word);
        let varies = first.contains('$');
        if acts_by_itself(&name) && first != "off" {
            return Err(format!("{}: what {name} uses is not known", directive.at));
        }
        match &*name {
            "ssl_certificate" | "ssl_certificate_key" | "access_log" if varies => Err(format!(
                "{}: workers open {first} themselves, and which files that is is not known",
                directive.at
            )),
            "auth_basic_user_file" if varies => {
                Err(format!("{}: {first} is not known", directive.at))
            }
            "auth_basic_user_file" => {
                let folder = self.server.config.parent().unwrap_or(Path::new("/"));
                self.read(&folder.join(first), &directive.at)
            }
            _ => {
                let mut sockets = words.iter().filter_map(|word| socket(word));
                sockets.try_for_each(|socket| self.connect(Path::new(socket), directive))
            }
        }
    }

    /// A file is read, a directory entered.
    fn read(&self, path: &Path, at: &Place) -> Result<(), String> {
        let can = match self.disk.entry(path)? {
            Entry::File { readable } => readable,
            Entry::Directory { enterable, .. } => enterable,
            Entry::Closed => false,
            _ => true,
        };
        if can {
            return Ok(());
        }
        let (who, path) = (&self.who.name, path.display());
        Err(format!("{who} could not read {path} ({at})"))
    }

    /// connect(2) on a socket needs the right to write it (unix(7)).
    fn connect(&self, path: &Path, directive: &Directive) -> Result<(), String> {
        if directive.is("listen") || directive.is("server_name") {
            return Ok(());
        }
        let (who, shown, at) = (&self.who.name, path.display(), &directive.at);
        if !self.host.is_here() || self.host.exists(path) != Ok(true) {
            return Err(format!(
                "whether {who} could use the socket {shown} ({at}) is not known"
            ));
        }
        let chain = self.looker.chain(path.as_os_str().as_bytes());
        let decision = decide(&chain, self.who, self.looker.sysctl(), Right::Write);
        if decision.verdict.is_granted() {
            Ok(())
        } else {
            Err(format!("{who} could not use the socket {shown} ({at})"))
        }
    }
}

/// Modules that read and write what their own programs say, and directives that write what is sent.
fn acts_by_itself(name: &str) -> bool {
    let whole = [
        "client_body_in_file_only",
        "dav_methods",
        "fastcgi_store",
        "proxy_store",
        "scgi_store",
        "uwsgi_store",
    ];
    let starts = ["js_", "perl", "passenger_"];
    whole.contains(&name)
        || name.contains("_by_lua")
        || starts.iter().any(|start| name.starts_with(start))
}

/// `unix:/run/php.sock`, `http://unix:/run/app.sock:/path`.
fn socket(word: &str) -> Option<&str> {
    let (_, path) = word.split_once("unix:")?;
    path.split(':').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_line_is_replaced() {
        let other = |text: &str| other(text, "www-data");
        assert_eq!(other("user root;").as_deref(), Some("user www-data;"));
        assert_eq!(
            other("user  root root; # why").as_deref(),
            Some("user www-data; # why")
        );
        for text in ["user root; events {}", "user root", "users root;"] {
            assert_eq!(other(text), None, "{text}");
        }
    }

    #[test]
    fn sockets_in_all_spellings() {
        assert_eq!(socket("unix:/run/php.sock"), Some("/run/php.sock"));
        assert_eq!(
            socket("http://unix:/run/app.sock:/api/"),
            Some("/run/app.sock")
        );
        assert_eq!(socket("127.0.0.1:9000"), None);
        assert!(acts_by_itself("content_by_lua_block") && acts_by_itself("js_import"));
        assert!(!acts_by_itself("fastcgi_pass"));
    }
}
