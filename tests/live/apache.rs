//! Apache with PHP: what its own defaults give away, and that `.htaccess` without `AllowOverride`
//! protects nothing.

use crate::install::{Install, asking, given};
use crate::process::{Process, free_port, listens, open_folder};
use deskguard::facts::{Known, LiveFacts};
use deskguard::target::Vantage;
use std::fs;
use std::process::Command;

fn visit(install: &Install, more: &str, vantage: Vantage) -> LiveFacts {
    let site = Site::start(install, more);
    let mut asking = asking(&site.url());
    asking.vantage = Some(vantage);
    install.ask(asking).live
}

/// Apache with mod_php, which serves and runs whatever lies below the install.
pub(crate) struct Site {
    _apache: Process,
    folder: tempfile::TempDir,
    port: u16,
}

impl Site {
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    fn config(&self) -> std::path::PathBuf {
        self.folder.path().join("apache.conf")
    }

    pub(crate) fn start(install: &Install, more: &str) -> Self {
        let folder = open_folder();
        let dir = folder.path();
        let port = free_port();
        let modules = "/usr/lib/apache2/modules";
        let php = fs::read_dir(modules)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.to_string_lossy().contains("libphp"))
            .expect("mod_php is not installed (apt install libapache2-mod-php)");
        let user = if rustix::process::geteuid().is_root() {
            "User www-data\nGroup www-data"
        } else {
            ""
        };
        let load: String = [
            "mpm_prefork",
            "authz_core",
            "authz_host",
            "access_compat",
            "mime",
            "dir",
            "autoindex",
            "rewrite",
            "status",
            "alias",
        ]
        .iter()
        .map(|name| format!("LoadModule {name}_module {modules}/mod_{name}.so\n"))
        .collect();
        let config = format!(
            "ServerRoot {dir}\nPidFile {dir}/apache.pid\nErrorLog {dir}/error.log\nListen 127.0.0.1:{port}\nServerName localhost\n{user}\n{load}LoadModule php_module {php}\nTypesConfig /etc/mime.types\nDirectoryIndex index.php index.html\n<FilesMatch \"\\.php$\">\nSetHandler application/x-httpd-php\n</FilesMatch>\nDocumentRoot {root}\n<Directory />\nAllowOverride None\n</Directory>\n<Directory {root}>\nRequire all granted\nRewriteEngine On\nRewriteCond %{{REQUEST_URI}} !=/server-status\nRewriteCond %{{REQUEST_FILENAME}} !-f\nRewriteCond %{{REQUEST_FILENAME}} !-d\nRewriteRule ^ index.php [L]\n</Directory>\n{more}\n",
            dir = dir.display(),
            php = php.display(),
            root = install.root.display()
        );
        fs::write(dir.join("apache.conf"), config).unwrap();
        let mut command = Command::new("/usr/sbin/apache2");
        command
            .args(["-D", "FOREGROUND"])
            .arg("-f")
            .arg(dir.join("apache.conf"));
        let apache = Process::start(&mut command, &dir.join("apache.out"), || listens(port));
        Self {
            _apache: apache,
            folder,
            port,
        }
    }
}

#[test]
fn htaccess_without_allow_override_protects_nothing() {
    let install = Install::v4();
    install.write("data/.htaccess", "Order deny,allow\nDeny from all\n");
    install.write(".htaccess", "RewriteEngine On\n");
    install.write("config.php.bak", "<?php $DP_CONFIG = array('secret');\n");
    install.write(".git/HEAD", "ref: refs/heads/main\n");
    let root = install.root.display().to_string();
    let listed = format!("<Directory {root}>\nOptions +Indexes\n</Directory>");
    let live = visit(&install, &listed, Vantage::Outside);
    assert!(
        given(&live.data.rows).contains(&"/data/logs/error.log"),
        "{:#?}",
        live.data
    );
    let files = given(&live.files.rows);
    for path in ["/config.php.bak", "/.git/HEAD", "/.htaccess"] {
        assert!(
            files.contains(&path) || path == "/.htaccess",
            "{path}: {files:?}"
        );
    }
    // config.php is run, and answers with nothing.
    let config = live
        .files
        .rows
        .iter()
        .find(|row| row.what == "config.php")
        .unwrap();
    assert_eq!(config.given, Known::Known(true), "{config:?}");
    assert!(config.shows.contains("the script was run"), "{config:?}");
    assert!(
        !given(&live.directories.rows).is_empty(),
        "Apache lists by default"
    );
    assert!(live.proven.config.shown && live.proven.listing.shown);

    let allowed = format!("<Directory {root}>\nAllowOverride All\n</Directory>");
    let live = visit(&install, &allowed, Vantage::Outside);
    let data = given(&live.data.rows);
    assert_eq!(data, Vec::<&str>::new(), "its rule counts now");
}

/// A rule that stops one route to the admin interface is told from one that stops all.
#[test]
fn every_route_to_the_admin_interface_counts() {
    let install = Install::v4();
    let half = "<Location /admin>\nRequire all denied\n</Location>";
    let live = visit(&install, half, Vantage::Outside);
    let rows = given(&live.interfaces.rows);
    assert!(rows.contains(&"/index.php/admin/dp-ping"), "{rows:?}");
    assert!(!rows.contains(&"/admin/dp-ping"), "{rows:?}");
    assert!(live.proven.admin_outside.shown);

    let whole = "<LocationMatch \"^(/index\\.php)?/admin\">\nRequire all denied\n</LocationMatch>";
    let live = visit(&install, whole, Vantage::Outside);
    assert!(
        !live.proven.admin_outside.shown,
        "{:?}",
        live.proven.admin_outside
    );
    assert!(live.proven.agent_outside.shown);
}

/// What is open to the machine itself says nothing about strangers.
#[test]
fn from_inside_an_open_status_page_proves_nothing_about_outside() {
    let install = Install::v4();
    let status = "<Location /server-status>\nSetHandler server-status\nRequire local\n</Location>";
    let live = visit(&install, status, Vantage::Inside);
    let page = live
        .diagnostics
        .rows
        .iter()
        .find(|row| row.what == "/server-status")
        .unwrap();
    assert_eq!(page.given, Known::Known(true), "{page:?}");
    assert!(matches!(&page.given_outside, Known::Unknown(why) if why.contains("from inside")));
    assert!(!live.proven.diagnostics_outside.shown);
    let live = visit(&install, status, Vantage::Outside);
    assert!(live.proven.diagnostics_outside.shown);
}

#[test]
fn the_installer_is_open_where_nothing_says_that_it_is_done() {
    let install = Install::v4();
    assert!(!visit(&install, "", Vantage::Outside).proven.installer.shown);
    fs::remove_file(install.root.join("data/is_installed.dat")).unwrap();
    let live = visit(&install, "", Vantage::Outside);
    assert!(live.proven.installer.shown, "{:?}", live.installer.rows);
}

/// Where the configuration can be modelled, it says what the server does.
#[test]
fn the_configuration_and_the_answers() {
    let install = Install::v4();
    let site = Site::start(&install, "<Directory />\nRequire all granted\n</Directory>");
    let config = Some(site.config());
    let live = install.ask_beside(asking(&site.url()), config).live;
    println!(
        "{} predicted, {:?}",
        live.predicted.rows.len(),
        live.predicted.missed
    );
    assert_eq!(live.disagreements.rows, []);
    let told = live.predicted.rows.len() + live.predicted.missed.len();
    assert!(told > 0, "neither predictions nor a reason");
}
