//! What the product needs of its account, and so what is too much. The vendor's own minimal grant at run
//! time; what its updater and its dumps do besides.

/// At run time: the vendor's own minimal grant.
pub const RUN_TIME: [&str; 5] = ["SELECT", "INSERT", "UPDATE", "DELETE", "LOCK TABLES"];

/// For updates: schema changes run with the same account.
pub const UPDATES: [&str; 6] = [
    "CREATE",
    "ALTER",
    "DROP",
    "INDEX",
    "CREATE TEMPORARY TABLES",
    "REFERENCES",
];

/// For the dump before an update.
pub const DUMPS: [&str; 2] = ["SHOW VIEW", "TRIGGER"];

/// What `ALL PRIVILEGES` on a schema holds beyond these, in both servers.
const REST_OF_SCHEMA: [&str; 5] = [
    "ALTER ROUTINE",
    "CREATE ROUTINE",
    "CREATE VIEW",
    "EVENT",
    "EXECUTE",
];

/// What it holds in MariaDB besides, and since which version.
const REST_OF_MARIADB: [(&str, (u32, u32)); 2] = [
    ("DELETE HISTORY", (10, 3)),
    ("SHOW CREATE ROUTINE", (11, 3)),
];

/// Every privilege of a level but the right to hand on, in the servers' words.
pub const ALL: &str = "ALL PRIVILEGES";

/// Everything that the product needs on its own schema: at run time, for updates, for dumps.
pub fn all() -> impl Iterator<Item = &'static str> {
    let lists = [RUN_TIME.as_slice(), &UPDATES, &DUMPS];
    lists.into_iter().flatten().copied()
}

/// Whether the product needs it on its own schema; `USAGE` is no privilege at all.
#[must_use]
pub fn is_needed(privilege: &str) -> bool {
    privilege == "USAGE" || all().any(|one| one == privilege)
}

/// What is too much of some privileges on the product's own schema, or on a table of it. `mariadb` is the
/// version where the server is one.
#[must_use]
pub fn excess(privileges: &[String], on_table: bool, mariadb: Option<(u32, u32)>) -> Vec<String> {
    let mut found: Vec<String> = privileges
        .iter()
        .filter(|name| *name != ALL && !is_needed(name))
        .cloned()
        .collect();
    if privileges.iter().any(|name| name == ALL) {
        let tables = ["CREATE VIEW", "DELETE HISTORY"];
        let rest = REST_OF_SCHEMA.iter().copied().chain(
            REST_OF_MARIADB
                .iter()
                .filter(|(_, since)| mariadb.is_some_and(|version| version >= *since))
                .map(|(name, _)| *name),
        );
        let rest = rest.filter(|name| !on_table || tables.contains(name));
        found.extend(rest.map(str::to_owned));
    }
    found
}

/// The privileges with which an account gives itself every other: by the manuals, "Privileges Provided".
pub const SUPERUSER: [&str; 12] = [
    ALL,
    "SUPER",
    "GRANT OPTION",
    "CREATE USER",
    "INSERT",
    "UPDATE",
    "DELETE",
    "SYSTEM_USER",
    "ROLE_ADMIN",
    "SET_USER_ID",
    "SET_ANY_DEFINER",
    "SET USER",
];

/// The same on the schema `mysql` alone, where the accounts are.
pub const SUPERUSER_ON_MYSQL: [&str; 4] = [ALL, "INSERT", "UPDATE", "DELETE"];
