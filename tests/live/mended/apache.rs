//! Apache with its PHP module.

use super::{Stand, beside_others, ground, leads_to_https, own_address, write};
use crate::process::{Process, free_port};
use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::process::Command;

const MODULES: [&str; 9] = [
    "mpm_prefork",
    "authz_core",
    "alias",
    "dir",
    "headers",
    "mime",
    "rewrite",
    "setenvif",
    "ssl",
];

const DESK: &str = r#"DocumentRoot {root}
DirectoryIndex index.php
<Directory {root}>
    Require all granted
    Options -Indexes
    FallbackResource /index.php
</Directory>
<DirectoryMatch "^{root}/(app|data|plugins)">
    Require all denied
</DirectoryMatch>
SSLCertificateFile {dir}/site.pem
SSLCertificateKeyFile {dir}/site.key
"#;

fn start(name: &str, url: &str, hosts: &str, ready: SocketAddr) -> Stand {
    let (folder, install) = ground(name);
    let dir = folder.path();
    let modules = "/usr/lib/apache2/modules";
    let php = fs::read_dir(modules).unwrap();
    let mut php = php.map(|entry| entry.unwrap().path());
    let php = php
        .find(|path| path.to_string_lossy().contains("libphp"))
        .expect("mod_php is not installed (apt install libapache2-mod-php)");
    let load: String = MODULES
        .iter()
        .map(|name| format!("LoadModule {name}_module {modules}/mod_{name}.so\n"))
        .collect();
    let text = format!(
        "ServerRoot {{dir}}\nPidFile {{dir}}/apache.pid\nErrorLog {{dir}}/error.log\nMutex file:{{dir}} default\n\
         User www-data\nGroup www-data\nServerName main.test\nServerTokens Prod\n{load}LoadModule php_module {}\n\
         TypesConfig /etc/mime.types\nSSLCipherSuite ALL:@SECLEVEL=0\n\
         <FilesMatch \"\\.php$\">\nSetHandler application/x-httpd-php\n</FilesMatch>\n\
         <Directory />\nAllowOverride None\nRequire all denied\n</Directory>\n{hosts}",
        php.display()
    );
    let text = text
        .replace("{desk}", DESK)
        .replace("{dir}", dir.to_str().unwrap())
        .replace("{root}", install.root.to_str().unwrap());
    let config = write(dir, "apache.conf", &text);
    let mut command = Command::new("/usr/sbin/apache2");
    command.args(["-D", "FOREGROUND"]).arg("-f").arg(&config);
    let apache = Process::start(&mut command, &dir.join("apache.out"), || {
        TcpStream::connect(ready).is_ok()
    });
    Stand {
        install,
        url: url.to_owned(),
        config,
        folder,
        _processes: vec![apache],
    }
}

#[test]
fn data_is_given_out() {
    let _beside = beside_others();
    let open = DESK.replace("|data|", "|");
    assert_ne!(open, DESK);
    let port = free_port();
    let at = format!("127.0.0.1:{port}");
    let hosts = format!(
        "Listen {at}\n<VirtualHost {at}>\nServerName localhost\nSSLEngine on\n\
         SSLProtocol -all +TLSv1.2 +TLSv1.3\n{open}</VirtualHost>\n"
    );
    let ready = SocketAddr::from(([127, 0, 0, 1], port));
    let stand = start(
        "localhost",
        &format!("https://localhost:{port}/"),
        &hosts,
        ready,
    );
    stand.trip(
        "Apache, no rule for the data",
        &["data/forbidden-live"],
        || (),
    );
}

#[test]
fn old_versions_of_tls() {
    let _beside = beside_others();
    let desk =
        "<VirtualHost {at}>\nServerName localhost\nSSLEngine on\n{own}\n{desk}</VirtualHost>\n";
    let other =
        "<VirtualHost {at}>\nServerName other.test\nSSLEngine on\n{own}\n{desk}</VirtualHost>\n";
    let old = "SSLProtocol all -SSLv3";
    let new = "SSLProtocol -all +TLSv1.2 +TLSv1.3";
    for (name, hosts) in [
        ("Apache, a line of its own", desk.replace("{own}", old)),
        (
            "Apache, a line of the server's",
            format!("{old}\n{}", desk.replace("{own}", "")),
        ),
        (
            "Apache, a line in a section",
            desk.replace(
                "{own}",
                &format!("<IfModule mod_ssl.c>\n{old}\n</IfModule>"),
            ),
        ),
        (
            "Apache, the second virtual host of the address",
            format!(
                "{}{}",
                other.replace("{own}", new),
                desk.replace("{own}", old)
            ),
        ),
    ] {
        let port = free_port();
        let at = format!("127.0.0.1:{port}");
        let hosts = format!("Listen {at}\n{hosts}").replace("{at}", &at);
        let ready = SocketAddr::from(([127, 0, 0, 1], port));
        let stand = start(
            "localhost",
            &format!("https://localhost:{port}/"),
            &hosts,
            ready,
        );
        stand.trip(name, &["web/tls-modern"], || ());
    }
}

#[test]
fn plain_http_leads_to_https() {
    let _beside = beside_others();
    for (name, extra, alias) in [
        ("Apache, a virtual host for each port", "", true),
        (
            "Apache, with rewriting of its own",
            "RewriteEngine On\nRewriteCond %{REQUEST_URI} !^/(web|\\.well-known)/\nRewriteRule ^ /index.php [L]\n",
            true,
        ),
        ("Apache, outside of all virtual hosts", "outside", true),
        ("Apache, without mod_alias", "", false),
    ] {
        let address = own_address();
        let host = address.to_string();
        let hosts = format!(
            "Listen {host}:80\nListen {host}:443\n\
             <VirtualHost {host}:80>\n{extra}{{desk}}</VirtualHost>\n\
             <VirtualHost {host}:443>\nSSLEngine on\n{{desk}}</VirtualHost>\n"
        );
        let hosts = match extra {
            "outside" => format!(
                "Listen {host}:80\nListen {host}:443\n{{desk}}\
                 <VirtualHost {host}:443>\nSSLEngine on\n</VirtualHost>\n"
            ),
            _ => hosts,
        };
        let plain = SocketAddr::from((address, 80));
        let https = format!("https://{host}");
        let stand = start(&host, &format!("{https}/"), &hosts, plain);
        if alias {
            stand.trip(name, &["web/https-only"], || {
                leads_to_https(plain, &host, &https);
            });
        } else {
            let text = fs::read_to_string(&stand.config).unwrap();
            let without: Vec<&str> = text
                .lines()
                .filter(|it| !it.contains("alias_module"))
                .collect();
            fs::write(&stand.config, without.join("\n")).unwrap();
            stand.stays_by_hand(name, "web/https-only", "mod_alias is not loaded");
        }
    }
}
