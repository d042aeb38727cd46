//! Which accounts act on the install: who answers web requests, who runs the scheduled task, who
//! updates. From flags, from configuration and from what is running; each says who says so.

use super::served::NamedAccount;
use super::servers::Servers;
use crate::access::Principal;
use crate::facts::Role;
use crate::host::Accounts;

/// Accounts that distributions give to web servers, in the order of their likelihood.
const USUAL_WEB_USERS: [&str; 7] = [
    "www-data", "apache", "nginx", "wwwrun", "www", "http", "dp_app",
];

/// The accounts by what they do.
#[derive(Debug, Clone, Default)]
pub struct Roles {
    /// As facts hold them.
    pub rows: Vec<Role>,
    /// Those that answer web requests.
    pub web: Vec<Principal>,
    /// Those that run the scheduled task.
    pub cron: Vec<Principal>,
    /// Those that carry out updates and answer no web requests.
    pub updaters: Vec<Principal>,
    /// The account that owns the install's root, unless that is root or answers web requests.
    pub owner_uid: Option<u32>,
    /// Why there may be other web accounts.
    pub web_unknown: Vec<String>,
    /// Accounts whose running workers a security module holds in, or may, and the sentence about it.
    pub held_in: Vec<(u32, String)>,
    /// Why there may be other cron accounts.
    pub cron_unknown: Vec<String>,
    /// What was taken for granted.
    pub assumptions: Vec<String>,
}

impl Roles {
    /// The account that a worker of the web server's gets which runs as root: the one that the other
    /// workers have, else the distribution's.
    ///
    /// # Errors
    /// Why a person has to choose.
    pub fn instead_of_root(&self, accounts: &Accounts) -> Result<Principal, String> {
        let others: Vec<&Principal> = self.web.iter().filter(|who| who.uid != 0).collect();
        match others.as_slice() {
            [one] => Ok((*one).clone()),
            [] => USUAL_WEB_USERS
                .iter()
                .find_map(|name| accounts.principal(name).ok())
                .ok_or_else(|| {
                    "this host has none of the usual accounts of web servers".to_owned()
                }),
            several => {
                let names: Vec<&str> = several.iter().map(|who| who.name.as_str()).collect();
                Err(format!(
                    "{} answer web requests besides",
                    names.join(" and ")
                ))
            }
        }
    }
}

/// What flags and the site's configuration say.
#[derive(Debug, Clone, Default)]
pub struct Named {
    /// `--web-user`, and where it was said.
    pub web: Option<(String, String)>,
    /// `--cron-user`, and where it was said.
    pub cron: Option<(String, String)>,
}

/// Finds the accounts.
///
/// # Errors
/// That an account which a person named does not exist.
pub(super) fn find(named: &Named, servers: &Servers, accounts: &Accounts) -> Result<Roles, String> {
    let mut finder = Finder {
        accounts,
        roles: Roles::default(),
    };
    finder.web(named, servers)?;
    finder.cron(named, servers)?;
    Ok(finder.roles)
}

struct Finder<'a> {
    accounts: &'a Accounts,
    roles: Roles,
}

impl Finder<'_> {
    fn web(&mut self, named: &Named, servers: &Servers) -> Result<(), String> {
        if let Some((user, source)) = &named.web {
            let who = self.must_exist(user, source)?;
            self.add("web", who, source);
            return Ok(());
        }
        for worker in servers.named_workers() {
            self.add_named("web", &worker.account);
        }
        self.roles.assumptions.extend(servers.assumed().cloned());
        if self.roles.web.is_empty() {
            self.assume_web(servers);
        } else {
            self.roles.web_unknown.extend(servers.web_missed().cloned());
        }
        Ok(())
    }

    fn assume_web(&mut self, servers: &Servers) {
        self.roles.web_unknown.extend(servers.web_missed().cloned());
        let usual = USUAL_WEB_USERS
            .iter()
            .find_map(|name| self.accounts.principal(name).ok());
        if let Some(who) = usual {
            self.roles.assumptions.push(format!(
                "no web server was found: its account is taken to be {} (say otherwise with --web-user)",
                who.name
            ));
            self.add("web", who, "assumed");
        } else {
            self.roles
                .web_unknown
                .push("no web server was found; name its account with --web-user".to_owned());
        }
    }

    fn cron(&mut self, named: &Named, servers: &Servers) -> Result<(), String> {
        if let Some((user, source)) = &named.cron {
            let who = self.must_exist(user, source)?;
            self.add("cron", who, source);
        } else {
            for job in servers.started_jobs() {
                self.add_named("cron", &job.account());
            }
            self.roles
                .cron_unknown
                .extend(servers.missed.jobs.iter().cloned());
        }
        for job in servers.started_jobs().filter(|job| job.updates) {
            let account = job.account();
            if let Some(who) = resolve(self.accounts, &account)
                && !self.roles.web.iter().any(|web| web.uid == who.uid)
            {
                self.add("updater", who, &account.source);
            }
        }
        if self.roles.cron.is_empty() && self.roles.cron_unknown.is_empty() {
            self.roles.cron_unknown.push(
                "no scheduled task of the helpdesk was found; name its account with --cron-user"
                    .to_owned(),
            );
        }
        Ok(())
    }

    fn must_exist(&self, user: &str, source: &str) -> Result<Principal, String> {
        self.accounts
            .principal(user)
            .map_err(|error| format!("{source}: {error}"))
    }

    fn add_named(&mut self, role: &str, account: &NamedAccount) {
        if let Some(who) = resolve(self.accounts, account) {
            self.add(role, who, &account.source);
            return;
        }
        let reason = format!(
            "{} names the account {}, which /etc/passwd does not have",
            account.source, account.spec
        );
        if role == "web" {
            self.roles.web_unknown.push(reason);
        } else {
            self.roles.cron_unknown.push(reason);
        }
    }

    fn add(&mut self, role: &str, who: Principal, source: &str) {
        let list = match role {
            "web" => &mut self.roles.web,
            "cron" => &mut self.roles.cron,
            _ => &mut self.roles.updaters,
        };
        if list.iter().any(|known| known.uid == who.uid) {
            return;
        }
        self.roles.rows.push(Role {
            role: role.to_owned(),
            user: who.name.clone(),
            uid: who.uid,
            source: source.to_owned(),
        });
        list.push(who);
    }
}

/// The account with its groups; bare numbers where a process shows them and no account has them.
pub(super) fn resolve(accounts: &Accounts, account: &NamedAccount) -> Option<Principal> {
    accounts.principal(&account.spec).ok().or_else(|| {
        let (uid, gid) = account.numbers?;
        Some(Principal::new(format!("uid {uid}"), uid, vec![gid]))
    })
}
