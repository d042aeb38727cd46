//! Secrets that everybody knows, and credentials that nobody uses.

use crate::accounts::{OWNER, WEB};
use crate::case::{Case, fails, passes, unknown};
use crate::hardened::Kind::{Container, V4, V5};

const SECRET: &str = "config/no-placeholder-secrets";
const SPARE: &str = "config/no-spare-credentials";
const READABLE: &str = "config/readable";
const GUESSED: &str = "database/password-set";
const STRONG: &str = "nS7-pLq0_vTz92";

/// The database password becomes this text.
macro_rules! password {
    ($kind:ident, $id:literal, $text:literal, $found:literal) => {
        fails(
            concat!("the password ", $text),
            $kind,
            SECRET,
            &[$found, "{config}:"],
            |it| it.reconfig($id, STRONG, $text),
        )
    };
    ($kind:ident, $id:literal, $text:literal, $found:literal, $also:ident) => {
        password!($kind, $id, $text, $found).also(&[$also])
    };
}

macro_rules! spare {
    ($kind:ident, $id:literal, $line:literal, $found:literal) => {
        fails($line, $kind, SPARE, &[$found, "{config}:{line}"], |it| {
            it.config($id, $line);
        })
        .hides(&["open sesame"])
    };
}

macro_rules! used {
    ($kind:ident, $id:literal, $line:literal) => {
        passes($line, $kind, SPARE, |it| it.config($id, $line))
    };
}

pub(super) const CASES: &[Case] = &[
    password!(V4, "config", "", "DP_DATABASE_PASSWORD is empty"),
    password!(
        V4,
        "config",
        "deskpro",
        "DP_DATABASE_PASSWORD is still what the distribution ships",
        GUESSED
    ),
    password!(
        V4,
        "config",
        "YOUR_DATABASE_PASS",
        "DP_DATABASE_PASSWORD is still what the distribution ships",
        GUESSED
    ),
    password!(
        V5,
        "database",
        "",
        "$DB_CONFIG['password'] is empty",
        GUESSED
    ),
    password!(
        V5,
        "database",
        "mysqlpasswordchangeme",
        "$DB_CONFIG['password'] is still what the distribution ships",
        GUESSED
    ),
    password!(
        Container,
        "config",
        "deskpro",
        "$CONFIG['database']['password'] is still what the distribution ships",
        GUESSED
    ),
    fails(
        "no password at all",
        V4,
        SECRET,
        &["DP_DATABASE_PASSWORD is missing"],
        |it| {
            it.reconfig(
                "config",
                "define('DP_DATABASE_PASSWORD'",
                "// define('DP_DATABASE_PASSWORD'",
            );
        },
    )
    .also(&[GUESSED]),
    fails(
        "the array wins over the constant",
        V4,
        SECRET,
        &["$DP_CONFIG['db']['password'] is empty", "{config}:{line}"],
        |it| {
            it.config("config", "$DP_CONFIG['db']['password'] = '';");
        },
    ),
    fails(
        "an empty application key",
        Container,
        SECRET,
        &["$CONFIG['app_key'] is empty", "{config}:{line}"],
        |it| {
            it.config("config", "$CONFIG['app_key'] = '';");
        },
    ),
    fails(
        "a placeholder key",
        Container,
        SECRET,
        &[
            "$CONFIG['app_key'] is still what the distribution ships",
            "{config}:{line}",
        ],
        |it| {
            it.config(
                "config",
                "$CONFIG['app_key'] = 'Edit this file to contain a random key';",
            );
        },
    ),
    fails(
        "a placeholder file",
        Container,
        SECRET,
        &[
            "DESKPRO_DB_PASS.txt is still what the distribution ships",
            "/deskpro/config/DESKPRO_DB_PASS.txt",
        ],
        |it| {
            it.file(
                "host:deskpro/config/DESKPRO_DB_PASS.txt",
                (OWNER.0, WEB.1),
                0o640,
                "Edit this file to contain the password\n",
            );
        },
    ),
    fails(
        "an empty file",
        Container,
        SECRET,
        &["DESKPRO_APP_KEY.txt is empty"],
        |it| {
            it.file(
                "host:deskpro/config/DESKPRO_APP_KEY.txt",
                (OWNER.0, WEB.1),
                0o640,
                "\n",
            );
        },
    ),
    passes("a file with a secret", Container, SECRET, |it| {
        it.file(
            "host:deskpro/config/MYSQL_ROOT_PASSWORD.txt",
            (OWNER.0, WEB.1),
            0o640,
            "gK2-zzQ81\n",
        );
    }),
    passes("an empty password over a socket", V4, SECRET, |it| {
        it.reconfig("config", STRONG, "");
        it.reconfig(
            "config",
            "'localhost'",
            "'unix_socket:/run/mysqld/mysqld.sock'",
        );
    }),
    passes("an empty password over a socket in v5", V5, SECRET, |it| {
        it.reconfig("database", STRONG, "");
        it.reconfig(
            "database",
            "127.0.0.1:3307",
            "unix_socket:/run/mysqld/mysqld.sock",
        );
    }),
    unknown(
        "a password from the environment",
        V5,
        SECRET,
        &["getenv", "{config}:{line}"],
        |it| {
            it.config(
                "database",
                "$DB_CONFIG['password'] = getenv('DB_PW') ?: 'x';",
            );
        },
    )
    .also(&[READABLE]),
    spare!(
        V4,
        "config",
        "$DP_CONFIG['import']['db_password'] = 'open sesame';",
        "$DP_CONFIG['import'] holds a password for root (import from v3)"
    ),
    spare!(
        V4,
        "config",
        "$DP_CONFIG['import'] = array('db_host' => 'old', 'db_user' => 'v3', 'db_password' => 'open sesame');",
        "$DP_CONFIG['import'] holds a password for v3"
    ),
    spare!(
        V4,
        "config",
        "$DP_CONFIG['db_read'] = array('host' => '', 'user' => 'r', 'password' => 'open sesame');",
        "$DP_CONFIG['db_read'] holds a password for r (read replica)"
    ),
    spare!(
        V5,
        "database_advanced",
        "$DB_CONFIG['read'] = [['host' => '', 'user' => 'r', 'password' => 'open sesame']];",
        "$DB_CONFIG['read']['0'] holds a password for r"
    ),
    spare!(
        V5,
        "database_advanced",
        "$DB_CONFIG['audit']['password'] = 'open sesame';",
        "$DB_CONFIG['audit'] holds a password for"
    ),
    spare!(
        Container,
        "config",
        "$CONFIG['database_advanced']['read'] = ['user' => 'r', 'password' => 'open sesame'];",
        "$CONFIG['database_advanced']['read'] holds a password for r"
    ),
    used!(
        V4,
        "config",
        "$DP_CONFIG['db_read'] = array('host' => 'replica', 'user' => 'r', 'password' => 'open sesame');"
    ),
    used!(
        V4,
        "config",
        "// $DP_CONFIG['import'] = array('db_password' => 'open sesame');"
    ),
    used!(
        V4,
        "config",
        "$DP_CONFIG['import']['db_password'] = 'open sesame'; unset($DP_CONFIG['import']);"
    ),
    used!(
        V5,
        "database_advanced",
        "$DB_CONFIG['read'][0] = ['host' => 'replica', 'user' => 'r', 'password' => 'open sesame'];"
    ),
    used!(
        Container,
        "config",
        "$CONFIG['database_advanced'] = ['read' => $CONFIG['database']];"
    ),
];
