//! Edits by hand-written cases; random ones stand in tests/ with the real servers and PHP as judges.

use super::edited;
use crate::fix::{Action, Server};
use crate::php::{Limits, Sources, Value};
use std::path::{Path, PathBuf};

/// No file beside the edited one.
struct Nothing;

impl Sources for Nothing {
    fn read(&self, _: &Path) -> Result<Option<Vec<u8>>, String> {
        Ok(None)
    }

    fn exists(&self, _: &Path) -> Result<bool, String> {
        Ok(false)
    }

    fn is_file(&self, _: &Path) -> Result<bool, String> {
        Ok(false)
    }

    fn is_dir(&self, _: &Path) -> Result<bool, String> {
        Ok(false)
    }

    fn realpath(&self, _: &Path) -> Result<Option<PathBuf>, String> {
        Ok(None)
    }
}

fn made(action: &Action, text: &str) -> Result<String, String> {
    let mut limits = Limits::default();
    limits
        .constants
        .push(("DP_ROOT".to_owned(), Value::text("/srv/dp")));
    let once = edited(action, text.as_bytes(), &Nothing, &limits)?;
    Ok(String::from_utf8(once).unwrap())
}

fn setting(name: &str, value: Option<&str>) -> Action {
    Action::Setting {
        path: "/srv/config.php".to_owned(),
        setting: name.to_owned(),
        line: 0,
        value: value.map(str::to_owned),
    }
}

/// The setting goes, and a second time changes nothing.
fn gone(name: &str, text: &str) -> String {
    let action = setting(name, None);
    let once = made(&action, text).unwrap();
    assert_eq!(made(&action, &once).unwrap(), once);
    once
}

#[test]
fn a_statement_goes_wherever_it_stands() {
    let dev = "$C['debug']['dev']";
    for (text, expected) in [
        (
            "<?php\n$C['debug']['dev'] = true;\n",
            "<?php\n// $C['debug']['dev'] = true;\n",
        ),
        (
            "<?php\r\n\t$C['debug']['dev'] = (\r\n  true\r\n);\r\n$C['x'] = 1;",
            "<?php\r\n\t// $C['debug']['dev'] = (\r\n//   true\r\n// );\r\n$C['x'] = 1;",
        ),
        (
            "<?php $C['a'] = 1; $C['debug']['dev'] = true; $C['b'] = 2; ?>",
            "<?php $C['a'] = 1; /* $C['debug']['dev'] = true; */ $C['b'] = 2; ?>",
        ),
        (
            "<?php\n$C = ['debug' => ['dev' => 1, 'y' => 2], 'z' => 3];",
            "<?php\n$C = ['debug' => [/* 'dev' => 1, */ 'y' => 2], 'z' => 3];",
        ),
        (
            "<?php\n$C = array(\n  'debug' => array(\n    'dev' => true,\n    'y' => 2,\n  ),\n);\n",
            "<?php\n$C = array(\n  'debug' => array(\n    // 'dev' => true,\n    'y' => 2,\n  ),\n);\n",
        ),
        (
            "<?php\nif (true) $C['debug']['dev'] = 1; else $C['b'] = 1;\n$C['c'] = 1;",
            "<?php\nif (true) /* $C['debug']['dev'] = 1; */; else $C['b'] = 1;\n$C['c'] = 1;",
        ),
        (
            "<?php\nif (true)\n  $C['debug']['dev'] = 1;\n$C['c'] = 1;",
            "<?php\nif (true)\n  /* $C['debug']['dev'] = 1; */;\n$C['c'] = 1;",
        ),
        (
            "<?php\n$C['debug']['dev'] = 1;\n$C['debug']['dev'] = 2;\n",
            "<?php\n// $C['debug']['dev'] = 1;\n// $C['debug']['dev'] = 2;\n",
        ),
        (
            "<?php if (!defined('DP_ROOT')) exit;\n$C['debug']['dev'] = '?>*/';/* x */",
            "<?php if (!defined('DP_ROOT')) exit;\n",
        ),
    ] {
        let action = setting(dev, None);
        if text.contains("*/';") {
            assert!(
                made(&action, text)
                    .unwrap_err()
                    .contains("/srv/config.php: line 2")
            );
        } else {
            assert_eq!(gone(dev, text), expected);
        }
    }
}

#[test]
fn constants_and_ini_settings_go_too() {
    assert_eq!(
        gone(
            "A",
            "<?php\ndefined('A') || define('A', 'x');\ndefine('A', 'y');\n"
        ),
        "<?php\n// defined('A') || define('A', 'x');\n// define('A', 'y');\n"
    );
    assert_eq!(
        gone("A", "<?php\nconst A = 'x';"),
        "<?php\n// const A = 'x';"
    );
    assert_eq!(
        gone(
            "ini_set('display_errors')",
            "<?php\n@ini_set(\"display_errors\", 'On'); $a = 1;"
        ),
        "<?php\n/* @ini_set(\"display_errors\", 'On'); */ $a = 1;"
    );
}

#[test]
fn what_cannot_be_told_apart_is_refused() {
    for text in [
        "<?php\n$keep = $C['debug']['dev'] = true;",
        "<?php\n$C['debug']['dev'] = getenv('X');\n$C = f(['debug' => ['dev' => 1]]);",
        "<?php\nconst A = 1, B = 2; $C['debug']['dev'] = ;",
    ] {
        let refused = made(&setting("$C['debug']['dev']", None), text).unwrap_err();
        assert!(
            refused.starts_with("/srv/config.php: ") && refused.contains("line 2")
                || refused.contains(".php:3)"),
            "{text}: {refused}"
        );
    }
    let both = made(&setting("A", None), "<?php\nconst A = 1, B = 2;");
    assert!(both.is_err(), "{both:?}");
}

#[test]
fn a_value_is_replaced_where_it_stands_or_added() {
    let mask = "$C['env']['umask']";
    for (text, expected) in [
        (
            "<?php\n$C['env']['umask'] = 0000; // why\n",
            "<?php\n$C['env']['umask'] = 0007; // why\n",
        ),
        (
            "<?php\n$C['env'] = array_merge($C['env'], ['umask' => 0]);",
            "<?php\n$C['env'] = array_merge($C['env'], ['umask' => 0007]);",
        ),
        (
            "<?php\n$C['x'] = 1;\nreturn $C;\n",
            "<?php\n$C['x'] = 1;\n$C['env']['umask'] = 0007;\nreturn $C;\n",
        ),
        (
            "<?php\r\n$C['x'] = 1; ?>\r\n",
            "<?php\r\n$C['x'] = 1;\r\n$C['env']['umask'] = 0007; ?>\r\n",
        ),
    ] {
        let action = setting(mask, Some("0007"));
        let text = if text.contains("array_merge") {
            text.replace("<?php\n", "<?php $C = ['env' => []];\n")
        } else {
            text.to_owned()
        };
        let expected = if expected.contains("array_merge") {
            expected.replace("<?php\n", "<?php $C = ['env' => []];\n")
        } else {
            expected.to_owned()
        };
        let once = made(&action, &text).unwrap_or_else(|problem| panic!("{text}: {problem}"));
        assert_eq!(once, expected);
        assert_eq!(made(&action, &once).unwrap(), once);
    }
    assert!(made(&setting(mask, Some("getenv('X')")), "<?php $a = 1;").is_err());
    assert!(made(&setting(mask, Some("1; evil()")), "<?php $a = 1;").is_err());
}

fn snippet(server: Server, line: u32, expected: &str) -> Action {
    Action::Snippet {
        server,
        path: "/etc/x.conf".to_owned(),
        line,
        expected: expected.to_owned(),
        text: "a {\n    b;\n}\n".to_owned(),
    }
}

#[test]
fn nginx_s_lines_go_to_the_start_of_the_block() {
    for (line, opens, text, expected) in [
        (
            2,
            "server {",
            "http {\n\tserver {\n\t\tlisten 80;\n\t}\n}",
            "http {\n\tserver {\n\t\ta {\n\t\t    b;\n\t\t}\n\t\tlisten 80;\n\t}\n}",
        ),
        (
            1,
            "server { # x",
            "server { # x\r\n  l;\r\n}\r\n",
            "server { # x\r\n  a {\r\n      b;\r\n  }\r\n  l;\r\n}\r\n",
        ),
        (
            1,
            "server { listen 80; }",
            "server { listen 80; }",
            "server {\n    a {\n        b;\n    }\n listen 80; }",
        ),
    ] {
        let action = snippet(Server::Nginx, line, opens);
        let once = made(&action, text).unwrap();
        assert_eq!(once, expected);
        let opened = once.lines().nth(line as usize - 1).unwrap();
        assert_eq!(
            made(&snippet(Server::Nginx, line, opened), &once).unwrap(),
            once
        );
    }
    let moved = made(&snippet(Server::Nginx, 1, "server {"), "x;\nserver {\n}").unwrap_err();
    assert!(
        moved.contains("/etc/x.conf:1: the line has changed"),
        "{moved}"
    );
}

#[test]
fn apache_s_lines_go_to_the_end_of_the_section() {
    let text = "<VirtualHost *:80>\n  <Directory />\n  </Directory>\n</VirtualHost>\n";
    let action = snippet(Server::Apache, 1, "<VirtualHost *:80>");
    let once = made(&action, text).unwrap();
    assert_eq!(
        once,
        "<VirtualHost *:80>\n  <Directory />\n  </Directory>\n  a {\n      b;\n  }\n</VirtualHost>\n"
    );
    assert_eq!(made(&action, &once).unwrap(), once);
    let whole = snippet(Server::Apache, 0, "");
    let once = made(&whole, "Listen 80").unwrap();
    assert_eq!(once, "Listen 80\na {\n    b;\n}\n");
    assert_eq!(made(&whole, &once).unwrap(), once);
}

#[test]
fn one_line_becomes_others() {
    let line = |expected: &str, text: &str| Action::Line {
        server: Server::Nginx,
        path: "/etc/x.conf".to_owned(),
        line: 2,
        expected: expected.to_owned(),
        text: text.to_owned(),
    };
    let action = line("autoindex on;", "autoindex off;");
    assert_eq!(
        made(&action, "a;\r\n\tautoindex on;").unwrap(),
        "a;\r\n\tautoindex off;"
    );
    assert_eq!(
        made(&action, "a;\n autoindex off;\nb;").unwrap(),
        "a;\n autoindex off;\nb;"
    );
    let gone = "a;\n\t# x;\nb;\n";
    assert_eq!(made(&line("x;", ""), "a;\n\tx;\nb;\n").unwrap(), gone);
    assert_eq!(made(&line("x;", ""), gone).unwrap(), gone);
    assert!(made(&line("x;", "y;"), "a;\nz;\n").is_err());
}

/// A statement of its own goes as a whole, and so does an older one that would come back into effect.
#[test]
fn every_statement_that_sets_it_goes() {
    let setting = |name: &str| Action::Setting {
        path: "/etc/x.conf".to_owned(),
        setting: name.to_owned(),
        line: 3,
        value: None,
    };
    let text = "<?php\n$C['a'] = ['x', 'y'];\n$C['a'] = ['z'];\n$C['b'] = ['c' => 1];\n";
    assert_eq!(
        made(&setting("$C['a']"), text).unwrap(),
        "<?php\n// $C['a'] = ['x', 'y'];\n// $C['a'] = ['z'];\n$C['b'] = ['c' => 1];\n"
    );
    assert_eq!(
        made(&setting("$C['b']['c']"), text).unwrap(),
        "<?php\n$C['a'] = ['x', 'y'];\n$C['a'] = ['z'];\n$C['b'] = [/* 'c' => 1 */];\n"
    );
}
