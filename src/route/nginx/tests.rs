//! The tree of small configurations; the lexer itself is judged by nginx in `tests/nginx_lexer.rs`.

use super::*;
use crate::route::NoSources;
use std::collections::BTreeMap;

struct Files(BTreeMap<&'static str, &'static str>);

impl Sources for Files {
    fn read(&self, path: &Path) -> Result<Source, String> {
        let text = self.0.get(path.to_str().unwrap_or_default());
        Ok(text.map_or(Source::Missing, |text| {
            Source::Text(text.as_bytes().to_vec())
        }))
    }

    fn glob(&self, pattern: &Path) -> Result<Vec<PathBuf>, String> {
        let pattern = crate::route::pattern::Pattern::new(pattern)?;
        let paths = self.0.keys().map(PathBuf::from);
        Ok(paths.filter(|path| pattern.matches(path)).collect())
    }
}

fn read(text: &str) -> Tree {
    parse(Path::new("/c/nginx.conf"), text.as_bytes(), &NoSources)
}

/// The tree as one line, to compare.
fn line(directives: &[Directive]) -> String {
    let each = directives.iter().map(|directive| {
        let mut words = vec![directive.name.text().into_owned()];
        words.extend(directive.args.iter().map(|arg| format!("<{}>", arg.text())));
        if let Some(children) = &directive.children {
            words.push(format!("{{{}}}", line(children)));
        }
        format!("{}@{}", words.join(" "), directive.at.line)
    });
    each.collect::<Vec<_>>().join(" ")
}

#[test]
fn blocks_keep_their_lines() {
    let tree = read("user a;\nhttp {\n  server { listen 80;\n\n  root \"/a b\"; }\n}\n");
    assert_eq!(
        line(&tree.directives),
        "user <a>@1 http {server {listen <80>@3 root </a b>@5}@3}@2"
    );
    assert!(tree.problems.is_empty());
}

#[test]
fn a_lua_body_is_not_nginx() {
    let tree = read(
        "a {\ncontent_by_lua_block {\n local t = { \"}\" } -- }\n local s = [==[ } ]==] --[[ } ]]\n}\nb c;\n}",
    );
    assert_eq!(
        line(&tree.directives),
        "a {content_by_lua_block@2 b <c>@6}@1"
    );
    assert!(tree.problems.is_empty(), "{:?}", tree.problems);
}

#[test]
fn problems_have_their_places_and_the_rest_stays() {
    for (text, expected) in [
        (
            "a b;\nc {\nd e;\n",
            "/c/nginx.conf:4: unexpected end of file, expecting \"}\"",
        ),
        ("a b;\n}\n", "/c/nginx.conf:2: unexpected \"}\""),
        ("a b;\n;\n", "/c/nginx.conf:2: unexpected \";\""),
        ("a b;\nx \"c\"d;", "/c/nginx.conf:2: unexpected \"d\""),
        (
            "a b;\ninclude nope.conf;",
            "/c/nginx.conf:2: /c/nope.conf does not exist",
        ),
    ] {
        let tree = read(text);
        let problems: Vec<String> = tree.problems.iter().map(ToString::to_string).collect();
        assert_eq!(problems, [expected]);
        assert!(line(&tree.directives).starts_with("a <b>@1"), "{text}");
    }
}

#[test]
fn includes_stand_where_they_were_named() {
    let files = Files(BTreeMap::from([
        ("/c/d/b.conf", "two 2;"),
        ("/c/d/a.conf", "one 1;\ninclude e.conf;"),
        ("/c/e.conf", "three 3;"),
        ("/c/d/.hidden.conf", "no 0;"),
    ]));
    let tree = parse(
        Path::new("/c/nginx.conf"),
        b"http { include d/*.conf; include none/*; last 9; }",
        &files,
    );
    assert_eq!(
        line(&tree.directives),
        "http {one <1>@1 three <3>@1 two <2>@1 last <9>@1}@1"
    );
    assert_eq!(tree.files.len(), 4);
    assert!(tree.problems.is_empty());
}

#[test]
fn a_file_that_includes_itself_is_a_problem() {
    let files = Files(BTreeMap::from([
        ("/c/a", "include b;"),
        ("/c/b", "x;\ninclude a;"),
    ]));
    let tree = parse(Path::new("/c/a"), b"include b;", &files);
    assert_eq!(line(&tree.directives), "x@1");
    assert_eq!(tree.problems[0].to_string(), "/c/a: /c/a includes itself");
}

#[test]
fn depth_is_bounded() {
    let tree = read(&"a {".repeat(100_000));
    assert_eq!(
        tree.problems[0].to_string(),
        "/c/nginx.conf:1: blocks are more than 200 deep"
    );
}

#[test]
fn a_dump_is_read_file_by_file() {
    let dump = "nginx: the configuration file /c/nginx.conf syntax is ok\n\
        # configuration file /c/nginx.conf:\nhttp {\ninclude d/*;\n}\n\n\
        # configuration file /c/d/x:\n# nothing\nroot /r;\n";
    let tree = parse_dump(dump.as_bytes()).unwrap();
    assert_eq!(line(&tree.directives), "http {root </r>@2}@1");
    assert_eq!(tree.directives[0].inside()[0].at.to_string(), "/c/d/x:2");
    assert!(tree.problems.is_empty());
    assert_eq!(parse_dump(b"http {\n# configuration file /x:\n}"), None);
}
