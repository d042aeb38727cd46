//! `deskguard.toml`: the site's own settings. Read only from `--config` or `/etc/deskguard`, never
//! from the audited tree or the current directory; refused when others could have written it.

mod attest;
mod waive;

pub use attest::{ATTESTABLE, Attestation};
pub use waive::WaiveEntry;

use crate::check::{Catalogue, Severity};
use crate::complaint::Complaint;
use crate::policy::{Numbers, Policy, Profile};
use crate::target::{Addresses, Generation, Vantage};
use crate::waiver::Waiver;
use ipnet::IpNet;
use jiff::civil::Date;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// Where the file is looked for when `--config` does not name one.
pub const DEFAULT_PATH: &str = "/etc/deskguard/deskguard.toml";

/// The file's keys.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The install's root.
    pub root: Option<PathBuf>,
    /// The helpdesk's own address.
    pub url: Option<String>,
    /// Where deskguard stands when it asks over HTTP.
    pub vantage: Option<Vantage>,
    /// The product's generation, where it cannot be told.
    pub generation: Option<Generation>,
    /// Which defaults the policy starts from.
    pub profile: Profile,
    /// The lowest severity whose failure fails the run.
    pub fail_on: Option<Severity>,
    /// The web server.
    pub web: Web,
    /// The scheduled task.
    pub cron: Cron,
    /// The database.
    pub database: Database,
    /// Policy numbers.
    pub policy: Numbers,
    /// `[[attest]]`: what rests on somebody's word.
    pub attest: Vec<Attestation>,
    /// Failures that were accepted.
    pub waive: Vec<WaiveEntry>,
}

/// `[web]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Web {
    /// The web server's account.
    pub user: Option<String>,
    /// Its configuration file.
    pub config: Option<PathBuf>,
    /// Networks that may see the admin and agent interfaces.
    #[serde(deserialize_with = "networks")]
    pub inside: Vec<IpNet>,
    /// An outsider's address, for the web server's model.
    pub outside: IpAddr,
}

/// Networks as `10.0.0.0/8`, or single addresses.
fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let written = Vec::<String>::deserialize(deserializer)?;
    let each = written.iter().map(|text| {
        let network = text.parse::<IpNet>();
        network
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| {
                D::Error::custom(format!(
                    "{text:?} is neither a network like 10.0.0.0/8 nor an address"
                ))
            })
    });
    each.collect()
}

impl Default for Web {
    fn default() -> Self {
        Self {
            user: None,
            config: None,
            inside: Addresses::default().inside,
            outside: Addresses::default().outside,
        }
    }
}

/// `[cron]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cron {
    /// The scheduled task's account.
    pub user: Option<String>,
}

/// `[database]`: by default what the product's own configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `host` or `host:port`.
    pub host: Option<String>,
    /// A local socket instead of a host.
    pub socket: Option<PathBuf>,
    /// A dump to read instead of the database.
    pub dump: Option<PathBuf>,
    /// An account for the audit.
    pub user: Option<String>,
    /// The file that holds its password, and nothing else.
    pub password_file: Option<PathBuf>,
    /// The account by which `deskguard fix --apply` changes the database; root of this machine over the
    /// server's socket where none is named.
    pub fix_user: Option<String>,
    /// The file that holds its password, and nothing else.
    pub fix_password_file: Option<PathBuf>,
    /// Certificates (PEM) that may have signed the server's.
    pub ssl_ca: Option<PathBuf>,
    /// Show the password also to a server whose identity cannot be verified.
    pub allow_unverified: bool,
}

impl Config {
    /// Understands the file's text.
    ///
    /// # Errors
    /// The place and the reason, for the person who wrote it.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Complaint> {
        toml::from_str(text)
            .map_err(|error| Complaint::in_text(file, text, error.span(), error.message()))
    }

    /// The policy of this file under a profile, attestations included.
    ///
    /// # Errors
    /// An attestation that cannot be right: of a check that rests on none, or of a day to come.
    pub fn policy(&self, profile: Profile, today: i64) -> Result<Policy, String> {
        let mut policy = Policy::new(profile, &self.policy);
        for attest in &self.attest {
            attest.add_to(&mut policy.attested, today)?;
        }
        Ok(policy)
    }

    /// Why the waiver in these lines needs not be added: the reason of one that says the same and holds.
    #[must_use]
    pub fn waived_already(&self, file: &Path, lines: &str, today: Date) -> Option<&str> {
        let added = Self::parse(file, lines).ok()?;
        let added = added.waive.first()?;
        let mut there = self.waive.iter();
        there.find_map(|it| it.says_the_same(added, today))
    }

    /// The waivers, for these checks.
    ///
    /// # Errors
    /// Every complaint about every entry; `file` and `text` are those that were parsed.
    pub fn waivers(
        &self,
        file: &Path,
        text: &str,
        catalogue: &Catalogue,
    ) -> Result<Vec<Waiver>, Vec<Complaint>> {
        waive::understand(&self.waive, file, text, catalogue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_is_shown_where_it_stands() {
        let error = Config::parse(
            Path::new("/etc/x.toml"),
            "root = \"/a\"\n[web]\nuzer = \"b\"\n",
        )
        .unwrap_err();
        let drawn = error.render(false);
        assert!(drawn.contains("/etc/x.toml:3"), "{drawn}");
        assert!(drawn.contains("uzer"), "{drawn}");
    }

    #[test]
    fn addresses_are_understood_or_shown() {
        let read = |text: &str| Config::parse(Path::new("x"), text);
        let config = read("[web]\ninside = ['10.0.0.0/8', '2001:db8::7']\n").unwrap();
        assert_eq!(config.web.inside.len(), 2);
        assert_eq!(config.web.outside.to_string(), "198.51.100.7");
        let error = read("[web]\ninside = ['office']\n").unwrap_err();
        assert!(error.render(false).contains("office"));
        assert!(read("[web]\noutside = 'x'\n").is_err());
    }

    #[test]
    fn policy_takes_the_profile() {
        let config = Config::parse(
            Path::new("x"),
            "profile = \"strict\"\n[policy]\nmax_build_age_days = 30",
        )
        .unwrap();
        let policy = config.policy(config.profile, 0).unwrap();
        assert_eq!(policy.profile, Profile::Strict);
        assert_eq!((policy.max_build_age_days, policy.max_admins), (30, 3));
    }
}
