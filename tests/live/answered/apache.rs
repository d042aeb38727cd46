//! What Apache's answers lack, given and taken back: in the virtual host, in files that it includes, for
//! the whole server, and with PHP as its module and behind FastCGI.

use crate::answered::{Ground, framed};
use crate::apart::apart;
use crate::certificate::{self, Kind};
use crate::install::{INDEX, Install};
use crate::mended::alone;
use crate::process::{Process, free_port, listens, open_folder, php_fpm};
use std::fs;
use std::process::Command;

const HEADERS: &str = "web/headers-set";
const HSTS: &str = "web/hsts-set";
const VERSIONS: &str = "web/versions-hidden";
const COOKIES: &str = "web/cookies-protected";

const HARDENED: &str = r#"ServerRoot {dir}
PidFile {dir}/apache.pid
ErrorLog {dir}/error.log
Listen 127.0.0.1:{tls}
ServerName localhost
{user}
{load}
LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so
TypesConfig /etc/mime.types
SSLSessionCache none
<Directory />
AllowOverride None
Require all denied
</Directory>
Include {dir}/security.conf
<VirtualHost 127.0.0.1:{tls}>
    ServerName localhost
    SSLEngine on
    SSLProtocol TLSv1.2 TLSv1.3
    SSLCertificateFile {dir}/site.pem
    SSLCertificateKeyFile {dir}/site.key
    DocumentRoot {root}
    DirectoryIndex index.php
    php_admin_flag expose_php off
    php_admin_flag display_errors off
    php_flag session.cookie_httponly on
    php_flag session.cookie_secure on
    php_value session.cookie_samesite Lax
    <FilesMatch "\.php$">
        SetHandler application/x-httpd-php
    </FilesMatch>
    <Directory {root}>
        Require all granted
        RewriteEngine On
        RewriteCond %{REQUEST_FILENAME} !-f
        RewriteCond %{REQUEST_FILENAME} !-d
        RewriteRule ^ index.php [L]
    </Directory>
    <DirectoryMatch "^{root}/(data|app)">
        Require all denied
    </DirectoryMatch>
    Header always set Strict-Transport-Security "max-age=31536000"
    Header always set X-Content-Type-Options nosniff
    Header always set X-Frame-Options SAMEORIGIN
    Header always set Referrer-Policy same-origin
</VirtualHost>
"#;
const SECURITY: &str = "ServerTokens Prod\nServerSignature Off\n";

const LOAD: &str = "LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so\n";
const HSTS_LINE: &str = "    Header always set Strict-Transport-Security \"max-age=31536000\"\n";
const SNIFF: &str = "    Header always set X-Content-Type-Options nosniff\n";
const FRAME: &str = "    Header always set X-Frame-Options SAMEORIGIN\n";
const REFERRER: &str = "    Header always set Referrer-Policy same-origin\n";

struct Site {
    _apache: Process,
    _fpm: Option<Process>,
    folder: tempfile::TempDir,
    tls: u16,
}

impl Site {
    fn start(install: &Install, faults: &[(&str, &str)], security: &str) -> Self {
        let folder = open_folder();
        let dir = folder.path();
        certificate::write(dir, Kind::Good);
        let tls = free_port();
        let modules = "/usr/lib/apache2/modules";
        let php = fs::read_dir(modules)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.to_string_lossy().contains("libphp"))
            .expect("mod_php is not installed (apt install libapache2-mod-php)");
        let names = [
            "mpm_prefork",
            "authz_core",
            "authz_host",
            "mime",
            "dir",
            "rewrite",
            "ssl",
            "socache_shmcb",
            "proxy",
            "proxy_fcgi",
        ];
        let mut load: String = names
            .iter()
            .map(|name| format!("LoadModule {name}_module {modules}/mod_{name}.so\n"))
            .collect();
        load.push_str(&format!("LoadModule php_module {}\n", php.display()));
        let mut config = HARDENED.to_owned();
        for (from, to) in faults {
            assert!(config.contains(from), "{from}");
            config = config.replacen(from, to, 1);
        }
        for (mark, value) in [
            ("{dir}", dir.to_str().unwrap()),
            ("{root}", install.root.to_str().unwrap()),
            ("{user}", "User www-data\nGroup www-data"),
            ("{load}", &load),
            ("{tls}", &tls.to_string()),
        ] {
            config = config.replace(mark, value);
        }
        fs::write(dir.join("apache.conf"), &config).unwrap();
        fs::write(dir.join("security.conf"), security).unwrap();
        let fpm = config.contains("fpm.sock").then(|| php_fpm(dir, ""));
        let mut command = Command::new("/usr/sbin/apache2");
        command
            .args(["-D", "FOREGROUND"])
            .arg("-f")
            .arg(dir.join("apache.conf"));
        let apache = Process::start(&mut command, &dir.join("apache.out"), || listens(tls));
        Self {
            _apache: apache,
            _fpm: fpm,
            folder,
            tls,
        }
    }

    fn ground<'a>(&'a self, install: &'a Install) -> Ground<'a> {
        Ground {
            install,
            url: format!("https://localhost:{}/", self.tls),
            config: self.folder.path().join("apache.conf"),
            folder: self.folder.path(),
        }
    }
}

struct Fault {
    name: &'static str,
    faults: &'static [(&'static str, &'static str)],
    security: &'static str,
    /// Words replaced in the product's stand-in.
    index: &'static [(&'static str, &'static str)],
    fails: &'static [&'static str],
}

/// Cookies without their marks.
const BARE: &[(&str, &str)] = &[
    (
        "; path=/; Secure; HttpOnly; SameSite=Lax', false",
        "; path=/', false",
    ),
    (
        "; path=/; Secure; HttpOnly; SameSite=Lax', false",
        "; path=/; httponly', false",
    ),
];

const FAULTS: &[Fault] = &[
    Fault {
        name: "the virtual host sends none, and mod_headers is not loaded",
        faults: &[
            (LOAD, ""),
            (HSTS_LINE, ""),
            (SNIFF, ""),
            (FRAME, ""),
            (REFERRER, ""),
        ],
        security: SECURITY,
        index: &[],
        fails: &[HEADERS, HSTS],
    },
    Fault {
        name: "wrong values in an included file and in a section",
        faults: &[
            (HSTS_LINE, "    Include {dir}/security.conf\n"),
            ("Include {dir}/security.conf\n<Virt", "<Virt"),
            (
                REFERRER,
                "    <Location />\n    Header set Referrer-Policy unsafe-url\n    </Location>\n",
            ),
            (SNIFF, ""),
        ],
        security: "Header always set Strict-Transport-Security \"max-age=300; includeSubDomains\"\n",
        index: &[],
        fails: &[HEADERS, HSTS, VERSIONS],
    },
    Fault {
        name: "tokens in an included file, and PHP's version by the virtual host",
        faults: &[(
            "php_admin_flag expose_php off",
            "php_admin_flag expose_php on",
        )],
        security: "ServerTokens OS\n",
        index: &[],
        fails: &[VERSIONS, "server/php-hardened"],
    },
    Fault {
        name: "the product tells a version, and its cookies are bare",
        faults: &[],
        security: SECURITY,
        index: &[
            BARE[0],
            BARE[1],
            ("<?php\n", "<?php header('X-Powered-By: Helpdesk 5');\n"),
        ],
        fails: &[VERSIONS, COOKIES],
    },
    Fault {
        name: "the same behind FastCGI",
        faults: &[(
            "SetHandler application/x-httpd-php",
            "SetHandler \"proxy:unix:{dir}/fpm.sock|fcgi://localhost\"",
        )],
        security: SECURITY,
        index: BARE,
        fails: &[VERSIONS, COOKIES],
    },
    Fault {
        name: "nobody marks the cookies of PHP's own session",
        faults: &[
            ("php_flag session.cookie_httponly on", ""),
            ("php_flag session.cookie_secure on", ""),
            ("php_value session.cookie_samesite Lax", ""),
        ],
        security: SECURITY,
        index: &[("<?php\n", "<?php session_start();\n")],
        fails: &[COOKIES, "server/php-hardened"],
    },
    Fault {
        name: "PHP's own session is bare",
        faults: &[
            ("session.cookie_httponly on", "session.cookie_httponly off"),
            ("session.cookie_secure on", "session.cookie_secure off"),
        ],
        security: SECURITY,
        index: &[("<?php\n", "<?php session_start();\n")],
        fails: &[COOKIES, "server/php-hardened"],
    },
];

#[test]
fn what_apache_s_answers_lack_is_given_and_taken_back() {
    let _alone = alone();
    if !apart("answered::apache::what_apache_s_answers_lack_is_given_and_taken_back") {
        return;
    }
    let mut wrong = Vec::new();
    for fault in FAULTS {
        let install = Install::v4();
        let mut index = INDEX.to_owned();
        for (from, to) in fault.index {
            assert!(index.contains(from), "{from}");
            index = index.replacen(from, to, 1);
        }
        install.write("index.php", &index);
        let site = Site::start(&install, fault.faults, fault.security);
        let found = site.ground(&install).trip(fault.fails, true, |ground| {
            let has_frames = fault.faults.iter().any(|(from, _)| *from == FRAME);
            if has_frames {
                framed(ground)
            } else {
                Vec::new()
            }
        });
        wrong.extend(found.into_iter().map(|it| format!("{}: {it}", fault.name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
