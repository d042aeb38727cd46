//! What the shell makes of a script is what the deeds say, whatever they name.

use crate::deeds::{NASTY, action, all};
use crate::shell::{checked, plan, printed, run};
use serde_json::json;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn shellcheck_has_nothing_to_say_of_any_deed() {
    for name in NASTY {
        checked(&printed(&plan(&all("/srv/desk pro", name))));
    }
}

/// Programs that print what they were called with, in the place of those that change something.
#[test]
fn every_value_arrives_as_it_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    let programs = folder.path().join("programs");
    std::fs::create_dir(&programs).unwrap();
    let log = folder.path().join("log");
    for name in ["chown", "chmod", "setfacl", "find", "install"] {
        let text = format!(
            "#!/bin/sh\nprintf '%s\\0' {name} \"$@\" >>'{}'\nprintf '\\n' >>'{0}'\n",
            log.display()
        );
        let file = programs.join(name);
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:/usr/bin:/bin", programs.display());
    for name in NASTY {
        let place = format!("/srv/{name}");
        let star = |it: &str| {
            let mut literal = String::new();
            for c in it.chars() {
                if "*?[\\".contains(c) {
                    literal.push('\\');
                }
                literal.push(c);
            }
            literal
        };
        let actions = [
            json!({"action": "directory", "path": format!("{place}/d"), "user": "u", "group": "g", "mode": "2770"}),
            json!({"action": "close-tree", "path": place, "except": [format!("{place}/data")], "from": "w", "user": "u", "mode": "go-w"}),
            json!({"action": "own", "path": format!("{place}/x"), "user": "u"}),
            json!({"action": "mode", "path": format!("{place}/y"), "mode": "u-s"}),
            json!({"action": "grant-acl", "path": format!("{place}/z"), "user": "u", "rights": "rx"}),
        ]
        .map(action);
        let _ = std::fs::remove_file(&log);
        let text = printed(&plan(&actions));
        let output = run(&text, folder.path(), Some(&path), &[]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {said}\n{text}");
        let kept = star(&format!("{place}/data"));
        let expected: String = [
            vec![
                "install",
                "-d",
                "-m",
                "2770",
                "-o",
                "u",
                "-g",
                "g",
                "--",
                &format!("{place}/d"),
            ],
            vec![
                "find", &place, "-path", &kept, "-prune", "-o", "-user", "w", "-exec", "chown",
                "-h", "--", "u", "{}", "+",
            ],
            vec![
                "find", &place, "-path", &kept, "-prune", "-o", "!", "-type", "l", "-perm",
                "/0022", "-exec", "chmod", "go-w", "--", "{}", "+",
            ],
            vec!["chown", "-h", "--", "u", &format!("{place}/x")],
            vec!["chmod", "u-s", "--", &format!("{place}/y")],
            vec!["setfacl", "-m", "u:u:rx", "--", &format!("{place}/z")],
        ]
        .iter()
        .map(|words| format!("{}\0\n", words.join("\0")))
        .collect();
        assert_eq!(std::fs::read_to_string(&log).unwrap(), expected, "{name}");
        // A dry run calls none of them.
        std::fs::remove_file(&log).unwrap();
        let output = run(&text, folder.path(), Some(&path), &["--dry-run"]);
        assert!(output.status.success());
        assert!(!log.exists(), "{name}: a dry run called a program");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout)
                .matches("would run")
                .count(),
            6
        );
    }
}

/// What no quoting makes readable is left out, and the exit code says so.
#[test]
fn what_cannot_be_written_is_left_out_and_said() {
    let folder = tempfile::tempdir().unwrap();
    for bad in ["a\nrm -rf /", "\u{1b}[2J", "a\u{202e}b"] {
        let deed = action(json!({"action": "mode", "path": format!("/srv/{bad}"), "mode": "go-w"}));
        let text = printed(&plan(&[deed]));
        assert!(
            !text.contains(bad) && text.contains("# Left out:"),
            "{text}"
        );
        checked(&text);
        assert_eq!(run(&text, folder.path(), None, &[]).status.code(), Some(1));
    }
    let text = printed(&plan(&[]));
    assert_eq!(
        run(&text, folder.path(), None, &["--dryrun"]).status.code(),
        Some(2)
    );
}
