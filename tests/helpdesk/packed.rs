//! Dumps in every packing and of every make give the same facts; cut, foreign and hostile ones give reasons.

use crate::helpdesk::{Helpdesk, Kind, SCHEMA, all, comparable};
use deskguard::facts::{HelpdeskFacts, Known};
use deskguard::report::Outcome;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn written(helpdesk: &Helpdesk, name: &str, bytes: &[u8]) -> PathBuf {
    let path = helpdesk.server.folder().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn reason(facts: &HelpdeskFacts) -> String {
    match &facts.accounts.admin_count {
        Known::Unknown(reason) => reason.clone(),
        Known::Known(count) => format!("{count} admins were counted"),
    }
}

#[test]
fn every_packing_gives_the_same_facts() {
    let helpdesk = Helpdesk::start(Kind::V5);
    let live = comparable(helpdesk.facts());
    let same = |path: &Path| {
        let facts = comparable(helpdesk.facts_of_dump(path));
        assert_eq!(facts, live, "{}", path.display());
    };
    for options in [
        &["--skip-extended-insert", "--complete-insert"][..],
        &["--replace", "--hex-blob", "--skip-lock-tables"],
        &[
            "--insert-ignore",
            "--no-tablespaces",
            "--triggers",
            "--routines",
        ],
        &["--skip-comments", "--compact"],
        &["--databases"],
    ] {
        same(&helpdesk.dump(options));
    }
    let plain = fs::read(helpdesk.dump(&["--hex-blob"])).unwrap();
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(&plain).unwrap();
    same(&written(&helpdesk, "any-name", &gz.finish().unwrap()));
    let zst = ruzstd::encoding::compress_to_vec(
        plain.as_slice(),
        ruzstd::encoding::CompressionLevel::Fastest,
    );
    same(&written(&helpdesk, "dump.zst", &zst));
    let backup = helpdesk
        .server
        .folder()
        .join("2026-01-01-101010-database.zip");
    let mut zip = ZipWriter::new(File::create(&backup).unwrap());
    zip.start_file(
        "2026-01-01-101010-database.sql",
        SimpleFileOptions::default(),
    )
    .unwrap();
    zip.write_all(&plain).unwrap();
    zip.finish().unwrap();
    same(&backup);
}

#[test]
fn an_old_dump_is_judged_as_of_its_day() {
    let helpdesk = Helpdesk::start(Kind::V5);
    let mut dump = fs::read_to_string(helpdesk.dump(&["--hex-blob"])).unwrap();
    let at = dump.rfind("-- Dump completed on").unwrap();
    dump.replace_range(at.., "-- Dump completed on 2027-01-31  6:19:04\n");
    let facts = helpdesk.facts_of_dump(&written(&helpdesk, "old.sql", dump.as_bytes()));
    assert_eq!(facts.seen, Known::Known("2027-01-31".to_owned()));
    assert!(
        facts.assumptions[0].contains("as it was on 2027-01-31"),
        "{:?}",
        facts.assumptions
    );
}

#[test]
fn what_is_no_whole_dump_says_so_and_is_not_judged() {
    let helpdesk = Helpdesk::start(Kind::V5);
    let dump = fs::read(helpdesk.dump(&[])).unwrap();
    let read = |name: &str, bytes: &[u8]| helpdesk.facts_of_dump(&written(&helpdesk, name, bytes));
    let cut = read("cut.sql", &dump[..dump.len() * 2 / 3]);
    assert!(reason(&cut).contains("it has no end"), "{}", reason(&cut));
    let report = helpdesk.judge(cut);
    assert_eq!(all(&report, Outcome::Pass), ["logs/errors-looked-at"]);
    assert!(reason(&read("broken.gz", &[0x1f, 0x8b, 8, 0, 1, 2, 3])).contains("gzip"));
    assert!(
        reason(&read(
            "broken.zst",
            &[0x28, 0xb5, 0x2f, 0xfd, 0xff, 0xff, 0xff]
        ))
        .contains("zstd")
    );
    assert!(reason(&read("empty.zip", b"PK\x03\x04")).contains("zip"));
    assert!(reason(&read("text.sql", b"hello\n")).contains("there is no table people"));
    let gone = helpdesk.facts_of_dump(Path::new("/nonexistent/dump.sql"));
    assert!(reason(&gone).contains("there is no such file"));
    let device = helpdesk.facts_of_dump(Path::new("/dev/zero"));
    assert!(reason(&device).contains("device"), "{}", reason(&device));
}

/// 64 MiB of nothing in a few KiB: it is read past in bounded memory, or given up at the end of the time.
#[test]
fn a_bomb_is_bounded() {
    let helpdesk = Helpdesk::start(Kind::V5);
    let path = helpdesk.server.folder().join("bomb.gz");
    let mut gz = GzEncoder::new(File::create(&path).unwrap(), Compression::best());
    gz.write_all(b"INSERT INTO `people` VALUES ('").unwrap();
    let block = vec![b'x'; 1 << 20];
    for _ in 0..64 {
        gz.write_all(&block).unwrap();
    }
    gz.finish().unwrap();
    let ended = helpdesk.facts_until(&path, std::time::Instant::now());
    assert!(
        reason(&ended).contains("not read to its end in time"),
        "{}",
        reason(&ended)
    );
    let facts = helpdesk.facts_of_dump(&path);
    assert!(
        reason(&facts).contains("it has no end"),
        "{}",
        reason(&facts)
    );
}

#[test]
fn of_several_databases_the_products_own_is_read() {
    let helpdesk = Helpdesk::start(Kind::V5);
    let live = comparable(helpdesk.facts());
    helpdesk.server.load("aaa_copy", crate::real_mariadb::V4);
    helpdesk.server.load("zzz_copy", crate::real_mariadb::V4);
    helpdesk
        .server
        .sql("INSERT INTO zzz_copy.settings VALUES ('core.sessions_lifetime', '1')");
    let all = helpdesk.dump(&["--databases", "aaa_copy", "zzz_copy"]);
    let text = fs::read_to_string(&all).unwrap();
    assert!(text.contains(&format!("USE `{SCHEMA}`")));
    assert_eq!(comparable(helpdesk.facts_of_dump(&all)), live);
}
