//! What the configuration alone tells about the database: the account's name, its password, the way there.
//! Faults of a server are planted in a real one, in `tests/database_checks`.

use crate::case::{Case, fails, passes, unknown};
use crate::hardened::Kind::{Container, V4, V5};

const ROOT: &str = "database/user-not-root";
const PASSWORD: &str = "database/password-set";
const SHIPPED: &str = "config/no-placeholder-secrets";
const PRIVATE: &str = "database/connection-private";
const STRONG: &str = "nS7-pLq0_vTz92";

pub(super) const CASES: &[Case] = &[
    fails(
        "root in v4's constant",
        V4,
        ROOT,
        &["DP_DATABASE_USER", "connects as root", "{config}:{line}"],
        |it| it.reconfig("config", "\"deskpro\"", "'root'"),
    ),
    fails(
        "v4's array wins over the constant",
        V4,
        ROOT,
        &[
            "$DP_CONFIG['db']['user']",
            "connects as root",
            "{config}:{line}",
        ],
        |it| it.config("config", "$DP_CONFIG['db']['user'] = 'root';"),
    ),
    fails(
        "root in v5",
        V5,
        ROOT,
        &["$DB_CONFIG['user']", "connects as root", "{config}:{line}"],
        |it| it.config("database", "$DB_CONFIG['user'] = 'root';"),
    ),
    fails(
        "root on the first of several servers",
        V5,
        ROOT,
        &[
            "$DB_CONFIG['0']['user']",
            "connects as root",
            "{config}:{line}",
        ],
        |it| {
            it.config(
                "database",
                "$DB_CONFIG = [['host' => '127.0.0.1', 'user' => 'root', 'password' => 'nS7-pLq0_vTz92', 'dbname' => 'x']];",
            );
        },
    ),
    fails(
        "the container's template",
        Container,
        ROOT,
        &["connects as root", "{config}:{line}"],
        |it| it.config("config", "$CONFIG['database']['user'] = 'root';"),
    ),
    unknown("a user from the environment", V5, ROOT, &["getenv"], |it| {
        it.config("database", "$DB_CONFIG['user'] = getenv('DB_USER');");
    }),
    fails(
        "the account's own name as the password",
        V5,
        PASSWORD,
        &["the account's own name", "{config}:"],
        |it| {
            it.reconfig("database", STRONG, "helpdesk-db");
            it.config("database", "$DB_CONFIG['user'] = 'helpdesk-db';");
        },
    )
    .hides(&[STRONG]),
    fails(
        "the schema's own name as the password",
        V4,
        PASSWORD,
        &["the schema's own name"],
        |it| {
            it.reconfig("config", STRONG, "tickets");
            it.config("config", "$DP_CONFIG['db']['dbname'] = 'tickets';");
        },
    ),
    fails(
        "a password that is tried first",
        Container,
        PASSWORD,
        &["one of the passwords that are tried first"],
        |it| it.reconfig("config", STRONG, "P@ssw0rd"),
    )
    .hides(&["P@ssw0rd"]),
    fails(
        "an empty password over the network",
        V5,
        PASSWORD,
        &["the password of deskpro is empty"],
        |it| it.reconfig("database", STRONG, ""),
    )
    .also(&[SHIPPED]),
    unknown(
        "an empty password over a socket",
        V5,
        PASSWORD,
        &["whether it does is not visible"],
        |it| {
            it.reconfig("database", STRONG, "");
            it.reconfig("database", "127.0.0.1:3307", "localhost");
        },
    )
    .also(&[SHIPPED]),
    fails(
        "another machine without TLS",
        V5,
        PRIVATE,
        &["db.example.net:3307", "without TLS"],
        |it| it.reconfig("database", "127.0.0.1:3307", "db.example.net:3307"),
    ),
    fails(
        "another machine in v4",
        V4,
        PRIVATE,
        &["10.0.0.7:3306", "without TLS"],
        |it| it.config("config", "$DP_CONFIG['db']['host'] = '10.0.0.7';"),
    ),
    fails(
        "TLS that verifies nothing",
        Container,
        PRIVATE,
        &["does not verify"],
        |it| {
            it.config(
                "config",
                "$CONFIG['database']['pdo_options'][PDO::MYSQL_ATTR_SSL_VERIFY_SERVER_CERT] = false;",
            );
        },
    ),
    passes(
        "localhost is the socket, whatever the port",
        V5,
        PRIVATE,
        |it| {
            it.reconfig("database", "127.0.0.1:3307", "localhost:9999");
        },
    ),
    passes("loopback by its v6 address", V5, PRIVATE, |it| {
        it.reconfig("database", "127.0.0.1:3307", "[::1]:3307");
    }),
];
