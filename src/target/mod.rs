//! Where things are and who runs them: found before any probe looks, from flags, from configuration
//! and from what is running. Every assumption is kept for the report; what stays undecided is
//! unknown with a reason. Refuses to judge.

mod asking;
mod config_place;
mod data_dirs;
mod database;
pub mod database_server;
mod generation;
mod held;
mod ini;
pub mod masters;
mod my_cnf;
pub mod php_fpm;
pub mod php_ini;
pub mod php_runtime;
mod php_sources;
mod roles;
mod root;
pub mod schedule;
mod served;
pub mod servers;
mod settings;
pub mod web_server;

pub use asking::{Asking, Vantage};
pub use config_place::{ConfigFile, as_path, normalise};
pub use data_dirs::DataDir;
pub use database::{ConfiguredLogin, ConfiguredTls, DatabaseWish, usual_database_sockets};
pub use generation::Generation;
pub use php_sources::evaluate_alone;
pub use php_sources::{PhpSources, php_files, php_limits};
pub use roles::{Named, Roles};
pub use served::{NamedAccount, NamedWorker};
pub use settings::{Asked, Evaluated, Settings};

use crate::access::Principal;
use crate::facts::{DocumentRoot, Known, Listing, TargetFacts};
use crate::host::{Accounts, Host};
use generation::NoGeneration;
use ipnet::IpNet;
use servers::Servers;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use web_server::WebServer;

/// What flags and `deskguard.toml` ask for.
#[derive(Clone, Default)]
pub struct Wishes {
    /// The install's root.
    pub root: Option<PathBuf>,
    /// Its generation.
    pub generation: Option<Generation>,
    /// The web server's configuration file.
    pub web_config: Option<PathBuf>,
    /// The accounts.
    pub named: Named,
    /// What may be asked over HTTP.
    pub asking: Asking,
    /// The database.
    pub database: DatabaseWish,
    /// Who counts as inside and outside.
    pub addresses: Addresses,
}

/// Whose requests are let in, and whose are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// Networks that may see the admin and agent interfaces.
    pub inside: Vec<IpNet>,
    /// An outsider's address.
    pub outside: IpAddr,
}

impl Default for Addresses {
    /// An address that belongs to nobody (RFC 5737), and so to no network that is let in.
    fn default() -> Self {
        Self {
            inside: Vec::new(),
            outside: IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7)),
        }
    }
}

/// One install on one host.
pub struct Target {
    /// The install's root as it was given.
    pub given: PathBuf,
    /// The same with links resolved.
    pub root: PathBuf,
    /// Which generation, or why that cannot be told.
    pub generation: Known<Generation>,
    /// Its configuration, where the generation is known.
    pub settings: Option<Settings>,
    /// The directories that it writes.
    pub data: Vec<DataDir>,
    /// Why there may be other data directories.
    pub data_unknown: Vec<String>,
    /// What the web server publishes.
    pub document_roots: Listing<DocumentRoot>,
    /// The accounts by what they do.
    pub roles: Roles,
    /// The host's accounts.
    pub accounts: Accounts,
    /// Web servers, pools, workers and scheduled tasks.
    pub servers: Servers,
    /// Who counts as inside and outside.
    pub addresses: Addresses,
    /// What was taken for granted.
    pub assumptions: Vec<String>,
}

impl Target {
    /// Finds the install and everything around it.
    ///
    /// # Errors
    /// A sentence for the person at the keyboard: no install there, a flag that names nothing.
    pub fn find(host: &Host, wishes: &Wishes) -> Result<Self, String> {
        let mut assumptions = Vec::new();
        let given = root::choose(host, wishes, &mut assumptions)?;
        let root = root::resolve(host, &given)?;
        let generation = Self::generation(host, &root, wishes)?;
        let accounts = Accounts::read(&host.root)
            .map_err(|error| format!("the host's accounts cannot be read: {error}"))?;
        let mut servers = servers::look(host, &root, wishes.web_config.as_deref());
        if generation == Known::Known(Generation::Container) {
            // A container is updated by a new image: its task runner replaces no code.
            for job in &mut servers.jobs {
                job.updates = false;
            }
        }
        let mut roles = roles::find(&wishes.named, &servers, &accounts)?;
        roles.owner_uid = host
            .owner(&root)
            .ok()
            .flatten()
            .filter(|uid| *uid != 0 && !roles.web.iter().any(|web| web.uid == *uid));
        held::hold(&mut roles, &servers.workers, host);
        assumptions.extend(roles.assumptions.iter().cloned());
        let mut target = Self {
            given,
            root,
            generation,
            settings: None,
            data: Vec::new(),
            data_unknown: Vec::new(),
            document_roots: Listing::default(),
            roles,
            accounts,
            servers,
            addresses: wishes.addresses.clone(),
            assumptions,
        };
        target.read_configuration(host);
        target.document_roots = target.published(host);
        Ok(target)
    }

    fn generation(host: &Host, root: &Path, wishes: &Wishes) -> Result<Known<Generation>, String> {
        if let Some(said) = wishes.generation {
            return Ok(Known::Known(said));
        }
        match generation::recognise(host, root) {
            Ok(generation) => Ok(Known::Known(generation)),
            Err(NoGeneration::NoInstall(message)) => Err(message),
            Err(NoGeneration::Unknown(reason)) => Ok(Known::Unknown(reason)),
        }
    }

    fn read_configuration(&mut self, host: &Host) {
        let generation = match &self.generation {
            Known::Known(generation) => *generation,
            Known::Unknown(reason) => {
                self.data_unknown
                    .push(format!("the product's generation is unknown: {reason}"));
                return;
            }
        };
        let place = config_place::find(host, &self.root, generation);
        let settings = Settings::read(host, generation, place);
        self.assumptions
            .extend(settings.assumptions.iter().cloned());
        let (mut data, undecided) = data_dirs::find(&self.root, &settings);
        for directory in &mut data {
            directory.real = host.real_path(&directory.path).ok().flatten();
        }
        self.data = data;
        self.data_unknown = undecided;
        self.settings = Some(settings);
    }

    /// An account that a server or a schedule names.
    #[must_use]
    pub fn resolve(&self, account: &NamedAccount) -> Option<Principal> {
        roles::resolve(&self.accounts, account)
    }

    /// What web servers publish; where nothing of this install is among it, what the shipped layout
    /// would publish.
    fn published(&mut self, host: &Host) -> Listing<DocumentRoot> {
        let mut list = self.servers.document_roots(host);
        let serves_us = |root: &DocumentRoot| {
            let path = Path::new(&root.path);
            self.root.starts_with(path) || path.starts_with(&self.root)
        };
        if !list.rows.iter().any(serves_us)
            && let Known::Known(generation) = self.generation
        {
            let path = generation.shipped_document_root(&self.root);
            self.assumptions.push(format!(
                "no web server configuration was found that publishes this install: the document root is taken to be {}",
                path.display()
            ));
            list.rows.push(DocumentRoot {
                path: path.to_string_lossy().into_owned(),
                source: "the shipped layout".to_owned(),
            });
            if list.missed.is_empty() {
                list.missed.push(
                    "no web server configuration was found that publishes this install; name it with --web-config".to_owned(),
                );
            }
        }
        list
    }

    /// The web servers that publish something of this install.
    pub fn serving<'a>(&'a self, host: &'a Host) -> impl Iterator<Item = &'a WebServer> {
        let all = self.servers.programs.iter();
        all.filter(|server| server.publishes(host, &self.root))
    }

    /// Why it is not known which web server serves this install; nothing where one was found.
    #[must_use]
    pub fn not_served(&self, host: &Host) -> Option<String> {
        self.serving(host).next().is_none().then(|| {
            "no web server configuration was found that publishes this install; name it with --web-config".to_owned()
        })
    }

    /// Why no configuration was looked for.
    #[must_use]
    pub fn no_settings(&self) -> String {
        match &self.generation {
            Known::Known(_) => "the configuration was not found".to_owned(),
            Known::Unknown(reason) => format!("the product's generation is unknown: {reason}"),
        }
    }

    /// The file that holds the database password.
    #[must_use]
    pub fn config_file(&self) -> Option<&Path> {
        let settings = self.settings.as_ref()?;
        settings.files.first().map(|file| file.file.path.as_path())
    }

    /// The target as conditions, fixes and reports name it.
    #[must_use]
    pub fn facts(&self) -> TargetFacts {
        let unknown = |reasons: &[String], what: &str| {
            Known::unknown(
                reasons
                    .first()
                    .cloned()
                    .unwrap_or_else(|| format!("no {what} account was found")),
            )
        };
        let web = self.roles.web.first();
        let cron = self.roles.cron.first();
        let owner = self.owner();
        TargetFacts {
            root: self.root.to_string_lossy().into_owned(),
            generation: self
                .generation
                .clone()
                .map(|generation| generation.word().to_owned()),
            config_file: self.config_file().map_or_else(
                || Known::unknown("the configuration was not found"),
                |path| Known::Known(path.to_string_lossy().into_owned()),
            ),
            document_roots: self.document_roots.clone(),
            roles: Listing {
                rows: self.roles.rows.clone(),
                missed: [&self.roles.web_unknown, &self.roles.cron_unknown]
                    .into_iter()
                    .flatten()
                    .cloned()
                    .collect(),
            },
            web_user: web.map_or_else(
                || unknown(&self.roles.web_unknown, "web"),
                |who| Known::Known(who.name.clone()),
            ),
            web_group: web
                .and_then(|who| self.group_name(*who.gids.first()?))
                .map_or_else(|| unknown(&self.roles.web_unknown, "web"), Known::Known),
            cron_user: cron.map_or_else(
                || unknown(&self.roles.cron_unknown, "cron"),
                |who| Known::Known(who.name.clone()),
            ),
            owner_exists: self.accounts.users.iter().any(|user| user.name == owner),
            owner,
            assumptions: self.assumptions.clone(),
        }
    }

    /// The account that owns, or should own, the application: the root's owner unless that is root
    /// or answers web requests, else the vendor's own advice, a dedicated `deskpro`.
    fn owner(&self) -> String {
        self.roles
            .owner_uid
            .and_then(|uid| self.accounts.users.iter().find(|user| user.uid == uid))
            .map_or_else(|| "deskpro".to_owned(), |user| user.name.clone())
    }

    fn group_name(&self, gid: u32) -> Option<String> {
        self.accounts
            .groups
            .iter()
            .find(|group| group.gid == gid)
            .map(|group| group.name.clone())
    }
}
