//! The whole program as pipelines use it: several reports at once, files that are written whole or
//! not at all, waivers, baselines, comparisons, gates, and texts that are generated.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use assert_cmd::Command;
use clap::CommandFactory as _;
use deskguard::cli::Cli;
use deskguard::demo::plant;
use deskguard::host::Accounts;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Output;

/// A weak install, and a folder that only the caller may write.
struct Place {
    folder: tempfile::TempDir,
    root: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("deskguard-pipeline-")
            .tempdir()
            .unwrap();
        let root = folder.path().canonicalize().unwrap().join("deskpro");
        fs::create_dir(&root).unwrap();
        let uid = rustix::process::geteuid().as_raw();
        let accounts = Accounts::read(Path::new("/")).unwrap();
        let me = accounts.users.iter().find(|it| it.uid == uid).unwrap();
        plant(&root, &(me.name.clone(), me.uid, me.gid), false).unwrap();
        Self { folder, root }
    }

    fn at(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap()
    }

    /// Audits configuration and files alone: what runs on this machine is no part of it.
    fn audit(&self, more: &[&str]) -> Output {
        let root = self.root.to_str().unwrap();
        let usual = [
            "audit",
            root,
            "--offline",
            "--only",
            "config/*",
            "--only",
            "files/*",
        ];
        deskguard(&[&usual[..], more].concat())
    }

    fn report(&self, more: &[&str]) -> Value {
        let output = self.audit(&[&["--format", "json"], more].concat());
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
    }
}

fn deskguard(arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("deskguard").unwrap();
    for name in ["NO_COLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command.args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn check<'a>(report: &'a Value, id: &str) -> &'a Value {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|it| it["id"] == id).unwrap()
}

#[test]
fn several_reports_are_written_at_once_with_one_exit_code() {
    let place = Place::new();
    let formats = [
        "text",
        "json",
        "sarif",
        "junit",
        "markdown",
        "html",
        "openmetrics",
        "ocsf",
        "nagios",
    ];
    let mut arguments = Vec::new();
    for format in formats {
        arguments.extend([
            "--output".to_owned(),
            format!("{format}={}", place.at(format)),
        ]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let output = place.audit(&arguments);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    for (format, begin) in formats.iter().zip([
        "Audit of ",
        "{\n  \"schema\": \"deskguard/report/1\"",
        "{\n  \"$schema\"",
        "<?xml",
        "## deskguard",
        "<!DOCTYPE html>",
        "# HELP",
        "[\n",
        "DESKGUARD WARNING - ",
    ]) {
        assert!(place.text(format).starts_with(begin), "{format}");
        let alone = place.audit(&["--format", format]);
        assert_eq!(
            alone.status.code(),
            Some(1),
            "{format} must not change the exit code"
        );
    }
    assert_eq!(
        fs::read_dir(place.folder.path()).unwrap().count(),
        formats.len() + 1,
        "no leftovers"
    );
}

#[test]
fn places_that_lead_elsewhere_are_refused_before_anything_is_looked_at() {
    let place = Place::new();
    fs::write(place.at("victim"), "kept").unwrap();
    symlink(place.at("victim"), place.at("link")).unwrap();
    for (typed, part) in [
        (format!("json={}", place.at("link")), "symbolic link"),
        (format!("json={}", place.folder.path().display()), "folder"),
        ("json=/dev/stdout".to_owned(), "symbolic link"),
        ("json=/dev/null".to_owned(), "no regular file"),
        ("yaml=x".to_owned(), "openmetrics"),
        ("json=".to_owned(), "FORMAT=PATH"),
    ] {
        let output = place.audit(&["--output", &typed]);
        assert_eq!(output.status.code(), Some(2), "{typed}");
        assert!(
            stderr(&output).contains(part),
            "{typed}: {}",
            stderr(&output)
        );
        assert!(output.stdout.is_empty());
    }
    let twice = format!("json={}", place.at("x"));
    let output = place.audit(&[
        "--output",
        &twice,
        "--output",
        &twice.replace("json", "html"),
    ]);
    assert!(stderr(&output).contains("writes the same file"));
    assert_eq!(place.text("victim"), "kept");
}

#[test]
fn a_report_that_is_replaced_keeps_its_mode() {
    let place = Place::new();
    let path = place.at("report.json");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    place.audit(&["--output", &format!("json={path}")]);
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
        0o600
    );
    assert!(place.text("report.json").starts_with('{'));
}

#[test]
fn waivers_are_written_used_voided_and_never_touch_the_score() {
    let place = Place::new();
    let (config, root) = (place.at("deskguard.toml"), place.root.to_str().unwrap());
    fs::write(&config, "# kept\nprofile = \"baseline\"\n").unwrap();
    let before = place.report(&[]);
    let id = "files/no-world-writable";
    assert_eq!(check(&before, id)["outcome"], "fail");
    let waive = |more: &[&str]| {
        deskguard(
            &[
                &[
                    "waive",
                    id,
                    "--reason",
                    "OPS-12",
                    "--config",
                    &config,
                    "--root",
                    root,
                    "--offline",
                ],
                more,
            ]
            .concat(),
        )
    };
    let dry = waive(&["--dry-run"]);
    assert!(stdout(&dry).starts_with("[[waive]]\n"), "{}", stderr(&dry));
    assert_eq!(place.text("deskguard.toml").matches("[[waive]]").count(), 0);
    let done = waive(&["--until", "2999-12-31", "--owner", "operations"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let text = place.text("deskguard.toml");
    assert!(
        text.starts_with("# kept\nprofile = \"baseline\"\n\n[[waive]]\n"),
        "{text}"
    );

    // The same once more says nothing new.
    let twice = waive(&[]);
    assert_eq!(twice.status.code(), Some(0), "{}", stderr(&twice));
    assert!(stdout(&twice).contains("waives this already (OPS-12)"));
    assert_eq!(place.text("deskguard.toml"), text);

    let waived = place.report(&["--config", &config]);
    assert_eq!(check(&waived, id)["waived"]["reason"], "OPS-12");
    assert_eq!(waived["waivers"][0]["state"], "used");
    assert_eq!(
        waived["score"], before["score"],
        "waivers never change the score"
    );
    let only = ["--config", &config, "--only", id, "--skip", "config/*"];
    let arguments = [
        "audit",
        root,
        "--offline",
        "--min-coverage",
        "0",
        "--fail-on",
        "info",
    ];
    let alone = deskguard(&[&arguments[..], &only].concat());
    assert_eq!(alone.status.code(), Some(0), "{}", stdout(&alone));

    let grown = place.root.join("app/grown");
    fs::create_dir(&grown).unwrap();
    fs::set_permissions(&grown, fs::Permissions::from_mode(0o777)).unwrap();
    let void = place.report(&["--config", &config]);
    assert!(check(&void, id)["waived"].is_null());
    assert_eq!(void["waivers"][0]["state"], "void", "{}", void["waivers"]);
    let again = deskguard(&[&arguments[..], &only].concat());
    assert_eq!(again.status.code(), Some(1));
    assert!(stdout(&again).contains("void"), "{}", stdout(&again));
}

#[test]
fn a_waiver_makes_the_settings_where_there_are_none() {
    let place = Place::new();
    let (root, new) = (place.root.to_str().unwrap(), place.at("new.toml"));
    let waive = |config: &str| {
        let id = "files/no-world-writable";
        let usual = ["waive", id, "--reason", "x", "--offline", "--root", root];
        deskguard(&[&usual[..], &["--config", config]].concat())
    };
    let done = waive(&new);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert!(place.text("new.toml").starts_with("[[waive]]\n"));
    let nowhere = waive(&place.at("missing/new.toml"));
    assert_eq!(nowhere.status.code(), Some(2));
    let said = stderr(&nowhere);
    assert!(
        said.contains("missing") && !said.contains("os error"),
        "{said}"
    );
}

/// What is not there is named in words, with what to do where that is not plain.
#[test]
fn what_is_missing_is_named_in_words() {
    let place = Place::new();
    let missing = place.at("missing");
    let below = place.at("missing/below");
    fs::create_dir(place.at("there")).unwrap();
    for (arguments, part) in [
        (&["fix", "--undo", &missing][..], "there is no journal"),
        (&["lint", &missing], "there is no such folder"),
        (
            &["demo", "--keep", &below],
            "the folder above it is not there",
        ),
        (&["demo", "--keep", &place.at("there")], "is there already"),
    ] {
        let output = deskguard(arguments);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(part) && !said.contains("os error"), "{said}");
    }
}

#[test]
fn a_waiver_that_cannot_be_is_refused_with_what_to_do() {
    let place = Place::new();
    let (root, config) = (place.root.to_str().unwrap(), place.at("deskguard.toml"));
    let waive = |id: &str, more: &[&str]| {
        let usual = [
            "waive",
            id,
            "--config",
            &config,
            "--offline",
            "--root",
            root,
        ];
        let output = deskguard(&[&usual[..], more].concat());
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        stderr(&output)
    };
    fs::write(&config, "").unwrap();
    assert!(
        waive("files/no-world-writeable", &["--reason", "x"])
            .contains("did you mean files/no-world-writable?")
    );
    assert!(waive("files/no-world-writable", &["--reason", " "]).contains("needs a reason"));
    assert!(waive("files/no-world-writable", &[]).contains("--reason"));
    let past = ["--reason", "x", "--until", "2020-01-01"];
    assert!(waive("files/no-world-writable", &past).contains("has passed"));
    let nonsense = ["--reason", "x", "--until", "soon"];
    assert!(waive("files/no-world-writable", &nonsense).contains("2027-03-31"));
    let elsewhere = ["--reason", "x", "--subject", "/nowhere/*"];
    assert!(waive("files/no-world-writable", &elsewhere).contains("it found for example"));
    assert_eq!(place.text("deskguard.toml"), "", "nothing was written");
    fs::set_permissions(&config, fs::Permissions::from_mode(0o666)).unwrap();
    assert!(waive("files/no-world-writable", &["--reason", "x"]).contains("chmod go-w"));
}

#[test]
fn waivers_in_the_settings_are_checked_where_they_stand() {
    let place = Place::new();
    let config = place.at("deskguard.toml");
    let refused = |text: &str| {
        fs::write(&config, text).unwrap();
        let output = place.audit(&["--config", &config]);
        assert_eq!(output.status.code(), Some(2), "{text}");
        stderr(&output)
    };
    for (text, part) in [
        (
            "[[waive]]\ncheck = \"files/no-setuidd\"\nreason = \"x\"\n",
            "did you mean files/no-setuid?",
        ),
        (
            "[[waive]]\ncheck = \"files/no-setuid\"\n",
            "missing field `reason`",
        ),
        (
            "[[waive]]\ncheck = \"files/no-setuid\"\nreason = \" \"\n",
            "needs a reason",
        ),
        (
            "[[waive]]\ncheck = \"files/no-setuid\"\nreason = \"x\"\nuntil = 2027-03-31T00:00:00Z\n",
            "is no date",
        ),
        (
            "[[waive]]\ncheck = \"files/no-setuid\"\nreason = \"x\"\nsubject = \"[a\"\n",
            "deskguard.toml:4",
        ),
        (
            "[[waive]]\ncheck = \"files/no-setuid\"\nreason = \"x\"\naccepts = [\"z\"]\n",
            "is no fingerprint",
        ),
        (
            "[[waive]]\ncheck = \"files/no-setuid\"\nreason = \"x\"\nuntill = 2027-03-31\n",
            "untill",
        ),
    ] {
        let said = refused(text);
        assert!(said.contains(part), "{part}: {said}");
        assert!(said.contains("deskguard.toml:"), "{said}");
    }
}

#[test]
fn settings_in_the_audited_tree_are_not_believed() {
    let place = Place::new();
    let inside = place.root.join("deskguard.toml");
    fs::write(
        &inside,
        "[[waive]]\ncheck = \"files/no-setuid\"\nreason = \"trust me\"\n",
    )
    .unwrap();
    for mode in [0o755, 0o644] {
        fs::set_permissions(
            if mode == 0o755 { &place.root } else { &inside },
            fs::Permissions::from_mode(mode),
        )
        .unwrap();
    }
    let output = place.audit(&["--config", inside.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("lies in the audited folder"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_baseline_lets_through_what_it_knows_and_nothing_else() {
    let place = Place::new();
    let baseline = place.at("baseline.json");
    place.audit(&["--output", &format!("json={baseline}")]);
    let judged = || place.audit(&["--baseline", &baseline]);
    let same = judged();
    assert_eq!(same.status.code(), Some(0), "{}", stdout(&same));
    assert!(stdout(&same).contains("known from the baseline"));
    let config = place.root.join("config.php");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(
        &config,
        format!("{text}$DP_CONFIG['debug']['raw_errors'] = true;\n"),
    )
    .unwrap();
    let setuid = place.root.join("app/bin/second");
    fs::write(&setuid, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&setuid, fs::Permissions::from_mode(0o4755)).unwrap();
    let worse = judged();
    assert_eq!(worse.status.code(), Some(1), "{}", stdout(&worse));
    assert!(stdout(&worse).contains("new or worse since the baseline"));

    let later = place.at("later.json");
    place.audit(&["--output", &format!("json={later}")]);
    let text = stdout(&deskguard(&["diff", &baseline, &later]));
    assert!(
        text.contains("WORSE") && text.contains("app/bin/second"),
        "{text}"
    );
    let back: Value =
        serde_json::from_slice(&deskguard(&["diff", &later, &baseline, "--format", "json"]).stdout)
            .unwrap();
    assert!(
        back["changes"]
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it["kind"] == "changed"),
        "{back:#}"
    );

    fs::set_permissions(&baseline, fs::Permissions::from_mode(0o666)).unwrap();
    assert!(
        stderr(&judged()).contains("chmod go-w"),
        "a baseline decides what passes"
    );
    fs::set_permissions(&baseline, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(&baseline, "{\"schema\": \"deskguard/report/9\"}").unwrap();
    assert!(stderr(&judged()).contains("deskguard/report/9"));
}

#[test]
fn files_are_named_from_the_current_folder() {
    let place = Place::new();
    let root = place.root.to_str().unwrap();
    fs::write(place.at("own.toml"), "profile = \"strict\"\n").unwrap();
    let here = |arguments: &[&str]| {
        let mut command = Command::cargo_bin("deskguard").unwrap();
        let output = command
            .current_dir(place.folder.path())
            .args(arguments)
            .output()
            .unwrap();
        assert_ne!(output.status.code(), Some(2), "{}", stderr(&output));
        stdout(&output)
    };
    here(&[
        "audit",
        root,
        "--offline",
        "--config",
        "own.toml",
        "--output",
        "json=old.json",
    ]);
    here(&["collect", root, "--offline", "--output", "host.gz"]);
    let judged = here(&["audit", "--evidence", "host.gz", "--baseline", "old.json"]);
    assert!(judged.contains("since the baseline"), "{judged}");
    assert!(here(&["diff", "old.json", "old.json"]).contains("Nothing became different."));
}

#[test]
fn monitoring_sees_why_nothing_was_judged() {
    let output = deskguard(&["audit", "/nonexistent", "--format", "nagios"]);
    assert_eq!(output.status.code(), Some(2));
    let line = stdout(&output);
    assert!(
        line.starts_with("DESKGUARD CRITICAL - /nonexistent"),
        "{line}"
    );
    assert_eq!(line.lines().count(), 1);
}

#[test]
fn every_command_has_examples_a_page_and_completions() {
    let cli = Cli::command();
    let completions: Vec<String> = ["bash", "zsh", "fish"]
        .map(|shell| stdout(&deskguard(&["completions", shell])))
        .into();
    for command in cli.get_subcommands() {
        let name = command.get_name();
        let help = stdout(&deskguard(&[name, "--help"]));
        let examples = help
            .split("Example")
            .nth(1)
            .unwrap_or_else(|| panic!("{name} has no examples"));
        assert!(
            examples.contains(&format!("deskguard {name}")),
            "{name}: {examples}"
        );
        let page = stdout(&deskguard(&["man", name]));
        let title = format!("deskguard\\-{name}");
        assert!(page.contains(&title), "{title}: {page}");
        for script in &completions {
            assert!(script.contains(name), "{name}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let done = deskguard(&["man", "--output", folder.path().to_str().unwrap()]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let pages = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(pages, cli.get_subcommands().count() + 1);
    assert!(stderr(&deskguard(&["man", "nothing"])).contains("the commands are"));
}

#[test]
fn colour_is_asked_for_and_refused_as_the_sites_describe_it() {
    let place = Place::new();
    let root = place.root.to_str().unwrap();
    let colored = |set: &[(&str, &str)], more: &[&str]| {
        let mut command = Command::cargo_bin("deskguard").unwrap();
        for name in ["NO_COLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        command.envs(set.iter().copied());
        command
            .args(["audit", root, "--offline", "--only", "config/*"])
            .args(more);
        stdout(&command.output().unwrap()).contains('\u{1b}')
    };
    assert!(!colored(&[], &[]), "no terminal, no colour");
    assert!(colored(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(!colored(&[("CLICOLOR_FORCE", "0")], &[]));
    assert!(!colored(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &[]));
    assert!(colored(&[("NO_COLOR", "1")], &["--color", "always"]));
    assert!(!colored(&[("CLICOLOR_FORCE", "1")], &["--color", "never"]));
}

/// A slip of the pen in a name would otherwise be an audit without a database, which may well pass.
#[test]
fn a_dump_that_is_not_there_is_refused() {
    let place = Place::new();
    let output = place.audit(&["--db-dump", "/nowhere/dump.sql"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = stderr(&output);
    assert!(
        said.contains("--db-dump /nowhere/dump.sql: there is no such file"),
        "{said}"
    );
}
