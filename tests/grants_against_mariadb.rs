//! The model of grants against a real MariaDB: random grants to an account and its roles, then every
//! statement tried as that account, and the answers compared. `DESKGUARD_SEED` repeats a run.

// A test may fail by panicking, in its own functions too.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

mod real_mariadb;

use deskguard::facts::Secret;
use deskguard::mysql::{Bounds, Login, Place, Session, statements};
use deskguard::sql::grants::{Powers, parse};
use real_mariadb::MariaDb;
use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::sync::Arc;

const ROUNDS: usize = 25;
const SCHEMAS: [&str; 4] = ["desk", "desk_x", "deskax", "other"];
const PATTERNS: [&str; 8] = [
    "desk", "desk_x", "desk\\_x", "desk%", "d%", "%", "other", "de_k",
];
const PRIVILEGES: [&str; 7] = [
    "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALL",
];
const ON_COLUMNS: [&str; 3] = ["SELECT", "INSERT", "UPDATE"];

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let next = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(next).unwrap() % end
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    fn grant(&mut self) -> String {
        let to = self.pick(&["'u'@'localhost'", "'u'@'localhost'", "r1", "r2"]);
        let privilege = self.pick(&PRIVILEGES);
        match self.below(8) {
            0 => format!("GRANT {} ON *.* TO {to};", self.pick(&ON_COLUMNS)),
            1..=3 => format!("GRANT {privilege} ON `{}`.* TO {to};", self.pick(&PATTERNS)),
            4 | 5 => format!("GRANT {privilege} ON `{}`.t TO {to};", self.pick(&SCHEMAS)),
            _ => format!(
                "GRANT {} ({}) ON `{}`.t TO {to};",
                self.pick(&ON_COLUMNS),
                self.pick(&["a", "b", "a, b"]),
                self.pick(&SCHEMAS)
            ),
        }
    }
}

/// A statement, and whether the model allows it.
fn attempts(powers: &[Powers]) -> Vec<(String, bool)> {
    let any = |test: &dyn Fn(&Powers) -> bool| powers.iter().any(test);
    let mut all = Vec::new();
    for schema in SCHEMAS {
        let on = |privilege: &str| any(&|it| it.may_on(privilege, schema, "t"));
        let column =
            |privilege: &str, name: &str| any(&|it| it.may_on_column(privilege, schema, "t", name));
        for name in ["a", "b"] {
            all.push((
                format!("SELECT {name} FROM {schema}.t"),
                column("SELECT", name),
            ));
            all.push((
                format!("INSERT INTO {schema}.t ({name}) SELECT 1 FROM DUAL WHERE 0"),
                column("INSERT", name),
            ));
            all.push((
                format!("UPDATE {schema}.t SET {name} = 1 LIMIT 0"),
                column("UPDATE", name),
            ));
        }
        let both = column("SELECT", "a") && column("SELECT", "b");
        all.push((format!("SELECT * FROM {schema}.t"), both));
        all.push((format!("DELETE FROM {schema}.t LIMIT 0"), on("DELETE")));
        all.push((format!("CREATE TABLE {schema}.t (a INT)"), on("CREATE")));
        let drop = any(&|it| it.may_on("DROP", schema, "not_there"));
        all.push((format!("DROP TABLE {schema}.not_there"), drop));
    }
    all
}

/// The lines that the server denies, counted from 0; whatever else it says, it would have done it.
fn denied(server: &MariaDb, attempts: &[(String, bool)]) -> BTreeSet<usize> {
    use std::io::Write as _;
    let mut client = Command::new("mariadb")
        .args([
            "--no-defaults",
            "--force",
            "--batch",
            "--user=u",
            "--password=p",
        ])
        .arg(format!("--socket={}", server.socket().display()))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let text: String = attempts
        .iter()
        .map(|(statement, _)| format!("{statement};\n"))
        .collect();
    client
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = client.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let errors = said.lines().filter_map(|line| {
        let (code, rest) = line.strip_prefix("ERROR ")?.split_once(' ')?;
        let line = rest.split_once("at line ")?.1.split_once(':')?.0;
        // Denied: schema, table, column.
        ["1044", "1142", "1143"]
            .contains(&code)
            .then(|| line.parse::<usize>().unwrap() - 1)
    });
    errors.collect()
}

fn powers(server: &MariaDb) -> Vec<Powers> {
    let login = Login {
        user: "u".to_owned(),
        password: Secret::new(b"p"),
        schema: None,
        authorities: None,
        trusts_anybody: false,
    };
    let place = Place::Socket(server.socket());
    let session = Session::open(&place, &Arc::new(login), Bounds::default());
    let mut session = session.unwrap_or_else(|failure| panic!("{failure}"));
    let answer = session.ask(&statements::OWN_GRANTS, &[]).unwrap();
    let lines: Vec<_> = answer
        .rows
        .iter()
        .map(|row| parse(&row.text_at(0).unwrap(), false).unwrap())
        .collect();
    let of = |own: bool| {
        let lines = lines
            .iter()
            .filter(|(holder, _)| holder.host.is_some() == own);
        Powers::of(lines.map(|(_, line)| line))
    };
    vec![of(true), of(false)]
}

#[test]
fn the_model_agrees_with_the_server() {
    let seed = std::env::var("DESKGUARD_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20_261_124_u64);
    println!("DESKGUARD_SEED={seed}");
    let mut random = Random(seed.max(1));
    let server = MariaDb::start(&[]);
    for schema in SCHEMAS {
        server.sql(&format!(
            "CREATE DATABASE {schema}; CREATE TABLE {schema}.t (a INT, b INT)"
        ));
    }
    let mut tried = 0;
    for round in 0..ROUNDS {
        server.sql("DROP USER IF EXISTS 'u'@'localhost'; DROP ROLE IF EXISTS r1; DROP ROLE IF EXISTS r2; CREATE USER 'u'@'localhost' IDENTIFIED BY 'p'; CREATE ROLE r1; CREATE ROLE r2; GRANT r2 TO r1; GRANT r1 TO 'u'@'localhost'; SET DEFAULT ROLE r1 FOR 'u'@'localhost'");
        let mut grants: Vec<String> = (0..=random.below(6)).map(|_| random.grant()).collect();
        grants.dedup();
        server.sql(&grants.join("\n"));
        // MariaDB 10.11 forgets what a role inherits on `*.*` when something else is granted to the heir, and
        // remembers it when it next reads its tables.
        server.sql("FLUSH PRIVILEGES");
        let attempts = attempts(&powers(&server));
        let denied = denied(&server, &attempts);
        for (at, (statement, allowed)) in attempts.iter().enumerate() {
            assert_eq!(
                *allowed,
                !denied.contains(&at),
                "seed {seed}, round {round}: {statement} with\n{}",
                grants.join("\n")
            );
            tried += 1;
        }
    }
    println!("{tried} statements, no disagreement");
}
