//! Each PHP that may answer web requests: its program, its version, its settings. Refuses to run it:
//! the version is read out of the program's bytes, the settings out of the files that it reads.

use super::php_fpm::{Pool, PoolSetting};
use super::php_ini::{Ini, IniPlaces, read, truth};
use super::web_server::{Parsed, WebServer};
use crate::host::Host;
use crate::route::{Directive, Fpm, Place};
use regex::bytes::Regex;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// No PHP is larger than this.
const LARGEST_BINARY: usize = 128 << 20;

/// `SAPI_PHP_VERSION_HEADER` (main/SAPI.h), which every PHP holds.
static VERSION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"X-Powered-By: PHP/([0-9]+\.[0-9]+\.[0-9]+)").ok());

/// A PHP that may answer web requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhpRuntime {
    /// `PHP-FPM's pool www`, `Apache's PHP module`.
    pub name: String,
    /// Where a pool listens; none for Apache's module.
    pub listen: Option<String>,
    /// The line that begins it.
    pub at: Place,
    /// Its program or library, where it is known.
    pub binary: Option<PathBuf>,
    /// `8.2.7`, or `8.2` where only a path tells it; else why nobody knows.
    pub version: Result<String, String>,
    /// What its ini files say.
    pub ini: Ini,
    /// What its pool sets.
    pub pool: Vec<PoolSetting>,
    /// `security.limit_extensions`, as written.
    pub limit_extensions: Option<String>,
    /// What it sees as `/`.
    pub chroot: Option<PathBuf>,
    /// Whether a process of it was seen.
    pub is_running: bool,
}

/// Every PHP of the pools and of Apache's modules.
pub(super) fn look(host: &Host, pools: &[Pool], programs: &[WebServer]) -> Vec<PhpRuntime> {
    let mut found: Vec<PhpRuntime> = pools.iter().map(|pool| of_pool(host, pool)).collect();
    for server in programs {
        let Parsed::Apache { config, .. } = &server.parsed else {
            continue;
        };
        let mut modules = Vec::new();
        collect_modules(&config.tree.directives, &mut modules);
        let module = modules.first().map(|module| {
            let library = module.args.get(1).map(|library| {
                let library = config.variables.resolve(library);
                library.map(|library| config.server_root.join(library.path()))
            });
            of_module(host, module, library.and_then(Result::ok))
        });
        found.extend(module.map(|module| PhpRuntime {
            is_running: server.running.is_some(),
            ..module
        }));
    }
    found
}

fn of_pool(host: &Host, pool: &Pool) -> PhpRuntime {
    let minor = minor_of_path(&pool.config);
    let mut binaries: Vec<PathBuf> = pool.binary.clone().into_iter().collect();
    if let Some(minor) = &minor {
        let digits = minor.replace('.', "");
        for folder in ["/usr/sbin", "/usr/local/sbin"] {
            binaries.push(format!("{folder}/php-fpm{minor}").into());
            binaries.push(format!("{folder}/php-fpm{digits}").into());
        }
        binaries.push(format!("/opt/remi/php{digits}/root/usr/sbin/php-fpm").into());
    } else if binaries.is_empty() {
        binaries.push("/usr/sbin/php-fpm".into());
        binaries.push("/usr/local/sbin/php-fpm".into());
    }
    let program = Program::find(host, &binaries);
    let version = program.version(minor.as_deref(), &pool.config);
    PhpRuntime {
        name: format!("PHP-FPM's pool {}", pool.name),
        listen: pool.listen.clone(),
        at: pool.at.clone(),
        ini: program.ini(host, version.as_deref().ok(), "fpm", "fpm-fcgi"),
        binary: program.path,
        version,
        pool: pool.php.clone(),
        limit_extensions: pool.limit_extensions.clone(),
        chroot: pool.chroot.clone().map(PathBuf::from),
        is_running: pool.master.is_some(),
    }
}

fn of_module(host: &Host, load: &Directive, library: Option<PathBuf>) -> PhpRuntime {
    let program = Program::find(host, library.as_slice());
    let named = library.as_deref().and_then(minor_of_path);
    let version = program.version(named.as_deref(), &load.at.file);
    PhpRuntime {
        name: "Apache's PHP module".to_owned(),
        listen: None,
        at: load.at.clone(),
        ini: program.ini(host, version.as_deref().ok(), "apache2", "apache2handler"),
        binary: program.path.or(library),
        version,
        pool: Vec::new(),
        limit_extensions: None,
        chroot: None,
        is_running: false,
    }
}

/// `LoadModule php_module …` with its old names, in whatever section.
fn collect_modules<'a>(directives: &'a [Directive], found: &mut Vec<&'a Directive>) {
    const NAMES: [&str; 3] = ["php_module", "php5_module", "php7_module"];
    for directive in directives {
        let name = directive.args.first();
        if let Some(children) = &directive.children {
            collect_modules(children, found);
        } else if directive.is("LoadModule")
            && name.is_some_and(|name| NAMES.iter().any(|known| name.is(known)))
        {
            found.push(directive);
        }
    }
}

/// `8.2` in `/etc/php/8.2/fpm`, `/etc/php82` or `libphp8.2.so`.
fn minor_of_path(path: &Path) -> Option<String> {
    static MINOR: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"php[-/]?([5-9])\.?([0-9])").ok());
    let text = path.to_string_lossy();
    let found = MINOR.as_ref()?.captures(text.as_bytes())?;
    let part = |number| Some(String::from_utf8_lossy(found.get(number)?.as_bytes()).into_owned());
    Some(format!("{}.{}", part(1)?, part(2)?))
}

/// A program's bytes, where one was found.
struct Program {
    path: Option<PathBuf>,
    bytes: Vec<u8>,
}

impl Program {
    fn find(host: &Host, places: &[PathBuf]) -> Self {
        let read = |path: &PathBuf| {
            let bytes = host.read_file(path, LARGEST_BINARY).ok().flatten()?;
            Some(Self {
                path: Some(path.clone()),
                bytes,
            })
        };
        places.iter().find_map(read).unwrap_or(Self {
            path: None,
            bytes: Vec::new(),
        })
    }

    fn version(&self, of_path: Option<&str>, config: &Path) -> Result<String, String> {
        let found = VERSION.as_ref().and_then(|it| it.captures(&self.bytes));
        let found = found.and_then(|found| found.get(1));
        found
            .map(|version| String::from_utf8_lossy(version.as_bytes()).into_owned())
            .or_else(|| of_path.map(str::to_owned))
            .ok_or_else(|| {
                format!(
                    "the PHP that {} belongs to was not found, so its version is not known",
                    config.display()
                )
            })
    }

    /// The ini files of the place that is compiled in; without a program, of the first usual one
    /// that is there.
    fn ini(&self, host: &Host, version: Option<&str>, sapi: &str, long: &str) -> Ini {
        let places = IniPlaces::usual(version, sapi);
        let chosen = if self.bytes.is_empty() {
            let there = |place: &&IniPlaces| {
                host.is_dir(&place.scanned) == Ok(true)
                    || host.is_file(&place.directory.join("php.ini")) == Ok(true)
            };
            places.iter().find(there)
        } else {
            places.iter().find(|place| self.holds(&place.directory))
        };
        match chosen {
            Some(place) => read(host, place, long),
            None => Ini {
                missed: vec![format!(
                    "where this PHP{} looks for its php.ini is not known",
                    version.map_or_else(String::new, |version| format!(" ({version})"))
                )],
                ..Ini::default()
            },
        }
    }

    /// Whether the path is one of the program's strings.
    fn holds(&self, path: &Path) -> bool {
        let mark = format!("\0{}\0", path.display());
        let escaped = regex::escape(&mark);
        Regex::new(&escaped).is_ok_and(|regex| regex.is_match(&self.bytes))
    }
}

impl PhpRuntime {
    /// The pool as the rules of PHP-FPM see it; none for Apache's module.
    #[must_use]
    pub fn fpm(&self) -> Option<Fpm> {
        let listen = self.listen.clone()?;
        let mut fpm = Fpm {
            listen,
            chroot: self.chroot.clone(),
            ..Fpm::default()
        };
        if let Some(written) = &self.limit_extensions {
            // An empty setting lifts the limit (fpm_conf.c).
            let each = written.split_ascii_whitespace();
            fpm.limit_extensions = each.map(str::to_owned).collect();
        }
        let pool = self.pool.iter().rev();
        let set = pool.filter(|it| it.name == "cgi.fix_pathinfo");
        let set = set.max_by_key(|it| it.admin).map(|it| it.value.as_str());
        let value = set.or_else(|| Some(self.ini.get("cgi.fix_pathinfo")?.value.as_str()));
        if let Some(value) = value {
            fpm.fix_pathinfo = truth(value).unwrap_or(true);
        }
        Some(fpm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_in_paths() {
        for (path, expected) in [
            ("/etc/php/8.2/fpm/php-fpm.conf", Some("8.2")),
            ("/etc/php82/php-fpm.conf", Some("8.2")),
            ("/etc/php-fpm.conf", None),
            ("/etc/opt/remi/php74/php-fpm.conf", Some("7.4")),
            ("/usr/lib/apache2/modules/libphp8.2.so", Some("8.2")),
            ("/usr/lib/apache2/modules/libphp7.so", None),
        ] {
            assert_eq!(
                minor_of_path(Path::new(path)).as_deref(),
                expected,
                "{path}"
            );
        }
    }

    #[test]
    fn a_program_tells_its_version_and_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        std::fs::create_dir_all(at("etc/php/8.3/fpm")).unwrap();
        std::fs::create_dir_all(at("usr/sbin")).unwrap();
        std::fs::write(at("etc/php/8.3/fpm/php.ini"), "cgi.fix_pathinfo = 0\n").unwrap();
        let bytes = b"\x7fELF\0X-Powered-By: PHP/8.3.4\0x\0/etc/php/8.3/fpm\0";
        std::fs::write(at("usr/sbin/php-fpm8.3"), bytes).unwrap();
        let host = Host::at(folder.path().to_owned());
        let program = Program::find(&host, &["/none".into(), "/usr/sbin/php-fpm8.3".into()]);
        assert_eq!(
            program.version(None, Path::new("/x")),
            Ok("8.3.4".to_owned())
        );
        let ini = program.ini(&host, Some("8.3.4"), "fpm", "fpm-fcgi");
        assert_eq!(ini.get("cgi.fix_pathinfo").unwrap().at.line, 1);
        let unknown = Program::find(&host, &[]);
        assert!(unknown.version(None, Path::new("/x")).is_err());
    }
}
