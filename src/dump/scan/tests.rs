//! What dump programs write, and what hostile hands write, row by row.

use super::*;

/// Keeps what it hears, as lines.
#[derive(Default)]
struct Heard {
    lines: Vec<String>,
}

impl Sink for Heard {
    fn schema(&mut self, name: &str) {
        self.lines.push(format!("use {name}"));
    }
    fn table(&mut self, table: &str, columns: &[String]) {
        self.lines
            .push(format!("table {table} {}", columns.join(" ")));
    }
    fn wants(&mut self, table: &str) -> bool {
        table == "t"
    }
    fn row(&mut self, table: &str, row: &Row<'_>) {
        let cell = |name| match row.get(name) {
            None => "-".to_owned(),
            Some(Cell::Null) => "NULL".to_owned(),
            Some(Cell::Bytes(bytes)) => bytes.escape_ascii().to_string(),
            Some(Cell::Odd(why)) => format!("<{why}>"),
        };
        self.lines
            .push(format!("{table} {}|{}", cell("a"), cell("b")));
    }
    fn odd(&mut self, table: &str, why: &str) {
        self.lines.push(format!("odd {table}: {why}"));
    }
}

fn hear(dump: &[u8]) -> (Vec<String>, Ending) {
    let mut heard = Heard::default();
    // One byte at a time, so that every boundary is tried.
    let mut slow = OneByOne(dump);
    let ending = scan(&mut slow, &mut heard).unwrap();
    let mut again = Heard::default();
    let mut fast = dump;
    assert_eq!(scan(&mut fast, &mut again).unwrap(), ending);
    assert_eq!(heard.lines, again.lines);
    (heard.lines, ending)
}

struct OneByOne<'a>(&'a [u8]);

impl Read for OneByOne<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some((first, rest)) = self.0.split_first() else {
            return Ok(0);
        };
        buffer[0] = *first;
        self.0 = rest;
        Ok(1)
    }
}

const CREATE: &str = "CREATE TABLE `t` (\n  `a` int(11) NOT NULL,\n  `b` longtext DEFAULT NULL,\n  PRIMARY KEY (`a`)\n) ENGINE=InnoDB;\n";

fn rows(insert: &str) -> Vec<String> {
    let (mut lines, _) = hear(format!("{CREATE}{insert}").as_bytes());
    assert_eq!(lines.remove(0), "table t a b");
    lines
}

#[test]
fn every_notation_of_a_value() {
    for (insert, expected) in [
        (
            "INSERT INTO `t` VALUES (1,'x'),(2,NULL);\n",
            &["t 1|x", "t 2|NULL"][..],
        ),
        (
            "INSERT INTO `t` VALUES\n(1,'x'),\n(-2.5e3,'y');\n",
            &["t 1|x", "t -2.5e3|y"],
        ),
        (
            "INSERT IGNORE INTO `t` VALUES (1,_binary '\\0\\Z\\n\\r\\t\\b\\\\\\'\\\"');\n",
            &["t 1|\\x00\\x1a\\n\\r\\t\\x08\\\\\\'\\\""],
        ),
        (
            "REPLACE INTO `db`.`t` VALUES (1,'it''s \\%\\_ \\q');\n",
            &["t 1|it\\'s \\\\%\\\\_ q"],
        ),
        ("INSERT INTO t (b, a) VALUES ('x',1);\n", &["t 1|x"]),
        ("INSERT INTO `t` (`b`) VALUES ('x');\n", &["t -|x"]),
        (
            "INSERT INTO `t` VALUES (1,0x41620),(2,X'4162'),(3,0x);\n",
            &["t 1|\\x04\\x16 ", "t 2|Ab", "t 3|"],
        ),
        (
            "INSERT INTO `t` VALUES (1,\"a;b\"),(2,N'c'),(3,_utf8mb4'd');\n",
            &["t 1|a;b", "t 2|c", "t 3|d"],
        ),
        (
            "insert into `t` values (1,'INSERT INTO `t` VALUES (9,9);\nINSERT INTO `t` VALUES (9,9);');\n",
            &["t 1|INSERT INTO `t` VALUES (9,9);\\nINSERT INTO `t` VALUES (9,9);"],
        ),
    ] {
        assert_eq!(rows(insert), expected, "{insert}");
    }
}

#[test]
fn what_is_not_data_is_leapt_over() {
    let text = "INSERT INTO `other` VALUES (1,'\\'; \nINSERT INTO `t` VALUES (9,''9'');\n');\nDELIMITER ;;\nCREATE TRIGGER x BEGIN\nINSERT INTO `t` VALUES (9,9);\nEND;;\nDELIMITER ;\n/*!50001 x */;\nINSERT INTO `t` VALUES (1,'x');\n";
    assert_eq!(rows(text), ["t 1|x"]);
}

#[test]
fn lies_cost_a_row_or_a_statement_and_never_more() {
    for (insert, expected) in [
        (
            "INSERT INTO `t` VALUES (1,'x',3),(2,'y');\n",
            &[
                "odd t: a row has not as many values as the table has columns",
                "t 2|y",
            ][..],
        ),
        (
            "INSERT INTO `t` VALUES (1),(2,'y');\n",
            &[
                "odd t: a row has not as many values as the table has columns",
                "t 2|y",
            ],
        ),
        (
            "INSERT INTO `t` VALUES (1,NOW());\nINSERT INTO `t` VALUES (2,'y');\n",
            &[
                "t 1|<it is no literal>",
                "odd t: a row is not written as the dump programs write it",
                "t 2|y",
            ],
        ),
        (
            "INSERT INTO `t` SELECT 1,2;\nINSERT INTO `t` VALUES (2,'y');\n",
            &["odd t: the dump does not name its columns", "t 2|y"],
        ),
        (
            "INSERT INTO `t` VALUES (1,TRUE),(2,0xZZ);\n",
            &[
                "t 1|<it is no literal>",
                "t 2|<it is no hexadecimal literal>",
            ],
        ),
    ] {
        assert_eq!(rows(insert), expected, "{insert}");
    }
    let nameless = hear(b"INSERT INTO `t` VALUES (1,2);\n").0;
    assert_eq!(nameless, ["odd t: the dump does not name its columns"]);
    let long = format!(
        "INSERT INTO `t` VALUES (1,'{}'),(2,'y');\n",
        "x".repeat(200_000)
    );
    assert_eq!(rows(&long), ["t 1|<it is longer than 64 KiB>", "t 2|y"]);
}

#[test]
fn how_it_ends() {
    let whole = hear(b"-- MariaDB dump 10.19\n-- Dump completed on 2026-01-31  6:19:04\n").1;
    assert!(whole.has_heading && whole.completed && !whole.broken_off);
    assert_eq!(whole.moment, "2026-01-31  6:19:04");
    assert!(hear(b"-- Dump completed\n").1.completed);
    for cut in [
        "INSERT INTO `o` VALUES (1,'",
        "INSERT INTO `o` VALUES (1,'x')",
        "DELIMITER ;;\nx",
    ] {
        assert!(hear(cut.as_bytes()).1.broken_off, "{cut}");
    }
    assert_eq!(
        rows("INSERT INTO `t` VALUES (1,'x"),
        ["odd t: a row is not written as the dump programs write it"]
    );
    assert_eq!(hear(b"USE `a``b`;\n").0, ["use a`b"]);
}

/// Any bytes at all: no panic, and it ends.
#[test]
fn noise_is_survived() {
    let mut state = 88_172_645_463_325_252_u64;
    let alphabet = b"INSERT INTO `t` VALUES (1,'\\\";)0x_-- \nCREATE TABLE\xff\0";
    for _ in 0..20_000 {
        let noise: Vec<u8> = (0..60)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                alphabet[usize::try_from(state % alphabet.len() as u64).unwrap()]
            })
            .collect();
        let dump = [CREATE.as_bytes(), b"INSERT INTO `t` VALUES (", &noise].concat();
        hear(&dump);
    }
}
