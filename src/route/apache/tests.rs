//! The tree of small configurations.

use super::*;
use crate::route::Word;
use std::collections::BTreeMap;

struct Files(BTreeMap<&'static str, &'static str>);

impl Sources for Files {
    fn read(&self, path: &Path) -> Result<Source, String> {
        if let Some(text) = self.0.get(path.to_str().unwrap_or_default()) {
            return Ok(Source::Text(text.as_bytes().to_vec()));
        }
        let inside = self.0.keys().map(PathBuf::from);
        let inside: Vec<_> = inside.filter(|p| p.parent() == Some(path)).collect();
        Ok(match inside.is_empty() {
            true => Source::Missing,
            false => Source::Directory(inside),
        })
    }

    fn glob(&self, pattern: &Path) -> Result<Vec<PathBuf>, String> {
        let pattern = crate::route::pattern::Pattern::new(pattern)?;
        let paths = self.0.keys().map(PathBuf::from);
        Ok(paths.filter(|path| pattern.matches(path)).collect())
    }
}

fn read(text: &str, files: &[(&'static str, &'static str)]) -> Config {
    let start = Start {
        server_root: "/etc/apache2".into(),
        variables: Variables::default(),
    };
    let files = Files(files.iter().copied().collect());
    parse(
        Path::new("/etc/apache2/apache2.conf"),
        text.as_bytes(),
        start,
        &files,
    )
}

fn line(directives: &[Directive]) -> String {
    let each = directives.iter().map(|directive| {
        let mut words = vec![directive.name.text().into_owned()];
        words.extend(directive.args.iter().map(|arg| format!("({})", arg.text())));
        if let Some(children) = &directive.children {
            words.push(format!("{{{}}}", line(children)));
        }
        format!("{}@{}", words.join(" "), directive.at.line)
    });
    each.collect::<Vec<_>>().join(" ")
}

#[test]
fn sections_nest_and_names_have_no_case() {
    let config = read(
        "<virtualHost *:80 _default_>\n<Directory \"/a > b\">\n Require all \\\n denied\n</DIRECTORY>\n</VirtualHost>\n",
        &[],
    );
    assert_eq!(
        line(&config.tree.directives),
        "virtualHost (*:80) (_default_) {Directory (/a > b) {Require (all) (denied)@3}@2}@1"
    );
    assert!(config.tree.problems.is_empty());
    assert_eq!(
        config.tree.directives[0].inside()[0].raw,
        Some(Word::from("\"/a > b\""))
    );
}

#[test]
fn problems_have_their_places() {
    for (text, expected) in [
        (
            "A b\n<Files x>\nC d\n",
            "apache2.conf:2: <Files> was not closed",
        ),
        (
            "A b\n</Files>\n",
            "apache2.conf:2: </Files> without matching <Files> section",
        ),
        (
            "A b\n<X y\n",
            "apache2.conf:2: the section has no closing \">\"",
        ),
        (
            "A b\nInclude c.conf",
            "apache2.conf:2: /etc/apache2/c.conf does not exist",
        ),
        (
            "A b\nInclude c/*",
            "apache2.conf:2: nothing matches /etc/apache2/c/*",
        ),
        (
            "A b\nInclude ${X}/y",
            "apache2.conf:2: ${X} is not defined in what was read",
        ),
    ] {
        let config = read(text, &[]);
        let problem = config.tree.problems[0].to_string();
        assert_eq!(problem, format!("/etc/apache2/{expected}"));
        assert!(
            line(&config.tree.directives).starts_with("A (b)@1"),
            "{text}"
        );
    }
}

#[test]
fn includes_follow_the_server_root_variables_and_directories() {
    let config = read(
        "ServerRoot /srv\nDefine WHERE conf\nInclude ${WHERE}/*.conf\nIncludeOptional none/* gone\nInclude more\n",
        &[
            ("/srv/conf/b.conf", "B 2"),
            ("/srv/conf/a.conf", "A 1"),
            ("/srv/more/c", "C 3"),
        ],
    );
    assert_eq!(
        line(&config.tree.directives),
        "ServerRoot (/srv)@1 Define (WHERE) (conf)@2 A (1)@1 B (2)@1 C (3)@1"
    );
    assert!(config.tree.problems.is_empty());
    assert_eq!(config.tree.files.len(), 4);
}

#[test]
fn loops_and_depth_are_bounded() {
    let config = read("Include a", &[("/etc/apache2/a", "X y\nInclude a")]);
    let problem = config.tree.problems[0].to_string();
    assert_eq!(problem, "/etc/apache2/a: /etc/apache2/a includes itself");
    let config = read(&"<A b>\n".repeat(100_000), &[]);
    assert_eq!(
        config.tree.problems[0].to_string(),
        "/etc/apache2/apache2.conf:201: sections are more than 200 deep"
    );
}

/// Each verdict was taken from Apache 2.4.71.
#[test]
fn apache_s_own_verdicts() {
    for (accepted, text) in [
        (false, "</Directory>\n"),
        (false, "<Directory /x>\n</Directory >\n"),
        (false, "< Directory /x>\n</Directory>\n"),
        (false, "<Directory /x>\n</Directory foo>\n"),
        (false, "<Directory /x>\n</Directory\n"),
        (false, "<Directory /x\n</Directory>\n"),
        (false, "<Directory\"/x\">\n</Directory>\n"),
        (false, "<Directory /x>\nOptions None</Directory>\n"),
        (false, "<IfModule nope>\n<Foo>\n</IfModule>\n"),
        (false, "Include nope\n"),
        (true, "<Directory /x> foo\n</Directory>\n"),
        (true, "<DIRECTORY /x>\n</directory>\n"),
        (true, "<Directory \"/x\">\n</Directory>\n"),
        (true, "# c \\\nBogus x\n"),
        (true, "   # Bogus\n"),
        (true, "Alias \"/a b\"/tmp\n"),
        (true, "Alias /a \"/tmp\n"),
        (true, "Alias /c \\\r\n/d\r\n"),
        (
            true,
            "<IfModule nope>\n<Directory /x>\nInclude nope\n</Directory>\n</IfModule>\n",
        ),
    ] {
        let config = read(text, &[]);
        assert_eq!(config.tree.problems.is_empty(), accepted, "{text}");
    }
    for text in [
        "Alias \"/a b\"/tmp\n",
        "Alias '/a b' \"/tmp\n",
        "Alias \"/a b\" \\\n/tmp",
    ] {
        let alias = &read(text, &[]).tree.directives[0];
        assert_eq!(alias.args, [Word::from("/a b"), Word::from("/tmp")]);
    }
}

#[test]
fn more_expressions_than_fit_into_memory_are_not_modelled() {
    use crate::route::Model as _;
    let problems = |rules: usize| {
        let config = read(&"RewriteRule ^a b\n".repeat(rules), &[]);
        let model = Model::new(&config, &Setup::default(), &Files(BTreeMap::new()));
        model.problems().join("\n")
    };
    let found = problems(20_001);
    assert!(
        found.contains("not modelled: more than 20000 lines with regular expressions"),
        "{found}"
    );
    assert!(!problems(20).contains("regular expressions"));
}
