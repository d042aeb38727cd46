//! A small v4 install in a folder of its own, and a visit to whatever serves it.

use deskguard::audit::observe;
use deskguard::facts::{Asked, Facts, Known, LiveFacts};
use deskguard::host::Host;
use deskguard::target::{Asking, DatabaseWish, Generation, Vantage, Wishes};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

/// An install on disk; gone when dropped.
pub(crate) struct Install {
    _folder: tempfile::TempDir,
    pub(crate) root: PathBuf,
    generation: Generation,
}

impl Install {
    /// v5: `www/` is published, everything else lies beside it.
    pub(crate) fn v5() -> Self {
        let install = Self::empty(Generation::V5);
        for (path, text) in [
            ("www/index.php", "<?php\n"),
            ("www/assets/app.css", "body { margin: 0 }\n"),
            ("app/run/init_env.php", "<?php\n"),
            ("app/run/targets/test_ping.html", "DESKPRO_PONG\n"),
            (
                "bin/cron",
                "#!/usr/bin/env php\n<?php // the scheduled task\n",
            ),
            (
                "config/config.database.php",
                "<?php $DB_CONFIG = ['password' => 'x'];\n",
            ),
            (
                "var/logs/error.log",
                "2026-01-02 03:04:05 something broke\n",
            ),
            ("backups/2026-01-02-database.sql", "-- MySQL dump 10.13\n"),
        ] {
            install.write(path, text);
        }
        install
    }

    /// Files of a line each, as v4 lays them out.
    pub(crate) fn v4() -> Self {
        let install = Self::empty(Generation::V4);
        for (path, text) in V4 {
            install.write(path, text);
        }
        install
    }

    fn empty(generation: Generation) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("deskguard-live-")
            .tempdir()
            .unwrap();
        let root = folder.path().canonicalize().unwrap().join("deskpro");
        fs::create_dir(&root).unwrap();
        for open in [folder.path(), &root] {
            fs::set_permissions(open, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self {
            _folder: folder,
            root,
            generation,
        }
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Asks the URL as `asking` says, and gives what was seen.
    pub(crate) fn ask(&self, asking: Asking) -> Facts {
        self.ask_beside(asking, None)
    }

    /// The same beside a web server's configuration.
    pub(crate) fn ask_beside(&self, asking: Asking, web_config: Option<PathBuf>) -> Facts {
        let wishes = Wishes {
            web_config,
            root: Some(self.root.clone()),
            generation: Some(self.generation),
            asking,
            database: DatabaseWish {
                offline: true,
                ..DatabaseWish::default()
            },
            ..Wishes::default()
        };
        observe(&Host::default(), &wishes, None).unwrap()
    }

    pub(crate) fn live(&self, url: &str) -> LiveFacts {
        self.ask(asking(url)).live
    }
}

/// A file of a line for each that matters.
const V4: [(&str, &str); 11] = [
    ("index.php", INDEX),
    (
        "config.php",
        "<?php define('DP_DATABASE_PASSWORD', 'x'); $DP_CONFIG = array();\n",
    ),
    (
        "cron.php",
        "<?php echo 'This script must only be run from the CLI.';\n",
    ),
    (
        "app/sys/load_config.php",
        "<?php // loads the configuration\n",
    ),
    (
        "app/sys/config/build-time.php",
        "<?php define('DP_BUILD_TIME', 1359676800);\n",
    ),
    ("dp.php", "<?php\n"),
    ("get_messages.php", "<?php\n"),
    ("web/site.css", "body { color: black }\n"),
    ("data/index.html", "DESKPRO_READABLE_FILE\n"),
    (
        "data/logs/error.log",
        "2026-01-02 03:04:05 something broke\n",
    ),
    ("data/is_installed.dat", "installed 2026\n"),
];

/// From outside, within ten seconds.
pub(crate) fn asking(url: &str) -> Asking {
    Asking {
        url: Some((url.to_owned(), "the test".to_owned())),
        vantage: Some(Vantage::Outside),
        limit: Duration::from_secs(10),
        ..Asking::default()
    }
}

/// The paths that were given.
pub(crate) fn given(rows: &[Asked]) -> Vec<&str> {
    let given = rows.iter().filter(|row| row.given == Known::Known(true));
    given.map(|row| path(&row.url)).collect()
}

/// The reasons of what could not be told, each once.
pub(crate) fn unknown(rows: &[Asked]) -> Vec<&str> {
    let mut reasons: Vec<&str> = rows
        .iter()
        .filter_map(|row| match &row.given {
            Known::Unknown(reason) => Some(reason.as_str()),
            Known::Known(_) => None,
        })
        .collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons
}

fn path(url: &str) -> &str {
    let host = url.find("://").unwrap() + 3;
    &url[host + url[host..].find('/').unwrap()..]
}

/// The stand-in for the product: routes, a login page, dp-ping, the installer while nothing is installed.
pub(crate) const INDEX: &str = r#"<?php
$path = isset($_SERVER['PATH_INFO']) && $_SERVER['PATH_INFO'] !== '' ? $_SERVER['PATH_INFO'] : parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$path = preg_replace('~^/index\.php~', '', $path);
if (preg_match('~^/(?:(admin|agent)/)?dp-ping$~', $path, $found)) {
    header('Content-Type: application/json');
    echo json_encode(array('deskpro' => true, 'interface' => isset($found[1]) ? $found[1] : 'user'));
} elseif (preg_match('~^/(admin|agent)(/|/login)?$~', $path, $found)) {
    header('Set-Cookie: dpsid-' . $found[1] . '=1; path=/; Secure; HttpOnly; SameSite=Lax', false);
    echo "<!DOCTYPE html><title>Log in</title><form><input type=\"password\"></form>";
} elseif (strpos($path, '/install') === 0 && !file_exists(__DIR__ . '/data/is_installed.dat')) {
    echo "<!DOCTYPE html><title>Install DeskPRO</title>";
} elseif ($path === '/' || $path === '') {
    header('Set-Cookie: dpsid=1; path=/; Secure; HttpOnly; SameSite=Lax', false);
    echo "<!DOCTYPE html><title>Help</title><p>A helpdesk by DeskPRO.";
} else {
    http_response_code(404);
    echo "<!DOCTYPE html><title>Not found</title>";
}
"#;
