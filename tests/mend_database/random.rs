//! Random accounts with random grants, and random deeds to them: what the model says comes true on the
//! server, a second run changes nothing, and undoing brings back every line.

use crate::desk::{GROUND, carry_out, deed, journal, picture, take_back};
use crate::real_mariadb::MariaDb;
use deskguard::sql::Deed;
use serde_json::{Value, json};

const ROUNDS: usize = 60;
const PRIVILEGES: [&str; 12] = [
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "CREATE",
    "DROP",
    "EVENT",
    "CREATE VIEW",
    "LOCK TABLES",
    "SHOW VIEW",
    "TRIGGER",
    "ALL PRIVILEGES",
];
const ON_TABLES: [&str; 6] = [
    "SELECT",
    "INSERT",
    "UPDATE",
    "DROP",
    "CREATE VIEW",
    "ALL PRIVILEGES",
];
const PATTERNS: [&str; 6] = ["desk", "desk_x", "desk\\_x", "desk%", "other", "de`s"];
const IDENTIFIED: [&str; 5] = [
    "",
    "IDENTIFIED BY 'it''s \\\\ secret'",
    "IDENTIFIED VIA unix_socket",
    "IDENTIFIED VIA unix_socket OR mysql_native_password USING ''",
    "IDENTIFIED VIA mysql_native_password USING 'invalid' OR unix_socket",
];
const REQUIRED: [&str; 4] = [
    "",
    "",
    "REQUIRE X509",
    "REQUIRE ISSUER '/CN=a b' AND CIPHER 'c'",
];
const RESOURCES: [&str; 4] = [
    "",
    "",
    "WITH MAX_QUERIES_PER_HOUR 5",
    "PASSWORD EXPIRE NEVER",
];
const USER: &str = "it's `u";
const HOSTS: [&str; 3] = ["localhost", "10.%", "%"];

pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// The seed is printed, and taken from `DESKGUARD_SEED` where that is set.
    pub(crate) fn seeded() -> Self {
        let given = std::env::var("DESKGUARD_SEED")
            .ok()
            .and_then(|it| it.parse().ok());
        let seed = given.unwrap_or_else(|| u64::from(std::process::id()) | 1);
        println!("DESKGUARD_SEED={seed}");
        Self(seed)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let next = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(next).unwrap() % end
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    fn grant(&mut self, host: &str) -> String {
        let to = format!("'it''s `u'@'{host}'");
        let option = self.pick(&["", "", " WITH GRANT OPTION"]);
        let privilege = self.pick(&PRIVILEGES);
        match self.below(11) {
            0 | 1 => format!(
                "GRANT {} ON *.* TO {to}{option};",
                self.pick(&["FILE", "PROCESS", "ALL", "SUPER", "SELECT"])
            ),
            2..=4 => {
                let pattern = self.pick(&PATTERNS).replace('`', "``");
                format!("GRANT {privilege} ON `{pattern}`.* TO {to}{option};")
            }
            5 => format!("GRANT {} ON desk.t TO {to}{option};", self.pick(&ON_TABLES)),
            6 => format!(
                "GRANT SELECT ({}), INSERT (b) ON other.t TO {to};",
                self.pick(&["a", "b", "a, b"])
            ),
            7 => format!(
                "GRANT EXECUTE ON {} TO {to}{option};",
                self.pick(&["PROCEDURE desk.p", "FUNCTION other.f"])
            ),
            8 => format!("GRANT {} TO {to};", self.pick(&["r1", "`r 2`", "r1"])),
            9 => format!("GRANT r1 TO {to}; SET DEFAULT ROLE r1 FOR {to};"),
            _ => format!("GRANT PROXY ON 'root'@'localhost' TO {to};"),
        }
    }

    fn on(&mut self) -> Value {
        match self.below(6) {
            0 | 1 => json!({"level": "global"}),
            2 | 3 => json!({"level": "schema", "schema": self.pick(&PATTERNS)}),
            4 => json!({"level": "table", "schema": self.pick(&["desk", "other"]), "name": "t"}),
            _ => json!({"level": "procedure", "schema": "desk", "name": "p"}),
        }
    }

    fn deed(&mut self, host: &str) -> Deed {
        let mut fields = match self.below(9) {
            0 | 1 => {
                json!({"statement": "grant", "on": {"level": "schema", "schema": self.pick(&PATTERNS)},
                "privileges": [self.pick(&PRIVILEGES[..11]), self.pick(&PRIVILEGES[..11])]})
            }
            2..=4 => json!({"statement": "revoke", "on": self.on(),
                "privileges": ["ALL PRIVILEGES"], "grant_option": self.below(2) == 0}),
            5 => json!({"statement": "revoke-role", "role": self.pick(&["r1", "r 2"])}),
            6 => json!({"statement": "revoke-proxy", "as_user": "root", "as_host": "localhost"}),
            7 => {
                json!({"statement": self.pick(&["drop-account", "lock-account", "require-tls", "socket-login"])})
            }
            _ => json!({"statement": "rename-account", "to": "192.0.2.7"}),
        };
        let all = fields.as_object_mut().unwrap();
        all.insert("user".to_owned(), USER.into());
        all.insert("host".to_owned(), host.into());
        deed(fields)
    }
}

#[test]
fn random_accounts_there_and_back() {
    let server = MariaDb::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    server.sql(GROUND);
    let mut random = Random::seeded();
    let mut changes = 0;
    for round in 0..ROUNDS {
        let host = HOSTS[random.below(3)];
        let made = format!(
            "CREATE USER 'it''s `u'@'{host}' {} {} {} {};",
            random.pick(&IDENTIFIED),
            random.pick(&REQUIRED),
            random.pick(&RESOURCES),
            random.pick(&["", "ACCOUNT LOCK"])
        );
        let grants: String = (0..random.below(7)).map(|_| random.grant(host)).collect();
        server.sql(&format!("{made}{grants}"));
        let deeds: Vec<Deed> = (0..=random.below(3)).map(|_| random.deed(host)).collect();
        let before = picture(&server);
        let at = journal(folder.path(), round);
        let what = format!("round {round}: {made}{grants}\n{deeds:?}");
        match carry_out(&server.socket(), deeds, &at) {
            Ok(done) => changes += done.changes,
            // An earlier deed of the same round took the account away.
            Err(why) => assert!(why.to_string().contains("is not there"), "{what}\n{why}"),
        }
        take_back(&server.socket(), &at).unwrap_or_else(|why| panic!("{what}\n{why}"));
        assert_eq!(picture(&server), before, "{what}");
        server.sql(&format!("DROP USER 'it''s `u'@'{host}'"));
    }
    println!("{ROUNDS} accounts, {changes} changes made and taken back");
    assert!(changes > 20, "the deeds change nothing");
}
