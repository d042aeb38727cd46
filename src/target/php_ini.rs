//! PHP's own settings as its ini files make them: which files one PHP reads, in its order. Refuses to
//! evaluate variables and constants in values; sections for single paths or hosts are kept apart.

use super::ini::{Dialect, entries};
use super::php_fpm::visible;
use crate::host::Host;
use crate::host::glob::LARGEST_CONFIG;
use crate::route::Place;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One line of an ini file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IniSetting {
    /// The setting.
    pub name: String,
    /// Its value; passwords are left out.
    pub value: String,
    /// The line.
    pub at: Place,
}

/// What one PHP's ini files say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ini {
    /// In the order in which PHP reads them: the last line of a name counts.
    pub settings: Vec<IniSetting>,
    /// The files that were read.
    pub files: Vec<PathBuf>,
    /// Why there may be other settings.
    pub missed: Vec<String>,
}

/// Where a PHP looks: its own directory, and the directory whose files it reads besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IniPlaces {
    pub(super) directory: PathBuf,
    pub(super) scanned: PathBuf,
}

impl IniPlaces {
    /// The directories that distributions and images compile in.
    pub(super) fn usual(version: Option<&str>, sapi: &str) -> Vec<Self> {
        let mut places = Vec::new();
        let mut add = |directory: String, scanned: String| {
            places.push(Self {
                directory: directory.into(),
                scanned: scanned.into(),
            });
        };
        if let Some(version) = version {
            let mut parts = version.split('.');
            let minor = [parts.next(), parts.next()];
            if let [Some(major), Some(minor)] = minor {
                let debian = format!("/etc/php/{major}.{minor}/{sapi}");
                add(debian.clone(), format!("{debian}/conf.d"));
                let remi = format!("/etc/opt/remi/php{major}{minor}");
                add(remi.clone(), format!("{remi}/php.d"));
                for alpine in [
                    format!("/etc/php{major}{minor}"),
                    format!("/etc/php{major}"),
                ] {
                    add(alpine.clone(), format!("{alpine}/conf.d"));
                }
            }
        }
        add("/etc".to_owned(), "/etc/php.d".to_owned());
        let image = "/usr/local/etc/php";
        add(image.to_owned(), format!("{image}/conf.d"));
        places
    }
}

/// Reads the files of a place (main/php_ini.c, `php_init_config`): the first of the two main files,
/// then those in the scanned directory by their names.
pub(super) fn read(host: &Host, places: &IniPlaces, sapi: &str) -> Ini {
    let mut ini = Ini::default();
    for name in [format!("php-{sapi}.ini"), "php.ini".to_owned()] {
        if ini.add(host, &places.directory.join(name)) {
            break;
        }
    }
    match host.glob(&places.scanned.join("*.ini")) {
        Ok(files) => {
            for file in files {
                ini.add(host, &file);
            }
        }
        Err(reason) => ini.missed.push(reason),
    }
    ini
}

impl Ini {
    /// Reads one more file; whether it is there.
    pub fn add(&mut self, host: &Host, file: &Path) -> bool {
        let text = match host.read_file(file, LARGEST_CONFIG) {
            Ok(Some(text)) => text,
            Ok(None) => return false,
            Err(reason) => {
                self.missed.push(reason);
                return true;
            }
        };
        self.files.push(file.to_owned());
        let shared: Arc<Path> = file.into();
        for entry in entries(&text, Dialect::Php).0 {
            if entry.section.starts_with("PATH=") || entry.section.starts_with("HOST=") {
                self.missed.push(format!(
                    "{}:{}: the section [{}] is for some requests only, and was not read",
                    file.display(),
                    entry.line,
                    entry.section
                ));
                continue;
            }
            self.settings.push(IniSetting {
                value: visible(&entry.key, entry.value),
                name: entry.key,
                at: Place {
                    file: Arc::clone(&shared),
                    line: entry.line,
                },
            });
        }
        true
    }

    /// The line that counts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&IniSetting> {
        self.settings.iter().rev().find(|it| it.name == name)
    }
}

/// Whether a value switches something on (Zend/zend_ini.c, `zend_ini_parse_bool`); nothing where it
/// holds a variable or a constant.
#[must_use]
pub fn truth(value: &str) -> Option<bool> {
    let word = value.trim().to_ascii_lowercase();
    match word.as_str() {
        "on" | "yes" | "true" => Some(true),
        "" | "off" | "no" | "none" | "false" | "null" => Some(false),
        _ => {
            let number = word.trim_start_matches('+').parse::<i64>();
            number.ok().map(|number| number != 0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_in_php_s_order() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        std::fs::create_dir_all(at("etc/php/8.2/fpm/conf.d")).unwrap();
        let write = |path: &str, text: &str| std::fs::write(at(path), text).unwrap();
        write(
            "etc/php/8.2/fpm/php.ini",
            "[PHP]\ndisplay_errors = Off ; quiet\nexpose_php=On\nmysqli.default_pw = x\n[HOST=a]\nx=1\n",
        );
        write("etc/php/8.2/fpm/conf.d/20-b.ini", "display_errors=1\n");
        write("etc/php/8.2/fpm/conf.d/10-a.ini", "display_errors=0\n");
        write("etc/php/8.2/fpm/conf.d/readme", "display_errors=0\n");
        let host = Host::at(folder.path().to_owned());
        let places = IniPlaces::usual(Some("8.2.7"), "fpm");
        let ini = read(&host, places.first().unwrap(), "fpm-fcgi");
        let deciding = ini.get("display_errors").unwrap();
        assert_eq!(deciding.value, "1");
        assert!(deciding.at.file.ends_with("conf.d/20-b.ini"));
        assert_eq!(ini.get("mysqli.default_pw").unwrap().value, "***");
        assert_eq!(ini.files.len(), 3);
        assert!(ini.missed[0].contains("[HOST=a]"), "{:?}", ini.missed);
    }

    #[test]
    fn values_that_switch() {
        for (value, expected) in [
            ("On", Some(true)),
            ("1", Some(true)),
            ("-1", Some(true)),
            ("", Some(false)),
            ("Off", Some(false)),
            ("None", Some(false)),
            ("0", Some(false)),
            ("${X}", None),
            ("E_ALL", None),
        ] {
            assert_eq!(truth(value), expected, "{value}");
        }
    }
}
