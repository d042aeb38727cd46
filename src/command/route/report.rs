//! Answers as text for people and as JSON for programs. The lines that decided are quoted from the
//! files that were read. Refuses to send them to a terminal unescaped: the page does that.

use super::choose::named;
use crate::host::{Host, text_of};
use crate::report::{Options, Routed, RoutedStep, routes};
use crate::route::{Answer, Because, Decision, Place, Source, Sources as _};
use crate::target::web_server::{Parsed, WebServer};
use serde::Serialize;
use std::collections::HashMap;
use std::net::IpAddr;
use std::path::Path;

/// A request and its answer.
pub(super) struct Row<'a> {
    pub(super) url: String,
    pub(super) from: IpAddr,
    pub(super) answer: Answer,
    pub(super) server: &'a WebServer,
}

/// One URL in JSON.
#[derive(Serialize)]
struct JsonRow<'a> {
    url: &'a str,
    from: IpAddr,
    decision: &'static str,
    status: Option<u16>,
    file: Option<String>,
    because: Vec<JsonBecause<'a>>,
}

/// One deciding line in JSON.
#[derive(Serialize)]
struct JsonBecause<'a> {
    file: Option<String>,
    line: Option<u32>,
    text: &'a str,
}

impl<'a> From<&'a Because> for JsonBecause<'a> {
    fn from(because: &'a Because) -> Self {
        let at = because.at.as_ref();
        Self {
            file: at.map(|at| at.file.to_string_lossy().into_owned()),
            line: at.map(|at| at.line),
            text: &because.text,
        }
    }
}

/// A list, one object a URL.
pub(super) fn json(rows: &[Row<'_>]) -> String {
    let rows: Vec<JsonRow<'_>> = rows.iter().map(json_row).collect();
    let mut text = serde_json::to_string_pretty(&rows).unwrap_or_default();
    text.push('\n');
    text
}

fn json_row<'a>(row: &'a Row<'_>) -> JsonRow<'a> {
    let answer = &row.answer;
    JsonRow {
        url: &row.url,
        from: row.from,
        decision: answer.decision.word(),
        status: answer.status,
        file: answer.file.as_deref().map(text_path),
        because: answer.because.iter().map(Into::into).collect(),
    }
}

fn text_path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A paragraph a URL.
pub(super) fn text(host: &Host, rows: &[Row<'_>], options: &Options) -> String {
    let mut quotes = Quotes {
        host,
        files: HashMap::new(),
    };
    let answers: Vec<Routed> = rows.iter().map(|row| routed(row, &mut quotes)).collect();
    routes(&answers, options)
}

fn routed(row: &Row<'_>, quotes: &mut Quotes<'_>) -> Routed {
    let answer = &row.answer;
    let steps = answer.because.iter().map(|because| RoutedStep {
        text: because.text.clone(),
        place: because
            .at
            .as_ref()
            .map_or_else(String::new, |at| at.to_string()),
        line: because
            .at
            .as_ref()
            .and_then(|at| quotes.line(row.server, at)),
    });
    Routed {
        url: row.url.clone(),
        from: row.from.to_string(),
        server: named(row.server),
        decision: (
            answer.decision.word().to_owned(),
            meaning(answer).to_owned(),
        ),
        is_unsure: answer.decision == Decision::Undetermined,
        status: answer.status,
        file: answer.file.as_deref().map(text_path),
        to: answer.to.clone(),
        steps: steps.collect(),
    }
}

fn meaning(answer: &Answer) -> &'static str {
    match answer.decision {
        Decision::Proxied => "another server answers",
        Decision::Executed => "PHP runs this file",
        Decision::Redirect => "the client is sent elsewhere",
        Decision::NotFound => "nothing is there",
        Decision::Denied if answer.status == Some(444) => "the server hangs up",
        Decision::Denied => "the server refuses",
        Decision::Static => "the file's own bytes are sent",
        Decision::Listing => "the names in the directory are sent",
        Decision::Fixed => "the configuration itself holds the answer",
        Decision::Undetermined => "the model ends at the last line below",
    }
}

/// Lines of configuration files, each file read once.
struct Quotes<'a> {
    host: &'a Host,
    files: HashMap<(String, Box<Path>), Option<String>>,
}

impl Quotes<'_> {
    fn line(&mut self, server: &WebServer, at: &Place) -> Option<String> {
        let number = usize::try_from(at.line).ok()?.checked_sub(1)?;
        let key = (server.config.display().to_string(), Box::from(&*at.file));
        let host = self.host;
        let text = self.files.entry(key).or_insert_with(|| {
            let bytes = match &server.parsed {
                Parsed::Nginx {
                    dump: Some(dump), ..
                } => match dump.read(&at.file) {
                    Ok(Source::Text(text)) => Some(text),
                    _ => None,
                },
                _ => text_of(host, &at.file),
            };
            bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        });
        let line = text.as_ref()?.lines().nth(number)?.trim();
        (!line.is_empty()).then(|| line.to_owned())
    }
}
