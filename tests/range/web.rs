//! The web server of a stage: nginx before PHP-FPM, Apache with its PHP module, Apache before PHP-FPM. Each
//! hardened, as one who did all that the guide and common sense ask for has it.

use crate::hardened::{Kind, nginx};
use crate::php_fpm::PhpFpm;
use crate::real_apache::{self, Apache};
use crate::real_nginx::{Nginx, http_preamble, preamble};
use crate::stage::Stage;
use std::fs;

/// The web server, and what runs PHP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Web {
    Nginx,
    ApacheModule,
    ApacheFpm,
}

/// What runs until it is dropped: the web server goes first.
pub(crate) struct Running {
    _server: Server,
    _fpm: Option<PhpFpm>,
}

#[allow(dead_code, reason = "they are kept until they are dropped")]
enum Server {
    Nginx(Nginx),
    Apache(Apache),
}

impl Web {
    /// The name of its configuration, in the stage's folder.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::Nginx => "nginx.conf",
            Self::ApacheModule | Self::ApacheFpm => "apache2.conf",
        }
    }

    /// All that its servers read.
    pub(crate) fn files(self) -> &'static [&'static str] {
        match self {
            Self::Nginx => &["nginx.conf", "fpm.conf"],
            Self::ApacheModule => &["apache2.conf"],
            Self::ApacheFpm => &["apache2.conf", "fpm.conf"],
        }
    }

    pub(crate) fn sound(self, stage: &Stage) -> String {
        match self {
            Self::Nginx => sound_nginx(stage),
            Self::ApacheModule | Self::ApacheFpm => self.sound_apache(stage),
        }
    }

    pub(crate) fn start(self, stage: &Stage, pool: &str, config: &str) -> Running {
        let fpm = (self != Self::ApacheModule).then(|| PhpFpm::start(&stage.folder, pool));
        let server = match self {
            Self::Nginx => Server::Nginx(Nginx::start(&stage.folder, config, stage.port)),
            Self::ApacheModule | Self::ApacheFpm => {
                fs::write(stage.config(), config).unwrap();
                let to = ([127, 0, 0, 1], stage.port).into();
                Server::Apache(Apache::start(&stage.folder, &stage.config(), to))
            }
        };
        Running {
            _server: server,
            _fpm: fpm,
        }
    }

    fn sound_apache(self, stage: &Stage) -> String {
        let socket = stage.socket().display().to_string();
        let (module, handler) = match self {
            Self::ApacheFpm => ("", format!("\"proxy:unix:{socket}|fcgi://localhost\"")),
            _ => (MODULE, "application/x-httpd-php".to_owned()),
        };
        let mut text = if stage.usual {
            String::new()
        } else {
            real_apache::preamble(&stage.folder)
        };
        if self == Self::ApacheFpm {
            text = text
                .lines()
                .filter(|line| !line.contains(" php_module "))
                .map(|line| format!("{line}\n"))
                .collect();
        }
        let root = published(stage);
        let closed = closed(stage.kind);
        // Later generations have no script for files, and the vendor's own lines ask for the one there is.
        let falls_to = if stage.kind == Kind::V4 {
            "        FallbackResource /index.php\n"
        } else {
            "        RewriteEngine On\n        RewriteCond %{REQUEST_FILENAME} !-f\n        RewriteRule ^ index.php [L]\n"
        };
        text + &format!(
            r#"Listen 127.0.0.1:{port}
AddType text/css .css
<Directory />
    AllowOverride None
    Require all denied
</Directory>
{module}<VirtualHost 127.0.0.1:{port}>
    ServerName help.example.com
    DocumentRoot {root}
    DirectoryIndex index.php
    <Directory {root}>
        Options -Indexes
        Require all granted
{falls_to}    </Directory>
    <FilesMatch "\.(php|phtml|phar)$">
        SetHandler {handler}
        Require all denied
    </FilesMatch>
    <FilesMatch "^(index|file|dp|get_messages)\.php$">
        Require all granted
    </FilesMatch>
    <FilesMatch "^\.|~$|\.(bak|old|orig|save|sql|zip|gz|log|dat|bat|config|trigger)$">
        Require all denied
    </FilesMatch>
    <LocationMatch "^/+(index\.php/+)?(admin|billing|reports|cloud|app|admin-api|agent|api|new-agent|scripts|agent-api)(/|$)">
        Require ip 10.0.0.0/8
    </LocationMatch>
    <DirectoryMatch "^{root}/({closed})">
        Require all denied
    </DirectoryMatch>
</VirtualHost>
"#,
            port = stage.port,
        )
    }
}

/// PHP's switches where Apache runs it.
const MODULE: &str = "php_admin_flag display_errors off
php_admin_flag expose_php off
php_admin_flag session.cookie_httponly on
";

/// Directories of the document root that nobody asks for.
fn closed(kind: Kind) -> &'static str {
    match kind {
        Kind::V4 => "app|plugins|data",
        _ => "data|config",
    }
}

fn published(stage: &Stage) -> String {
    let root = match stage.kind {
        Kind::V4 => "",
        Kind::V5 | Kind::V5Moved => "www",
        Kind::Container => "serve/www",
    };
    stage.install.at(root).display().to_string()
}

fn sound_nginx(stage: &Stage) -> String {
    let mut text = nginx::text(&published(stage), closed(stage.kind));
    if stage.kind != Kind::V4 {
        // The vendor's own way: no other script can run.
        text = text.replace(
            "$document_root$fastcgi_script_name",
            "$document_root/index.php",
        );
    }
    text = text
        .replace("listen 80;", &format!("listen 127.0.0.1:{};", stage.port))
        .replace("/run/php/php-fpm.sock", &stage.socket().to_string_lossy());
    let start = "user www-data;\nevents {}\nhttp {\n";
    assert!(text.starts_with(start));
    if stage.usual {
        // A file that the distribution's own includes among others.
        return text[start.len()..]
            .trim_end()
            .strip_suffix('}')
            .unwrap()
            .to_owned();
    }
    let ours = format!(
        "{}http {{\n{}",
        preamble(&stage.folder),
        http_preamble(&stage.folder)
    );
    text.replace(start, &ours)
}
