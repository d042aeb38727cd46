//! What a web server would do with requests, drawn so that one look shows the decision and the lines
//! that made it. Knows nothing of web servers: the words come to it.

use super::page::{Ink, Page};
use super::text::Options;

/// Where the steps' texts begin.
const STEP: usize = 5;
/// Where the quoted lines begin.
const QUOTE: usize = 7;

/// One request and its answer, in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Routed {
    /// The request's URL.
    pub url: String,
    /// The client's address.
    pub from: String,
    /// Who answers: `nginx by /etc/nginx/nginx.conf`.
    pub server: String,
    /// The decision and what it means: `static`, `the file's own bytes are sent`.
    pub decision: (String, String),
    /// Whether the decision could not be made.
    pub is_unsure: bool,
    /// The status, where it is known.
    pub status: Option<u16>,
    /// The file that is sent or run.
    pub file: Option<String>,
    /// Where a redirect leads.
    pub to: Option<String>,
    /// What led there, in order.
    pub steps: Vec<RoutedStep>,
}

/// A line that had a part in a decision.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoutedStep {
    /// What it did.
    pub text: String,
    /// `file:line`, empty for what is in no file.
    pub place: String,
    /// The line itself, as written.
    pub line: Option<String>,
}

/// The answers, one after the other.
#[must_use]
pub fn routes(answers: &[Routed], options: &Options) -> String {
    let mut page = Page::new(options.width, options.color);
    for answer in answers {
        page.gap();
        route(&mut page, answer);
    }
    page.finish()
}

fn route(page: &mut Page, answer: &Routed) {
    page.put(Ink::Strong, &answer.url);
    page.end();
    let ink = if answer.is_unsure {
        Ink::Unsure
    } else {
        Ink::Strong
    };
    let (word, meaning) = &answer.decision;
    let status = answer
        .status
        .map_or_else(String::new, |status| format!(" {status}"));
    page.tab(2);
    page.put(ink, &format!("{}{status}", word.to_uppercase()));
    page.put(Ink::Plain, "  ");
    page.prose(Ink::Plain, STEP, meaning);
    let mut row = |name: &str, value: &str| {
        page.tab(2);
        page.put(Ink::Faint, name);
        page.tab(8);
        page.prose(Ink::Plain, 8, value);
    };
    if let Some(file) = &answer.file {
        row("file", file);
    }
    if let Some(to) = &answer.to {
        row("to", to);
    }
    row("from", &answer.from);
    row("by", &answer.server);
    if !answer.steps.is_empty() {
        page.tab(2);
        page.put(Ink::Faint, "because");
        page.end();
    }
    for (number, step) in (1..).zip(&answer.steps) {
        page.tab(if number < 10 { 3 } else { 2 });
        page.put(Ink::Faint, &number.to_string());
        page.tab(STEP);
        page.prose(Ink::Plain, STEP, &step.text);
        if !step.place.is_empty() {
            page.tab(QUOTE);
            page.put(Ink::Faint, &step.place);
            page.end();
        }
        if let Some(line) = &step.line {
            page.tab(QUOTE);
            page.put(Ink::Faint, "│ ");
            page.put(Ink::Plain, &shortened(line, page.width()));
            page.end();
        }
    }
}

/// A quoted line, cut where it would leave the page.
fn shortened(line: &str, width: usize) -> String {
    let room = width.saturating_sub(QUOTE + 2).max(20);
    if line.chars().count() <= room {
        return line.to_owned();
    }
    let start: String = line.chars().take(room - 1).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Detail;

    fn answer() -> Routed {
        Routed {
            url: "https://help.example.com/data/logs/error.log".to_owned(),
            from: "198.51.100.7".to_owned(),
            server: "nginx by /etc/nginx/nginx.conf".to_owned(),
            decision: (
                "static".to_owned(),
                "the file's own bytes are sent".to_owned(),
            ),
            is_unsure: false,
            status: Some(200),
            file: Some("/var/www/deskpro/data/logs/error.log".to_owned()),
            to: None,
            steps: vec![
                RoutedStep {
                    text: "server help.example.com is chosen by its name".to_owned(),
                    place: "/etc/nginx/nginx.conf:4".to_owned(),
                    line: Some("server_name help.example.com;".to_owned()),
                },
                RoutedStep {
                    text: "nothing forbids it".to_owned(),
                    ..RoutedStep::default()
                },
            ],
        }
    }

    fn drawn(color: bool) -> String {
        let options = Options {
            width: 80,
            color,
            detail: Detail::Normal,
        };
        routes(&[answer()], &options)
    }

    #[test]
    fn one_look_shows_what_and_why() {
        assert_eq!(
            drawn(false),
            "\
https://help.example.com/data/logs/error.log
  STATIC 200  the file's own bytes are sent
  file  /var/www/deskpro/data/logs/error.log
  from  198.51.100.7
  by    nginx by /etc/nginx/nginx.conf
  because
   1 server help.example.com is chosen by its name
       /etc/nginx/nginx.conf:4
       │ server_name help.example.com;
   2 nothing forbids it
"
        );
    }

    #[test]
    fn colour_changes_no_word() {
        let mut plain = String::new();
        let mut inside = false;
        for c in drawn(true).chars() {
            match c {
                '\u{1b}' => inside = true,
                'm' if inside => inside = false,
                _ if inside => {}
                _ => plain.push(c),
            }
        }
        assert_eq!(plain, drawn(false));
    }

    #[test]
    fn a_line_from_disk_neither_drives_nor_floods_the_terminal() {
        let mut answer = answer();
        let long = format!("\u{1b}[2J{}", "x".repeat(5000));
        answer.steps.truncate(1);
        answer.steps[0].line = Some(long);
        let options = Options {
            width: 80,
            color: false,
            detail: Detail::Normal,
        };
        let text = routes(&[answer], &options);
        assert!(!text.contains('\u{1b}') && text.contains("\\x1b[2J"));
        assert!(text.lines().all(|line| line.len() < 100));
    }
}
