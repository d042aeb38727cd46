//! Situations from the field, the real Apache and the model side by side, with the answer that is
//! expected of both.

use crate::case::Case;
use crate::real_apache::disk::RealDisk;
use crate::{Stage, judge, reasons, show};
use deskguard::route::{Decision, Model as _, Request, Scheme};
use std::net::{IpAddr, Ipv4Addr};

/// What the `.htaccess` that v4 ships says, in this test's own words.
const SHIPPED: &str = "\
<IfModule mod_rewrite.c>
RewriteEngine On
RewriteRule (^|/)\\.(?!well-known) - [F]
RewriteRule ^web/ - [L]
RewriteRule ^(admin|agent)/?(.*)$ index.php [L,QSA]
RewriteCond %{REQUEST_FILENAME} -f [OR]
RewriteCond %{REQUEST_FILENAME} -d [OR]
RewriteCond %{REQUEST_FILENAME} -l
RewriteRule ^ - [L]
RewriteRule ^(.*)$ index.php [L,QSA]
</IfModule>
<Files ~ \"^(config\\.php|cron\\.php|import\\.php|upgrade\\.php|web\\.config)\">
Order allow,deny
Deny from all
</Files>
Options -Indexes
DirectoryIndex index.php
";

const PHP: &str =
    "<FilesMatch \"\\.ph(?:ar|p|tml)$\">\nSetHandler application/x-httpd-php\n</FilesMatch>\n";

/// A virtual host, `.htaccess` files, and requests with what they must come to.
struct Situation {
    name: &'static str,
    host: &'static str,
    htaccess: &'static [(&'static str, &'static str)],
    requests: &'static [(&'static str, &'static str, Decision, Option<u16>)],
}

const INSIDE: &str = "127.0.0.1";
const OUTSIDE: &str = "127.0.0.3";

const SITUATIONS: &[Situation] = &[
    Situation {
        name: "<DirectoryMatch> goes by the slashes in the pattern's text before the order in the file",
        host: "<Directory CASE/www>\nRequire all granted\n</Directory>\n\
               <DirectoryMatch \"/data(/)\">\nRequire all denied\n</DirectoryMatch>\n\
               <DirectoryMatch \"/sub\">\nRequire all granted\n</DirectoryMatch>\n",
        htaccess: &[],
        requests: &[("/data/sub/deep.txt", OUTSIDE, Decision::Denied, Some(403))],
    },
    Situation {
        name: "<DirectoryMatch> with as many slashes: the order in the file",
        host: "<Directory CASE/www>\nRequire all granted\n</Directory>\n\
               <DirectoryMatch \"/data\">\nRequire all denied\n</DirectoryMatch>\n\
               <DirectoryMatch \"/sub\">\nRequire all granted\n</DirectoryMatch>\n",
        htaccess: &[],
        requests: &[("/data/sub/deep.txt", OUTSIDE, Decision::Static, Some(200))],
    },
    Situation {
        name: "SetEnvIf of a section says nothing in a subrequest",
        host: "<Directory CASE/www>\nRequire all granted\nAllowOverride All\n</Directory>\n\
               RewriteEngine On\nRewriteRule \\.html$ /data/ [END]\nRewriteRule ^/to$ /data/secret.txt [PT]\n",
        htaccess: &[(
            "www/data/.htaccess",
            "Order allow,deny\nAllow from all\nDeny from env=SEEN\nSetEnvIf Host test SEEN=1\n",
        )],
        requests: &[
            ("/data/secret.txt", OUTSIDE, Decision::Denied, Some(403)),
            ("/to", OUTSIDE, Decision::Denied, Some(403)),
            ("/", OUTSIDE, Decision::Redirect, Some(301)),
        ],
    },
    Situation {
        name: "RewriteBase is not inherited, unless MergeBase says so",
        host: "<Directory CASE/www>\nRequire all granted\nAllowOverride All\n</Directory>\n\
               <DirectoryMatch \"/sub\">\nRewriteRule ^(.+)\\.txt$ $1.php\n</DirectoryMatch>\n\
               <DirectoryMatch \"/admin\">\nRewriteOptions MergeBase\nRewriteRule ^(.+)\\.txt$ index.php\n</DirectoryMatch>\n",
        htaccess: &[
            (
                "www/data/sub/.htaccess",
                "RewriteEngine On\nRewriteBase /admin/\n",
            ),
            (
                "www/admin/.htaccess",
                "RewriteEngine On\nRewriteBase /data/\n",
            ),
        ],
        requests: &[
            ("/data/sub/deep.txt", OUTSIDE, Decision::Executed, Some(200)),
            ("/admin/x.txt", OUTSIDE, Decision::NotFound, Some(404)),
        ],
    },
    Situation {
        name: "access is not looked at again where a rewritten path has the same sections, those of .htaccess too",
        host: "<Directory CASE/www>\nRequire all granted\nAllowOverride All\n</Directory>\n\
               SetEnvIf Request_URI ^/data SEEN=1\n",
        htaccess: &[(
            "www/.htaccess",
            "RewriteEngine On\nRewriteRule !^b b.txt\n<If \"true\">\n</If>\n<Files \"*\">\n</Files>\nRequire env SEEN\n",
        )],
        requests: &[
            ("/data/secret.txt", OUTSIDE, Decision::Static, Some(200)),
            ("/b.txt", OUTSIDE, Decision::Denied, Some(403)),
        ],
    },
    Situation {
        name: "[PT] and [R] together make a path that no other module takes",
        host: "<Directory CASE/www>\nRequire all granted\n</Directory>\nRewriteEngine On\n\
               RewriteRule ^/b /index.php [PT,R=301]\nRedirectMatch 410 b\\.txt$\n\
               <Location /b.txt>\nRedirect 410\n</Location>\n",
        htaccess: &[],
        requests: &[("/b.txt", OUTSIDE, Decision::Denied, Some(400))],
    },
    Situation {
        name: "a path that is longer than a file name may be",
        host: "<Directory CASE/www>\nRequire all granted\n</Directory>\n<Directory CASE/www/data>\nRewriteEngine On\n\
               RewriteRule ^(.{1,1000})x?$ /data/$1$1$1$1$1 [L]\n</Directory>\n",
        htaccess: &[],
        requests: &[("/data/long", OUTSIDE, Decision::Denied, Some(403))],
    },
    Situation {
        name: "an error document answers although a rule had set the status of a redirect",
        host: "RewriteEngine On\nRewriteRule ^/(to.*)$ /data/$1 [R=301]\nRewriteRule elsewhere|one.test /data/$1\n\
               <Directory CASE/www/data>\nRequire all denied\nErrorDocument 403 http://elsewhere.test/e\n</Directory>\n\
               <Directory CASE/www>\nRequire all granted\n</Directory>\n",
        htaccess: &[],
        requests: &[("/to", OUTSIDE, Decision::Redirect, Some(302))],
    },
    Situation {
        name: "maps come from the outer server where the host says nothing of rewriting",
        host: "<Directory CASE/www>\nRequire all granted\nAllowOverride FileInfo\n</Directory>\n",
        htaccess: &[(
            "www/data/.htaccess",
            "RewriteEngine On\nRewriteRule ^(.*)$ ${low:B.TXT|secret.txt}\n",
        )],
        requests: &[("/data/x", OUTSIDE, Decision::NotFound, Some(404))],
    },
    Situation {
        name: "maps do not come from the outer server where the host says something of rewriting",
        host: "<Directory CASE/www>\nRequire all granted\nAllowOverride FileInfo\nRewriteEngine Off\n</Directory>\n",
        htaccess: &[(
            "www/data/.htaccess",
            "RewriteEngine On\nRewriteRule ^(.*)$ ${low:B.TXT|secret.txt}\n",
        )],
        requests: &[("/data/x", OUTSIDE, Decision::Static, Some(200))],
    },
    Situation {
        name: "a percent sign under NoDecode cannot be handed on to another server",
        host: "AllowEncodedSlashes NoDecode\nProxyPass /far http://127.0.0.1:BACKEND/\n",
        htaccess: &[],
        requests: &[
            ("/far/x%25", OUTSIDE, Decision::Denied, Some(400)),
            ("/far/x%2525y", OUTSIDE, Decision::Proxied, None),
            ("/far/x%2fy", OUTSIDE, Decision::Proxied, None),
        ],
    },
    Situation {
        name: "where RewriteBase replaces nothing, the document root is taken off with its slash",
        host: "<Directory \"CASE/www/*\">\nRequire all granted\nRewriteEngine On\nRewriteBase /data\n\
               RewriteRule ^(.+)\\.txt$ $1.php\n</Directory>\n\
               <Directory CASE/www/data>\nRewriteRule ^(.+)\\.txt$ $1.php\n</Directory>\n",
        htaccess: &[],
        requests: &[
            ("/admin/x.txt", OUTSIDE, Decision::Denied, Some(400)),
            ("/data/up.txt", OUTSIDE, Decision::Executed, Some(200)),
        ],
    },
    Situation {
        name: "a colon before the first slash of a rewritten URL stays what it is",
        host: "<Directory CASE/www>\nRequire all granted\nAllowOverride All\n</Directory>\n",
        htaccess: &[(
            "www/data/.htaccess",
            "RewriteEngine On\nRewriteRule ^ http://elsewhere.test/$1 [QSA,B]\nRewriteRule ^(.*)$ http://elsewhere.test/$1\n",
        )],
        requests: &[("/data/x/y", OUTSIDE, Decision::Redirect, Some(302))],
    },
    Situation {
        name: "a section's path goes before the substitution before the query is split off",
        host: "<Directory CASE/www>\nRequire all granted\n</Directory>\n\
               <Directory ~ \"/(?<part>admin)\">\nRewriteEngine On\nRewriteRule ^ b.txt [R=301]\n</Directory>\n",
        htaccess: &[],
        requests: &[("/admin/", OUTSIDE, Decision::Redirect, Some(301))],
    },
    Situation {
        name: "InheritDown pushes the rules of a section into those below",
        host: "RewriteOptions IgnoreInherit\n<Directory CASE/www>\nRequire all granted\nRewriteEngine On\n\
               RewriteOptions InheritDownBefore\nRewriteRule ^b\\.txt$ - [G]\n</Directory>\n\
               <Directory CASE/www/data>\nRewriteRule ^secret\\.txt$ - [F]\n</Directory>\n\
               <DirectoryMatch \"/sub$\">\nRewriteRule ^(.+)\\.php$ - [F]\n</DirectoryMatch>\n",
        htaccess: &[],
        requests: &[
            ("/b.txt", OUTSIDE, Decision::Denied, Some(410)),
            ("/data/secret.txt", OUTSIDE, Decision::Denied, Some(403)),
            ("/data/b.txt", OUTSIDE, Decision::Denied, Some(410)),
            ("/data/sub/deep.txt", OUTSIDE, Decision::Static, Some(200)),
        ],
    },
    Situation {
        name: "RemoveHandler takes what the same section adds, RemoveType what it added before",
        host: "<Directory CASE/www>\nRequire all granted\nAllowOverride FileInfo\n</Directory>\n",
        htaccess: &[
            (
                "www/data/.htaccess",
                "AddHandler application/x-httpd-php .txt\nRemoveHandler .txt\n",
            ),
            (
                "www/admin/.htaccess",
                "RemoveHandler .txt\nAddHandler application/x-httpd-php .txt\n",
            ),
            (
                "www/data/sub/.htaccess",
                "RemoveType .txt\nAddType application/x-httpd-php .txt\n",
            ),
        ],
        requests: &[
            ("/data/secret.txt", OUTSIDE, Decision::Static, Some(200)),
            ("/admin/x.txt", OUTSIDE, Decision::Static, Some(200)),
            ("/data/sub/deep.txt", OUTSIDE, Decision::Executed, Some(200)),
        ],
    },
    Situation {
        name: "AllowOverride Options lets neither MultiViews nor SymLinksIfOwnerMatch through",
        host: "<Directory CASE/www>\nRequire all granted\nAllowOverride Options\n</Directory>\n\
               <Directory CASE/www/data>\nAllowOverride All\n</Directory>\n\
               <Directory CASE/www/data/sub>\nAllowOverride Options=Indexes\nAllowOverride All\n</Directory>\n\
               <Directory CASE/www/empty>\nAllowOverride Options=Indexes,MultiViews\n</Directory>\n",
        htaccess: &[
            ("www/admin/.htaccess", "Options +MultiViews\n"),
            ("www/data/.htaccess", "Options +SymLinksIfOwnerMatch\n"),
            ("www/data/sub/.htaccess", "Options +FollowSymLinks\n"),
            ("www/empty/.htaccess", "Options +Indexes\n"),
        ],
        requests: &[
            ("/b.txt", OUTSIDE, Decision::Static, Some(200)),
            ("/admin/x.txt", OUTSIDE, Decision::Denied, Some(500)),
            ("/data/secret.txt", OUTSIDE, Decision::Static, Some(200)),
            ("/data/sub/deep.txt", OUTSIDE, Decision::Denied, Some(500)),
            ("/empty/.keep", OUTSIDE, Decision::Static, Some(200)),
        ],
    },
    Situation {
        name: "PHP-FPM refuses a directory by its name, and finds no script with a slash behind it",
        host: "<Directory CASE/www>\nRequire all granted\nDirectorySlash Off\nSetHandler \"proxy:unix:SOCKET|fcgi://localhost\"\n\
               </Directory>\nProxyPassMatch \"^/(d.php/?)$\" \"unix:SOCKET|fcgi://localhostCASE/www/$1\"\n",
        htaccess: &[],
        requests: &[
            ("/data/sub", OUTSIDE, Decision::Denied, Some(403)),
            ("/d.php", OUTSIDE, Decision::NotFound, Some(404)),
            ("/d.php/", OUTSIDE, Decision::NotFound, Some(404)),
        ],
    },
    Situation {
        name: "the handler of a rule is the handler of what FallbackResource finds, too",
        host: "<Directory CASE/www>\nRequire all granted\nFallbackResource /b.txt\n</Directory>\nRewriteEngine On\n\
               RewriteRule ^/to/(.*) /data/nothing [H=application/x-httpd-php]\n",
        htaccess: &[],
        requests: &[
            ("/to/x", OUTSIDE, Decision::Executed, Some(200)),
            ("/data/nothing", OUTSIDE, Decision::Static, Some(200)),
        ],
    },
    Situation {
        name: "v4's .htaccess does nothing under AllowOverride None",
        host: "<Directory CASE/www>\nRequire all granted\nAllowOverride None\n</Directory>\n",
        htaccess: &[
            ("www/.htaccess", SHIPPED),
            ("www/data/.htaccess", "Order deny,allow\nDeny from all\n"),
        ],
        requests: &[
            ("/config.php", OUTSIDE, Decision::Executed, Some(200)),
            ("/data/secret.txt", OUTSIDE, Decision::Static, Some(200)),
            ("/data/up.php", OUTSIDE, Decision::Executed, Some(200)),
            ("/.git/config", OUTSIDE, Decision::Static, Some(200)),
            ("/agent/", OUTSIDE, Decision::NotFound, Some(404)),
        ],
    },
    Situation {
        name: "v4's .htaccess under AllowOverride All",
        host: "<Directory CASE/www>\nRequire all granted\nAllowOverride All\n</Directory>\n",
        htaccess: &[
            ("www/.htaccess", SHIPPED),
            ("www/data/.htaccess", "Order deny,allow\nDeny from all\n"),
        ],
        requests: &[
            ("/config.php", OUTSIDE, Decision::Denied, Some(403)),
            ("/config.php.bak", OUTSIDE, Decision::Denied, Some(403)),
            ("/data/secret.txt", OUTSIDE, Decision::Denied, Some(403)),
            ("/data/up.php", OUTSIDE, Decision::Denied, Some(403)),
            ("/.git/config", OUTSIDE, Decision::Denied, Some(403)),
            ("/agent/", OUTSIDE, Decision::Executed, Some(200)),
            ("/b.txt", OUTSIDE, Decision::Static, Some(200)),
            ("/no/such", OUTSIDE, Decision::Executed, Some(200)),
        ],
    },
    Situation {
        name: "a .htaccess of 2.2 where only FileInfo may be overridden costs the whole directory",
        host: "<Directory CASE/www>\nRequire all granted\nAllowOverride FileInfo\n</Directory>\n",
        htaccess: &[("www/data/.htaccess", "Order deny,allow\nDeny from all\n")],
        requests: &[
            ("/data/secret.txt", OUTSIDE, Decision::Denied, Some(500)),
            ("/b.txt", OUTSIDE, Decision::Static, Some(200)),
        ],
    },
    Situation {
        name: "/admin is for the inside, /index.php/admin/ is for everyone",
        host: "<Directory CASE/www>\nRequire all granted\n</Directory>\n<Location /admin>\nRequire ip 127.0.0.1\n</Location>\n",
        htaccess: &[],
        requests: &[
            ("/admin/", INSIDE, Decision::Executed, Some(200)),
            ("/admin/", OUTSIDE, Decision::Denied, Some(403)),
            ("//admin/", OUTSIDE, Decision::Denied, Some(403)),
            ("/%61dmin/", OUTSIDE, Decision::Denied, Some(403)),
            ("/index.php/admin/", OUTSIDE, Decision::Executed, Some(200)),
            ("/x/../admin/", OUTSIDE, Decision::Denied, Some(403)),
        ],
    },
    Situation {
        name: "Order and Require both have to agree",
        host: "<Directory CASE/www>\nRequire all granted\nOrder deny,allow\nDeny from all\nAllow from 127.0.0.1\n</Directory>\n\
               <Directory CASE/www/data>\nRequire all denied\nSatisfy any\nOrder deny,allow\n</Directory>\n",
        htaccess: &[],
        requests: &[
            ("/b.txt", INSIDE, Decision::Static, Some(200)),
            ("/b.txt", OUTSIDE, Decision::Denied, Some(403)),
            ("/data/secret.txt", OUTSIDE, Decision::Static, Some(200)),
        ],
    },
    Situation {
        name: "an Alias leads below a directory that is denied, and out of one that is granted",
        host: "<Directory CASE/www>\nRequire all granted\n</Directory>\n<Directory CASE/out>\nRequire all denied\n</Directory>\n\
               Alias /files CASE/out\nAlias /secret CASE/www/data\n<Directory CASE/www/data>\nRequire all denied\n</Directory>\n\
               <Location /open>\nRequire all granted\n</Location>\nAlias /open CASE/out\n",
        htaccess: &[],
        requests: &[
            ("/files/o.txt", INSIDE, Decision::Denied, Some(403)),
            ("/secret/secret.txt", INSIDE, Decision::Denied, Some(403)),
            ("/open/o.txt", OUTSIDE, Decision::Static, Some(200)),
            ("/linkdir/o.txt", OUTSIDE, Decision::Static, Some(200)),
        ],
    },
    Situation {
        name: "everyone but one address",
        host: "<Directory CASE>\n<RequireAll>\nRequire all granted\nRequire not ip 127.0.0.3\n</RequireAll>\n</Directory>\n",
        htaccess: &[],
        requests: &[
            ("/b.txt", INSIDE, Decision::Static, Some(200)),
            ("/b.txt", OUTSIDE, Decision::Denied, Some(403)),
        ],
    },
    Situation {
        name: "AddHandler runs what has .php anywhere in its name, SetHandler by the end does not",
        host: "<Directory CASE/www>\nRequire all granted\n</Directory>\n<Directory CASE/www/data>\n\
               AddHandler application/x-httpd-php .php\n</Directory>\n",
        htaccess: &[],
        requests: &[
            ("/data/img.php.jpg", OUTSIDE, Decision::Executed, Some(200)),
            ("/a.php.jpg", OUTSIDE, Decision::Static, Some(200)),
            ("/a.php.bak", OUTSIDE, Decision::Static, Some(200)),
        ],
    },
    Situation {
        name: "the engine of PHP is off below data, so that scripts are shown and not run",
        host: "<Directory CASE/www>\nRequire all granted\n</Directory>\n<Directory CASE/www/data>\nphp_admin_flag engine off\n</Directory>\n",
        htaccess: &[],
        requests: &[
            ("/data/up.php", OUTSIDE, Decision::Static, Some(200)),
            ("/data/sub/deep.php", OUTSIDE, Decision::Static, Some(200)),
            ("/a.php", OUTSIDE, Decision::Executed, Some(200)),
        ],
    },
    Situation {
        name: "PHP-FPM by ProxyPassMatch answers before any <Directory> and <Files> can deny",
        host: "ProxyPassMatch \"^/(.*\\.php(/.*)?)$\" \"unix:SOCKET|fcgi://localhostCASE/www/$1\"\n\
               <Directory CASE/www>\nRequire all granted\n</Directory>\n<Directory CASE/www/data>\nRequire all denied\n</Directory>\n\
               <Files config.php>\nRequire all denied\n</Files>\n",
        htaccess: &[],
        requests: &[
            ("/data/up.php", OUTSIDE, Decision::Executed, Some(200)),
            ("/data/secret.txt", OUTSIDE, Decision::Denied, Some(403)),
            ("/config.php", OUTSIDE, Decision::Executed, Some(200)),
            ("/nope.php", OUTSIDE, Decision::NotFound, Some(404)),
            (
                "/d.php/index.html%3fx",
                OUTSIDE,
                Decision::Undetermined,
                None,
            ),
        ],
    },
    Situation {
        name: "a login that nobody offers",
        host: "<Directory CASE/www>\nAuthType Basic\nAuthName x\nRequire valid-user\n</Directory>\n\
               <Directory CASE/www/data>\nSatisfy any\nOrder deny,allow\nDeny from all\nAllow from 127.0.0.1\n</Directory>\n",
        htaccess: &[],
        requests: &[
            ("/b.txt", OUTSIDE, Decision::Denied, Some(401)),
            ("/data/secret.txt", OUTSIDE, Decision::Denied, Some(401)),
            ("/data/secret.txt", INSIDE, Decision::Static, Some(200)),
        ],
    },
    Situation {
        name: "a line that is passed over under Nonfatal=Override makes what lies around be forgotten",
        host: "<Directory CASE/www>\nRequire all granted\nAllowOverride Limit FileInfo Nonfatal=Override\n</Directory>\n\
               <Directory CASE/www/data/sub>\nAllowOverride Limit Nonfatal=Override\n</Directory>\n",
        htaccess: &[
            ("www/.htaccess", "Deny from all\n"),
            (
                "www/data/.htaccess",
                "Satisfy any\nRewriteEngine On\nRewriteRule . - [F]\n",
            ),
            ("www/data/sub/.htaccess", "RewriteEngine On\n"),
        ],
        requests: &[
            ("/b.txt", OUTSIDE, Decision::Denied, Some(403)),
            ("/data/secret.txt", OUTSIDE, Decision::Denied, Some(403)),
            ("/data/sub/deep.txt", OUTSIDE, Decision::Static, Some(200)),
        ],
    },
    Situation {
        name: "what mod_remoteip took from the header is no longer in it",
        host: "RemoteIPHeader X-Forwarded-For\nRemoteIPInternalProxy 127.0.0.3\n<Directory CASE/www>\nRequire all granted\n</Directory>\n\
               RewriteEngine On\nRewriteCond %{HTTP:X-Forwarded-For} .\nRewriteRule ^/b /a.php\n",
        htaccess: &[],
        requests: &[
            ("/b.txt", OUTSIDE, Decision::Static, Some(200)),
            ("/b.txt", INSIDE, Decision::Executed, Some(200)),
        ],
    },
    Situation {
        name: "a redirect that a later rule rewrites is no script, and PHP's error keeps its status",
        host: "<Directory CASE/www>\nRequire all granted\nAllowOverride FileInfo\n</Directory>\n\
               RewriteEngine On\nRewriteRule ^/both /b.txt [H=application/x-httpd-php]\n",
        htaccess: &[(
            "www/.htaccess",
            "RewriteEngine On\nRewriteRule ^(.+)\\.txt$ admin/index.php [R]\nRewriteRule ^(.*)$ index.php\n",
        )],
        requests: &[("/both", OUTSIDE, Decision::Redirect, Some(302))],
    },
    Situation {
        name: "a blank in a rewritten query is refused before a later rule can answer",
        host: "<Directory CASE/www>\nRequire all granted\nAllowOverride FileInfo\n</Directory>\n\
               RewriteEngine On\nRewriteRule ^/to/(.*)$ /index.php?p=$1\nRewriteRule ^/index - [G]\n",
        htaccess: &[(
            "www/data/.htaccess",
            "RewriteEngine On\nRewriteRule ^(.*)$ /index.php?p=$1\nRewriteRule ^ - [G]\n",
        )],
        requests: &[
            ("/to/x", OUTSIDE, Decision::Denied, Some(410)),
            ("/to/x%20y", OUTSIDE, Decision::Denied, Some(403)),
            ("/data/x", OUTSIDE, Decision::Denied, Some(410)),
            ("/data/x%20y", OUTSIDE, Decision::Denied, Some(403)),
        ],
    },
    Situation {
        name: "the port of the Host header is in a redirect, and not in one that an index file brings",
        host: "<Directory CASE/www>\nRequire all granted\n</Directory>\n\
               RewriteEngine On\nRewriteRule ^/index\\.html$ /data\n",
        htaccess: &[],
        requests: &[
            ("/data", OUTSIDE, Decision::Redirect, Some(301)),
            ("/", OUTSIDE, Decision::Redirect, Some(301)),
        ],
    },
    Situation {
        name: "an option that an earlier line took away is gone again once another section matches",
        host: "<Directory CASE/www>\nRequire all granted\nOptions -FollowSymLinks\nOptions Indexes FollowSymLinks\n\
               RewriteEngine On\nRewriteRule ^b\\.txt$ data/secret.txt\n</Directory>\n",
        htaccess: &[],
        requests: &[
            ("/b.txt", OUTSIDE, Decision::Static, Some(200)),
            ("/a.php", OUTSIDE, Decision::Denied, Some(403)),
        ],
    },
    Situation {
        name: "%1 comes from a group that the expression matched, and from nowhere if it has none",
        host: "<Directory CASE/www>\nRequire all granted\n</Directory>\nRewriteEngine On\n\
               RewriteCond expr \"%{REQUEST_URI} =~ m#^/to/(data)#\"\nRewriteRule ^ /%1/secret.txt [L]\n\
               RewriteCond expr \"%{REQUEST_URI} !~ m#^/b(.)txt#\"\nRewriteRule ^/empty /b.txt%1 [L]\n\
               RewriteCond expr \"%{REQUEST_URI} =~ m#^/chance#\"\nRewriteRule ^ /b.txt?%1 [L]\n",
        htaccess: &[],
        requests: &[
            ("/to/data", OUTSIDE, Decision::Static, Some(200)),
            ("/empty", OUTSIDE, Decision::Static, Some(200)),
            ("/chance", OUTSIDE, Decision::Undetermined, None),
            ("/b.txt", OUTSIDE, Decision::Static, Some(200)),
        ],
    },
];

#[test]
fn situations_from_the_field() {
    let stage = Stage::new();
    let socket = stage.socket();
    let cases: Vec<Case> = SITUATIONS
        .iter()
        .enumerate()
        .map(|(number, situation)| {
            let folder = stage.folder().join(format!("s{number}"));
            crate::tree::plant(&folder);
            let fill = |text: &str| {
                text.replace("CASE", folder.to_str().unwrap())
                    .replace("SOCKET", &socket)
                    .replace("BACKEND", &stage.backend.to_string())
            };
            let lines = |text: &str| fill(text).lines().map(str::to_owned).collect::<Vec<_>>();
            Case {
                hosts: vec![lines(situation.host)],
                htaccess: situation
                    .htaccess
                    .iter()
                    .map(|(file, text)| ((*file).to_owned(), lines(text)))
                    .collect(),
                address: Ipv4Addr::new(127, 1, 2, u8::try_from(number + 1).unwrap()),
                folder,
            }
        })
        .collect();
    let (_apache, model) = stage
        .start(
            &format!("DirectoryIndex index.html index.php\nRewriteMap low int:tolower\n{PHP}"),
            &cases,
        )
        .unwrap();
    for (situation, case) in SITUATIONS.iter().zip(&cases) {
        for (target, from, decision, status) in situation.requests {
            let request = Request {
                scheme: Scheme::Http,
                host: "one.test".to_owned(),
                port: stage.port(),
                to: Some(IpAddr::V4(case.address)),
                target: target.as_bytes().to_vec(),
                from: from.parse().unwrap(),
                headers: vec![
                    ("Host".to_owned(), b"one.test:81".to_vec()),
                    ("X-Forwarded-For".to_owned(), b"203.0.113.9".to_vec()),
                ],
            };
            let answer = model.answer(&request, &RealDisk);
            let told = format!(
                "{}: {}\n{}",
                situation.name,
                show(&request),
                reasons(&answer)
            );
            assert_eq!(
                (answer.decision, answer.status),
                (*decision, *status),
                "model: {told}"
            );
            if *decision == Decision::Undetermined {
                // Apache may crash, or not.
                continue;
            }
            let seen = judge::ask(&request).unwrap();
            assert_eq!(
                (seen.decision, status.map(|_| seen.status)),
                (*decision, *status),
                "Apache: {told}"
            );
            assert_eq!(judge::differ(&answer, &seen), None, "{told}");
        }
    }
}
