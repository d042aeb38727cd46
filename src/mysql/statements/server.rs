//! What is asked about the account, its privileges and the server.

use crate::mysql::Statement;

/// Who we are to the server.
pub const IDENTITY: Statement = Statement::new(
    "identity",
    1,
    "which account the server took us for, and its version",
    "SELECT CURRENT_USER() AS account, USER() AS login, VERSION() AS version, @@version_comment AS flavour",
);

/// The roles that are active from the start.
pub const ACTIVE_ROLES: Statement = Statement::new(
    "active roles",
    1,
    "which roles a session of the account starts with",
    "SELECT CURRENT_ROLE() AS roles",
);

/// Our own grants; MariaDB adds those of the active role and of PUBLIC.
pub const OWN_GRANTS: Statement = Statement::new(
    "own grants",
    10_000,
    "what the account may do",
    "SHOW GRANTS",
);

/// The grants of a role, or of another account where that is visible.
pub const GRANTS_FOR: Statement = Statement::new(
    "grants of an account",
    10_000,
    "what a role of the account, or the product's account, may do",
    "SHOW GRANTS FOR {account}",
);

/// Our own grants with a role taken on (MySQL 8 and later, where a role's own are not shown to everybody).
pub const GRANTS_USING: Statement = Statement::new(
    "own grants with a role",
    10_000,
    "what the account may do once it takes on a role",
    "SHOW GRANTS FOR CURRENT_USER() USING {account}",
);

/// The schemas that the account sees.
pub const SCHEMAS: Statement = Statement::new(
    "visible schemas",
    1_000,
    "whether the account sees other schemas than the product's",
    "SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME LIMIT 1000",
);

/// How the server is set up. `SHOW`, because a name that a version does not know is no error there.
pub const VARIABLES: Statement = Statement::new(
    "server variables",
    50,
    "where the server listens, which files it touches, whether it can do TLS",
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('local_infile', 'secure_file_priv', 'bind_address', \
     'skip_networking', 'have_ssl', 'require_secure_transport', 'read_only', 'super_read_only', \
     'partial_revokes', 'port', 'datadir')",
);

/// MariaDB's accounts. Whether a password is empty is judged there; no hash is selected. `auth_or` holds
/// further ways to log in, the first `{}` of them standing for the one outside.
pub const ACCOUNTS_MARIADB: Statement = Statement::new(
    "accounts (MariaDB)",
    5_000,
    "accounts without a name or a password, and root from elsewhere",
    "SELECT User AS user, Host AS host, \
     COALESCE(JSON_VALUE(Priv, '$.is_role'), '0') IN ('1', 'true') AS is_role, \
     COALESCE(JSON_VALUE(Priv, '$.account_locked'), '0') IN ('1', 'true') AS locked, \
     COALESCE(JSON_LENGTH(Priv, '$.auth_or'), 0) AS ways, \
     COALESCE(JSON_VALUE(Priv, '$.plugin'), '') AS plugin0, \
     COALESCE(JSON_VALUE(Priv, '$.authentication_string'), '') = '' AS empty0, \
     JSON_VALUE(Priv, '$.auth_or[0].plugin') AS plugin1, \
     COALESCE(JSON_VALUE(Priv, '$.auth_or[0].authentication_string'), '') = '' AS empty1, \
     JSON_VALUE(Priv, '$.auth_or[1].plugin') AS plugin2, \
     COALESCE(JSON_VALUE(Priv, '$.auth_or[1].authentication_string'), '') = '' AS empty2, \
     JSON_VALUE(Priv, '$.auth_or[2].plugin') AS plugin3, \
     COALESCE(JSON_VALUE(Priv, '$.auth_or[2].authentication_string'), '') = '' AS empty3 \
     FROM mysql.global_priv ORDER BY User, Host LIMIT 5000",
);

/// MySQL's accounts; its roles are locked accounts.
pub const ACCOUNTS_MYSQL: Statement = Statement::new(
    "accounts (MySQL)",
    5_000,
    "accounts without a name or a password, and root from elsewhere",
    "SELECT User AS user, Host AS host, 0 AS is_role, account_locked = 'Y' AS locked, 0 AS ways, \
     plugin AS plugin0, COALESCE(authentication_string, '') = '' AS empty0 \
     FROM mysql.user ORDER BY User, Host LIMIT 5000",
);

pub(super) const SERVER: &[Statement] = &[
    IDENTITY,
    ACTIVE_ROLES,
    OWN_GRANTS,
    GRANTS_FOR,
    GRANTS_USING,
    SCHEMAS,
    VARIABLES,
    ACCOUNTS_MARIADB,
    ACCOUNTS_MYSQL,
];
