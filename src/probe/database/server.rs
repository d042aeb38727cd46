//! The server: what it is, until when it receives fixes, how it is set up, and which accounts it has where
//! those are visible.

use super::reach::reach;
use super::support;
use crate::facts::{DatabaseProcess, DatabaseServer, Known, Listing, ServerAccount};
use crate::mysql::{Answer, Failure, Row, Session, statements};
use std::collections::BTreeMap;

/// The server's variables by their names.
pub(super) struct Variables(pub Result<BTreeMap<String, String>, String>);

impl Variables {
    pub(super) fn ask(session: &mut Session) -> Self {
        let answer = session.ask(&statements::VARIABLES, &[]);
        Self(answer.map_err(String::from).and_then(|answer: Answer| {
            let pair = |row: &Row| {
                let name = row.text("Variable_name")?.to_ascii_lowercase();
                Ok((name, row.maybe_text("Value")?.unwrap_or_default()))
            };
            answer.rows.iter().map(pair).collect()
        }))
    }

    pub(super) fn get(&self, name: &str) -> Known<String> {
        match &self.0 {
            Err(why) => Known::unknown(why),
            Ok(all) => all.get(name).cloned().map_or_else(
                || Known::unknown(format!("the server has no variable {name}")),
                Known::Known,
            ),
        }
    }

    pub(super) fn flag(&self, name: &str) -> Known<bool> {
        self.get(name)
            .map(|value| matches!(value.to_ascii_uppercase().as_str(), "ON" | "1" | "YES"))
    }
}

/// Everything but the accounts and what the connection decides.
pub(super) fn observe(session: &Session, variables: &Variables) -> DatabaseServer {
    let flavour = if session.is_mariadb() {
        "MariaDB"
    } else {
        "MySQL"
    };
    let series = support::series(&session.version);
    let series = series
        .map(|(major, minor)| format!("{major}.{minor}"))
        .ok_or_else(|| format!("the version {} names no series", session.version));
    let until: Known<_> = match &series {
        Ok(series) => support::until(flavour, series),
        Err(why) => Known::unknown(why),
    };
    DatabaseServer {
        flavour: Known::Known(flavour.to_owned()),
        version: Known::Known(session.version.clone()),
        series: series.into(),
        supported_until: until.clone().map(|(day, _)| day),
        supported_until_day: until.map(|(_, day)| day),
        local_infile: variables.flag("local_infile"),
        files: variables
            .get("secure_file_priv")
            .map(|value| files(&value, session.is_mariadb())),
        bind_address: variables.get("bind_address"),
        listens: listens(variables),
        listens_beyond_need: Known::unknown("the connection is unknown"),
        tls: tls(variables, session),
        requires_tls: variables.flag("require_secure_transport"),
        read_only: variables
            .get("read_only")
            .map(|value| !matches!(value.to_ascii_uppercase().as_str(), "OFF" | "0")),
        accounts: Listing::default(),
        process: DatabaseProcess::default(),
    }
}

/// What is known of a server that was not asked.
pub(super) fn unseen(why: &str) -> DatabaseServer {
    let text = || Known::unknown(why);
    let flag = || Known::unknown(why);
    DatabaseServer {
        flavour: text(),
        version: text(),
        series: text(),
        supported_until: text(),
        supported_until_day: Known::unknown(why),
        local_infile: flag(),
        files: text(),
        listens: text(),
        bind_address: text(),
        listens_beyond_need: flag(),
        tls: flag(),
        requires_tls: flag(),
        read_only: flag(),
        accounts: Listing::unseen(why),
        process: DatabaseProcess::default(),
    }
}

/// In MySQL `NULL` turns file operations off; in MariaDB it, and in both an empty text, allows any file.
/// Manuals: "secure_file_priv".
fn files(value: &str, mariadb: bool) -> String {
    match value {
        "NULL" if !mariadb => "none".to_owned(),
        "" | "NULL" => "anywhere".to_owned(),
        folder => folder.to_owned(),
    }
}

/// MySQL 8.4 has no `have_ssl` any more; there the handshake tells.
fn tls(variables: &Variables, session: &Session) -> Known<bool> {
    match variables.flag("have_ssl") {
        Known::Unknown(_) => Known::Known(session.transport.offered),
        known => known,
    }
}

/// `nowhere`, `loopback`, `addresses`, `everywhere`; both servers take a list of addresses.
fn listens(variables: &Variables) -> Known<String> {
    if variables.flag("skip_networking") == Known::Known(true) {
        return Known::Known("nowhere".to_owned());
    }
    variables.get("bind_address").map(|value| {
        let addresses: Vec<&str> = value.split(',').map(str::trim).collect();
        let all = |test: fn(&str) -> bool| addresses.iter().all(|address| test(address));
        // Nothing said is every address.
        let open = |address: &&str| matches!(*address, "" | "*" | "0.0.0.0" | "::");
        if addresses.iter().any(open) {
            "everywhere"
        } else if all(|address| reach(address) == "local") {
            "loopback"
        } else {
            "addresses"
        }
        .to_owned()
    })
}

/// Every account, where the session may see them.
pub(super) fn accounts(session: &mut Session) -> Listing<ServerAccount> {
    let statement = if session.is_mariadb() {
        &statements::ACCOUNTS_MARIADB
    } else {
        &statements::ACCOUNTS_MYSQL
    };
    let answer = match session.ask(statement, &[]) {
        Ok(answer) => answer,
        Err(Failure::Denied(_)) => {
            return Listing::unseen(
                "the accounts of the server are not visible to this account; one with SELECT on the schema mysql, named as [database] user, would see them",
            );
        }
        Err(failure) => return Listing::unseen(failure.to_string()),
    };
    let mut list = Listing::whole(Vec::new());
    if answer.full {
        list.missed.push(format!(
            "only the first {} accounts were read",
            statement.rows()
        ));
    }
    for row in &answer.rows {
        match account(row) {
            Ok(Some(account)) => list.rows.push(account),
            Ok(None) => {}
            Err(why) => list.missed.push(why),
        }
    }
    list
}

/// How many further ways to log in the statement selects.
const WAYS: i64 = 3;

/// `None` for a role: it cannot log in.
fn account(row: &Row) -> Result<Option<ServerAccount>, String> {
    if row.flag("is_role")? {
        return Ok(None);
    }
    let (user, host) = (row.text("user")?, row.text("host")?);
    let account = format!("{user}@{host}");
    let ways = row.integer("ways")?;
    if ways > WAYS {
        return Err(format!(
            "{account} may log in in more ways than are looked at"
        ));
    }
    let locked = row.flag("locked")?;
    let mut without_password = false;
    for way in 0..=ways {
        let plugin = row.maybe_text(&format!("plugin{way}"))?;
        // Further ways: `{}` stands for the one outside.
        let Some(plugin) = plugin else { continue };
        without_password |= takes_passwords(&plugin) && row.flag(&format!("empty{way}"))?;
    }
    Ok(Some(ServerAccount {
        account,
        locked,
        anonymous: !locked && user.is_empty(),
        without_password: !locked && without_password,
        remote_root: !locked && user.eq_ignore_ascii_case("root") && reach(&host) != "local",
        user,
        host,
    }))
}

/// The plugins that compare a stored password; what a socket or a directory identifies has none.
fn takes_passwords(plugin: &str) -> bool {
    matches!(
        plugin,
        "" | "mysql_native_password"
            | "mysql_old_password"
            | "sha256_password"
            | "caching_sha2_password"
            | "ed25519"
            | "parsec"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_server_reach_so_far() {
        for (skip, address, expected) in [
            ("ON", "*", "nowhere"),
            ("OFF", "*", "everywhere"),
            ("OFF", "", "everywhere"),
            ("OFF", "0.0.0.0", "everywhere"),
            ("OFF", "::", "everywhere"),
            ("OFF", "127.0.0.1", "loopback"),
            ("OFF", "127.0.0.1,::1", "loopback"),
            ("OFF", "127.0.0.1,10.0.0.7", "addresses"),
            ("OFF", "db.example.net", "addresses"),
        ] {
            let pairs = [("skip_networking", skip), ("bind_address", address)];
            let all = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let found = listens(&Variables(Ok(all.into())));
            assert_eq!(found.known().unwrap(), expected, "{skip} {address}");
        }
    }

    #[test]
    fn null_means_opposite_things() {
        assert_eq!(files("NULL", false), "none");
        assert_eq!(files("NULL", true), "anywhere");
        assert_eq!(files("", false), "anywhere");
        assert_eq!(files("/srv/x/", true), "/srv/x/");
    }
}
