//! The script's edits of files: they come to what `fix --apply` writes, a second run changes nothing, and
//! a file that has changed since is left alone.

use crate::deeds::action;
use crate::shell::{plan, printed, ran, run};
use deskguard::fix::{Action, edit};
use deskguard::php::{Limits, Sources};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The host's files, read as they are.
struct Disk;

impl Sources for Disk {
    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, String> {
        Ok(std::fs::read(path).ok())
    }
    fn exists(&self, path: &Path) -> Result<bool, String> {
        Ok(path.exists())
    }
    fn is_file(&self, path: &Path) -> Result<bool, String> {
        Ok(path.is_file())
    }
    fn is_dir(&self, path: &Path) -> Result<bool, String> {
        Ok(path.is_dir())
    }
    fn realpath(&self, path: &Path) -> Result<Option<PathBuf>, String> {
        Ok(path.canonicalize().ok())
    }
}

/// What `fix --apply` would make of the file.
fn by_model(text: &str, deeds: &[Action]) -> String {
    let text = deeds.iter().fold(text.as_bytes().to_vec(), |text, deed| {
        edit::edited(deed, &text, &Disk, &Limits::default()).unwrap()
    });
    String::from_utf8(text).unwrap()
}

/// Edits a file by the script, twice; what it holds then.
fn by_script(text: &str, deeds: impl Fn(&str) -> Vec<Value>) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it's a $file");
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    let deeds = deeds(file.to_str().unwrap()).into_iter().map(action);
    let plan = plan(&deeds.filter(|it| !is_reload(it)).collect::<Vec<_>>());
    let deeds: Vec<Action> = plan
        .actions()
        .filter(|it| !is_reload(it))
        .cloned()
        .collect();
    let script = printed(&plan);
    // Servers are none of this test's business.
    let script = script
        .replace("run nginx", ": nginx")
        .replace("run apachectl", ": apachectl");
    let said = ran(&script, folder.path(), &["--dry-run"]);
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        text,
        "a dry run edits"
    );
    assert!(said.contains("would edit"), "{said}");
    ran(&script, folder.path(), &[]);
    let once = std::fs::read_to_string(&file).unwrap();
    assert_eq!(
        std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o640
    );
    ran(&script, folder.path(), &[]);
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        once,
        "a second run edits"
    );
    assert_eq!(ran(&script, folder.path(), &["--dry-run"]), "");
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        2,
        "something is left behind"
    );
    let model = by_model(text, &deeds);
    std::fs::write(
        &file,
        format!("# changed since\n{}", text.replace('a', "b")),
    )
    .unwrap();
    let output = run(&script, folder.path(), None, &[]);
    assert_eq!(output.status.code(), Some(1), "a changed file is edited");
    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .starts_with("# changed since\n")
    );
    (once, model)
}

fn is_reload(action: &Action) -> bool {
    matches!(action, Action::Reload { .. })
}

#[test]
fn nginx_gets_the_lines_that_apply_would_write() {
    let text = "http {\n    server {\n        listen 80;\n        location / {\n            autoindex on;\n        }\n    }\n    server { # other\n        listen 81;\n        autoindex on;\n    }\n}\n";
    let (script, model) = by_script(text, |path| {
        vec![
            json!({"action": "snippet", "server": "nginx", "path": path, "line": 2, "expected": "server {",
                "text": "# why\nserver_tokens off;\nlocation ^~ /data/ {\n    return 403;\n}"}),
            json!({"action": "snippet", "server": "nginx", "path": path, "line": 8, "expected": "server { # other",
                "text": "server_tokens off;"}),
            json!({"action": "line", "server": "nginx", "path": path, "line": 5, "expected": "autoindex on;", "text": "autoindex off;"}),
            json!({"action": "line", "server": "nginx", "path": path, "line": 10, "expected": "autoindex on;", "text": "autoindex off;\n# was on"}),
        ]
    });
    assert_eq!(script, model);
}

#[test]
fn what_is_taken_out_of_a_server_stays_as_a_comment() {
    let (script, _) = by_script("a {\n  autoindex on;\n  autoindex on;\n}\n", |path| {
        vec![
            json!({"action": "line", "server": "nginx", "path": path, "line": 2, "expected": "autoindex on;", "text": ""}),
        ]
    });
    assert_eq!(script, "a {\n  # autoindex on;\n  autoindex on;\n}\n");
}

#[test]
fn apache_gets_the_lines_that_apply_would_write() {
    let text = "<VirtualHost *:80>\n    ServerName a\n    <Directory /srv>\n        Options Indexes\n    </Directory>\n</VirtualHost>\n<VirtualHost *:81>\n    ServerName a\n</VirtualHost>\n";
    let (script, model) = by_script(text, |path| {
        vec![
            json!({"action": "snippet", "server": "apache", "path": path, "line": 1, "expected": "<VirtualHost *:80>",
                "text": "<Directory \"/srv/data\">\n    Require all denied\n</Directory>"}),
            json!({"action": "snippet", "server": "apache", "path": path, "line": 7, "expected": "<VirtualHost *:81>",
                "text": "<Directory \"/srv/data\">\n    Require all denied\n</Directory>"}),
            json!({"action": "snippet", "server": "apache", "path": path, "line": 3, "expected": "<Directory /srv>",
                "text": "AllowOverride None"}),
        ]
    });
    assert_eq!(script, model);
}

#[test]
fn settings_of_php_get_what_apply_would_write() {
    let text = "<?php\ndefine('DP_USER', 'a;b');\n$C = array('a' => 1);\n$C['debug']['mail'] = true;\n$C['list'] = array('x' => 'y', 'token' => 'a', 'z' => 2);\n$C['more'] = array(\n    'plain' => 'a',\n);\ndefine(\"DP_TOKEN\", 'a');\n";
    let (script, model) = by_script(text, |path| {
        vec![
            json!({"action": "setting", "path": path, "line": 4, "setting": "$C['debug']['mail']"}),
            json!({"action": "setting", "path": path, "line": 5, "setting": "$C['list']['token']", "value": "''"}),
            json!({"action": "setting", "path": path, "line": 9, "setting": "DP_TOKEN"}),
        ]
    });
    assert_eq!(script, model);
    let (script, model) = by_script("<?php\n$C = array('a' => 1);\n?>\n", |path| {
        vec![
            json!({"action": "setting", "path": path, "line": 0, "setting": "$C['dir']", "value": "'/srv/x y'"}),
        ]
    });
    assert_eq!(script, model);
}

#[test]
fn ini_files_get_what_apply_would_write() {
    for (text, section) in [
        (
            "[PHP]\na = 1\nexpose_php = On\n[HOST=a]\nexpose_php = On\n",
            None,
        ),
        ("; a\n[PHP]\na = 1\n", Some("PHP")),
        (
            "[mysqld]\na = 1\nexpose-php=On\n[client]\nexpose_php = On\n",
            Some("mysqld"),
        ),
        ("[a]\na = 1\n", Some("b")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.ini");
        std::fs::write(&file, text).unwrap();
        let deed = action(
            json!({"action": "ini", "path": file.to_str().unwrap(), "section": section,
            "key": "expose_php", "value": "Off"}),
        );
        let script = printed(&plan(std::slice::from_ref(&deed)));
        for _ in 0..2 {
            ran(&script, folder.path(), &[]);
            let made = std::fs::read_to_string(&file).unwrap();
            assert_eq!(
                made.replace("expose-php = Off", "expose_php = Off"),
                by_model(text, std::slice::from_ref(&deed))
                    .replace("expose-php=Off", "expose_php = Off")
                    .replace("expose-php = Off", "expose_php = Off")
            );
        }
    }
}

#[test]
fn crontabs_get_what_apply_would_write() {
    let text = "PATH=/bin\n* * * * * root php /srv/a.php\n  @daily\troot  php /srv/b.php\n0 5 * * 1 root a\n";
    let (script, model) = by_script(text, |path| {
        vec![
            json!({"action": "cron-line", "path": path, "line": 2}),
            json!({"action": "cron-line", "path": path, "line": 3, "user": "deskpro"}),
            json!({"action": "cron-line", "path": path, "line": 4, "user": "deskpro"}),
        ]
    });
    assert_eq!(script, model);
}
