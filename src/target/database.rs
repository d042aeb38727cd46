//! How the product connects to its database, by its own configuration: hosts in every notation that it
//! accepts, lists of servers, TLS options. Passwords go from here into [`Secret`] and no further.

use super::settings::{Asked, Settings};
use super::{Generation, Target};
use crate::facts::{Known, Secret};
use crate::host::Host;
use crate::mysql::Place;
use crate::php::{Lookup, Value};
use std::net::Ipv6Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What flags and `deskguard.toml` say about the database.
#[derive(Clone, Default)]
pub struct DatabaseWish {
    /// Connect to nothing.
    pub offline: bool,
    /// A dump that is read instead of the database.
    pub dump: Option<PathBuf>,
    /// Another host than the product's, as `host` or `host:port`.
    pub host: Option<String>,
    /// A local socket.
    pub socket: Option<PathBuf>,
    /// An account for the audit instead of the product's own, and its password.
    pub account: Option<(String, Arc<Secret>)>,
    /// Certificates (PEM) that may have signed the server's.
    pub authorities: Option<Vec<u8>>,
    /// Show the password also to a server that could be anybody.
    pub trusts_anybody: bool,
}

impl DatabaseWish {
    /// Where to: what the site says, else where the product goes.
    ///
    /// # Errors
    /// That neither says it.
    pub fn place(&self, product: Option<&Place>) -> Result<Place, String> {
        if let Some(socket) = &self.socket {
            return Ok(Place::Socket(socket.clone()));
        }
        if let Some(host) = &self.host {
            return place(host, "", || PathBuf::from(USUAL_SOCKETS[0]));
        }
        let product = product.cloned();
        product.ok_or_else(|| "the configuration does not say where the database is".to_owned())
    }
}

/// Where a database server of this machine may have its socket.
pub fn usual_database_sockets() -> impl Iterator<Item = PathBuf> {
    USUAL_SOCKETS.iter().map(PathBuf::from)
}

/// One server that the configuration names, and who logs in there.
pub struct ConfiguredLogin {
    /// The host as it is written.
    pub host: Known<String>,
    /// Where that leads PHP.
    pub place: Known<Place>,
    /// The account.
    pub user: Known<String>,
    /// Its password; empty where none is set.
    pub password: Known<Secret>,
    /// The schema.
    pub schema: Known<String>,
    /// What is asked of TLS.
    pub tls: Known<ConfiguredTls>,
    /// The file that names the account, and the line; 0 where no line does.
    pub file: String,
    /// The line.
    pub line: u32,
    /// How the setting that names the account is spelled.
    pub setting: String,
    /// How the one with the password is spelled; empty where it does not stand in the same file, or the
    /// configuration names several servers.
    pub password_setting: String,
    /// Its line; 0 where no line has it.
    pub password_line: u32,
}

/// What `pdo_options` ask for. PDO uses TLS when any certificate option is there (`pdo_mysql`,
/// `mysql_driver.c`), and mysqlnd verifies the server unless it is told not to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConfiguredTls {
    /// Whether TLS is used at all.
    pub wanted: bool,
    /// Whether the server's certificate must be right.
    pub verified: bool,
    /// The file of the certificates that may have signed it.
    pub authorities: Option<PathBuf>,
}

/// PDO's numbers for certificate options: key, certificate, authorities, their folder, ciphers.
const TLS_OPTIONS: [&str; 5] = ["1007", "1008", "1009", "1010", "1011"];
const AUTHORITIES: &str = "1009";
const VERIFY: &str = "1014";
/// No list of servers is longer.
const MOST_SERVERS: usize = 16;

impl Target {
    /// Every server that the configuration names; the product picks one of several at random.
    ///
    /// # Errors
    /// Why nothing is known about them.
    pub fn database_logins(&self, host: &Host) -> Result<Vec<ConfiguredLogin>, String> {
        let settings = self.settings.as_ref().ok_or_else(|| self.no_settings())?;
        let source = Source { host, settings };
        if matches!(source.settings.get(ID, &["0"]).lookup, Lookup::Missing) {
            return Ok(vec![source.login(None)]);
        }
        let numbers: Vec<String> = (0..MOST_SERVERS).map(|at| at.to_string()).collect();
        let there = numbers
            .iter()
            .take_while(|at| !matches!(source.settings.get(ID, &[at]).lookup, Lookup::Missing));
        Ok(there.map(|at| source.login(Some(at))).collect())
    }
}

/// The id of the file, or of the key of `$CONFIG`.
const ID: &str = "database";

struct Source<'a> {
    host: &'a Host,
    settings: &'a Settings,
}

impl<'a> Source<'a> {
    fn login(&self, at: Option<&str>) -> ConfiguredLogin {
        let user = self.ask(at, "user", "DP_DATABASE_USER");
        let host = self.text(&self.ask(at, "host", "DP_DATABASE_HOST"), Some("localhost"));
        let port = self.text(&self.ask(at, "port", ""), Some(""));
        let place = match (&host, &port) {
            (Known::Known(host), Known::Known(port)) => place(host, port, || self.socket()).into(),
            (Known::Unknown(why), _) | (_, Known::Unknown(why)) => Known::unknown(why),
        };
        let (file, line) = user.place();
        let password = self.ask(at, "password", "DP_DATABASE_PASSWORD");
        let (password_file, password_line) = password.place();
        let beside = at.is_none() && (password_file == file || password_line == 0);
        // v4 falls back to the texts of its template (app/sys/load_config.php).
        let v4 = self.settings.generation == Generation::V4;
        ConfiguredLogin {
            place,
            host,
            password: self.password(at, if v4 { b"YOUR_DATABASE_PASS" } else { b"" }),
            schema: self.text(
                &self.ask(at, "dbname", "DP_DATABASE_NAME"),
                v4.then_some("YOUR_DATABASE_NAME"),
            ),
            tls: self.tls(at),
            file,
            line,
            setting: user.name.clone(),
            password_setting: if beside {
                password.name.clone()
            } else {
                String::new()
            },
            password_line: if beside { password_line } else { 0 },
            user: self.text(&user, v4.then_some("YOUR_DATABASE_USER")),
        }
    }

    /// `$DP_CONFIG['db'][…]` wins over v4's constants.
    fn ask(&self, at: Option<&str>, key: &'static str, constant: &str) -> Asked<'a> {
        let mut path: Vec<&str> = at.into_iter().collect();
        if self.settings.generation == Generation::V4 {
            path.insert(0, "db");
        }
        path.push(key);
        let asked = self.settings.get(ID, &path);
        let v4 = self.settings.generation == Generation::V4;
        if v4 && !constant.is_empty() && matches!(asked.lookup, Lookup::Missing) {
            return self.settings.constant(constant);
        }
        asked
    }

    /// A setting's text as PHP would turn it into one.
    fn text(&self, asked: &Asked<'_>, missing: Option<&str>) -> Known<String> {
        let name = &asked.name;
        match &asked.lookup {
            Lookup::Known(Value::Str(bytes), _) => String::from_utf8(bytes.clone())
                .map_err(|_| format!("{name} is not UTF-8"))
                .into(),
            Lookup::Known(Value::Int(number), _) => Known::Known(number.to_string()),
            Lookup::Known(Value::Null, _) | Lookup::Missing => match (self.unread(), missing) {
                (Some(why), _) => Known::unknown(why),
                (None, Some(text)) => Known::Known(text.to_owned()),
                (None, None) => Known::unknown(format!("{name} is not set")),
            },
            Lookup::Known(other, _) => {
                Known::unknown(format!("{name} is a {}, not a text", other.kind()))
            }
            Lookup::Unknown(unknown) => Known::unknown(unknown.sentence()),
        }
    }

    fn password(&self, at: Option<&str>, missing: &[u8]) -> Known<Secret> {
        let asked = self.ask(at, "password", "DP_DATABASE_PASSWORD");
        match &asked.lookup {
            Lookup::Known(Value::Str(bytes), _) => Known::Known(Secret::new(bytes)),
            _ => self
                .text(&asked, std::str::from_utf8(missing).ok())
                .map(|text| Secret::new(text.as_bytes())),
        }
    }

    fn tls(&self, at: Option<&str>) -> Known<ConfiguredTls> {
        let option = |number: &'static str| {
            let mut path: Vec<&str> = at.into_iter().collect();
            if self.settings.generation == Generation::V4 {
                path.insert(0, "db");
            }
            path.extend(["pdo_options", number]);
            self.settings.get(ID, &path)
        };
        let mut tls = ConfiguredTls::default();
        for number in TLS_OPTIONS {
            match &option(number).lookup {
                Lookup::Missing | Lookup::Known(Value::Null, _) => {}
                Lookup::Known(value, _) => {
                    tls.wanted = true;
                    if let (AUTHORITIES, Some(path)) = (number, value.as_bytes()) {
                        tls.authorities = Some(super::as_path(path));
                    }
                }
                Lookup::Unknown(unknown) => return Known::unknown(unknown.sentence()),
            }
        }
        let verify = option(VERIFY);
        tls.verified = match &verify.lookup {
            Lookup::Missing | Lookup::Known(Value::Null, _) => tls.wanted,
            Lookup::Known(value, _) => tls.wanted && value.truth().unwrap_or(false),
            Lookup::Unknown(unknown) => return Known::unknown(unknown.sentence()),
        };
        Known::Known(tls)
    }

    /// Why a setting that was not found may be set nevertheless.
    fn unread(&self) -> Option<String> {
        let holds = |id: &str| matches!(id, "config" | "database" | "all");
        let files = self.settings.files.iter();
        let mut missing = None;
        let mut seen = false;
        for file in files.filter(|file| holds(file.file.id)) {
            match &file.there {
                Err(why) => return Some(why.clone()),
                Ok(false) => {
                    missing = Some(format!("{} is not there", file.file.path.display()));
                }
                Ok(true) => match file.evaluation.unread() {
                    Some(why) => return Some(why.to_owned()),
                    None => seen = true,
                },
            }
        }
        missing.filter(|_| !seen)
    }

    /// Where PHP looks for the local socket: php.ini, else where distributions put it.
    fn socket(&self) -> PathBuf {
        let ini = php_ini_sockets(self.host);
        let usual = USUAL_SOCKETS.iter().map(PathBuf::from);
        let there = |path: &PathBuf| self.host.exists(path) == Ok(true);
        ini.into_iter()
            .next()
            .or_else(|| usual.clone().find(there))
            .unwrap_or_else(|| PathBuf::from(USUAL_SOCKETS[0]))
    }
}

/// Debian; the Red Hat family; mysqlnd's own default.
const USUAL_SOCKETS: [&str; 4] = [
    "/run/mysqld/mysqld.sock",
    "/var/run/mysqld/mysqld.sock",
    "/var/lib/mysql/mysql.sock",
    "/tmp/mysql.sock",
];

/// Where php.ini is in distributions and in the vendor's image.
const PHP_INI: [&str; 5] = [
    "/etc/php/*/fpm/php.ini",
    "/etc/php/*/apache2/php.ini",
    "/etc/php/*/cli/php.ini",
    "/etc/php.ini",
    "/usr/local/etc/php/php.ini",
];

/// `pdo_mysql.default_socket`, wherever it is set.
fn php_ini_sockets(host: &Host) -> Vec<PathBuf> {
    let files = PHP_INI
        .iter()
        .flat_map(|pattern| host.glob(Path::new(pattern)).unwrap_or_default());
    files
        .filter_map(|file| host.read_file(&file, 1 << 20).ok().flatten())
        .flat_map(|text| super::ini::entries(&text, super::ini::Dialect::Php).0)
        .filter(|entry| entry.key == "pdo_mysql.default_socket" && !entry.value.is_empty())
        .map(|entry| PathBuf::from(entry.value))
        .collect()
}

/// Where a host leads. `localhost` means the local socket whatever the port: PDO decides by the name alone
/// (`pdo_mysql`, `mysql_driver.c`).
///
/// # Errors
/// What cannot be understood.
fn place(host: &str, port: &str, socket: impl FnOnce() -> PathBuf) -> Result<Place, String> {
    let host = host.trim();
    if let Some(path) = host.strip_prefix("unix_socket:") {
        return Ok(Place::Socket(path.trim().into()));
    }
    let (name, with_port) = split_port(host);
    let port = with_port.unwrap_or(port);
    if name.is_empty() || name == "localhost" {
        return Ok(Place::Socket(socket()));
    }
    let port = match port.trim() {
        "" => Place::PORT,
        text => text
            .parse()
            .map_err(|_| format!("the port of the database host {host} is no number"))?,
    };
    Ok(Place::Tcp {
        host: name.to_owned(),
        port,
    })
}

/// `host`, `host:port`, `[v6]`, `[v6]:port`, a bare v6 address.
fn split_port(host: &str) -> (&str, Option<&str>) {
    if let Some((name, rest)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (name, rest.strip_prefix(':'));
    }
    if host.parse::<Ipv6Addr>().is_ok() {
        return (host, None);
    }
    host.split_once(':')
        .map_or((host, None), |(name, port)| (name, Some(port)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_lead_where_php_goes() {
        let tcp = |host: &str, port| Place::Tcp {
            host: host.to_owned(),
            port,
        };
        let socket = |path: &str| Place::Socket(path.into());
        for (host, port, expected) in [
            ("localhost", "", socket("/s")),
            ("localhost:3307", "", socket("/s")),
            ("", "", socket("/s")),
            ("unix_socket:/run/x.sock", "", socket("/run/x.sock")),
            ("127.0.0.1", "", tcp("127.0.0.1", 3306)),
            ("127.0.0.1:3307", "", tcp("127.0.0.1", 3307)),
            ("db.example.net", "3308", tcp("db.example.net", 3308)),
            ("::1", "", tcp("::1", 3306)),
            ("[2001:db8::1]:3307", "", tcp("2001:db8::1", 3307)),
        ] {
            assert_eq!(place(host, port, || "/s".into()), Ok(expected), "{host}");
        }
        assert!(place("db:many", "", || "/s".into()).is_err());
    }
}
