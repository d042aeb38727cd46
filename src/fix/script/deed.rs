//! A deed as lines of a plan's script: calls of its functions, every value quoted.

use crate::check::StepKind;
use crate::fix::action::{Action, Server, Spot};
use crate::fix::shell::{absolute, commands, name, word};
use crate::sql::{Deed, Spelled, quote};

/// The lines, and the functions that they call.
pub(super) struct Call {
    pub(super) lines: Vec<String>,
    pub(super) functions: &'static [&'static str],
}

/// Spells deeds of one step; edits of one file become one call.
///
/// # Errors
/// Why a value cannot stand in a script.
pub(super) fn calls(actions: &[Action]) -> Vec<Result<Call, String>> {
    let mut calls = Vec::new();
    let mut rest = actions;
    while let Some((first, others)) = rest.split_first() {
        let Some(path) = edited(first) else {
            calls.push(call(first));
            rest = others;
            continue;
        };
        let together = rest.iter().take_while(|it| edited(it) == Some(path));
        let count = together.count();
        let (edits, others) = rest.split_at(count);
        calls.push(edit_lines(path, edits));
        rest = others;
    }
    calls
}

/// The web server's file whose lines are edited together.
fn edited(action: &Action) -> Option<&str> {
    match action {
        Action::Snippet { path, .. } | Action::Line { path, .. } => Some(path),
        _ => None,
    }
}

fn call(action: &Action) -> Result<Call, String> {
    let (line, functions): (String, &[&str]) = match action {
        Action::Account { user } => (
            format!("make_account {}", word(name(user)?)?),
            &["make_account"],
        ),
        Action::PutAway { path, into } => (
            format!("put_away {} {}", absolute(path)?, absolute(into)?),
            &["put_away"],
        ),
        Action::Unlink { path } => (format!("remove_link {}", absolute(path)?), &["remove_link"]),
        Action::MoveTree { path, to } => (
            format!("move_tree {} {}", absolute(path)?, absolute(to)?),
            &["move_tree"],
        ),
        Action::Write {
            path,
            content,
            mode,
            server,
        } => {
            let mut call = write(path, content, mode)?;
            if *server == Some(Server::Database) {
                call.lines.push(format!("options={}", absolute(path)?));
            }
            return Ok(call);
        }
        Action::Setting {
            path,
            setting,
            line,
            value,
        } => {
            let value = value.as_deref().unwrap_or_default();
            let (path, setting) = (absolute(path)?, word(setting)?);
            (
                format!("set_setting {path} {line} {setting} {}", word(value)?),
                &["set_setting"],
            )
        }
        Action::Ini {
            path,
            section,
            key,
            value,
        } => {
            let section = word(section.as_deref().unwrap_or_default())?;
            let (path, key) = (absolute(path)?, word(key)?);
            (
                format!("set_ini {path} {section} {key} {}", word(value)?),
                &["set_ini"],
            )
        }
        Action::CronLine { path, line, user } => {
            let user = user.as_deref().map_or(Ok(""), name)?;
            (
                format!("edit_cron {} {line} {}", absolute(path)?, word(user)?),
                &["edit_cron"],
            )
        }
        Action::Sql(deed) => return database(deed),
        Action::OwnLogin { .. } => return login(action),
        Action::Reload {
            server: Server::Database,
            service,
        } => return restart(service.as_deref()),
        Action::Reload { server, .. } => return Ok(reload(*server)),
        other => {
            let commands = commands(other)?.ok_or("there is no command for it")?;
            return Ok(Call {
                lines: commands.iter().map(|it| format!("run {it}")).collect(),
                functions: &["run"],
            });
        }
    };
    Ok(Call {
        lines: vec![line],
        functions,
    })
}

fn write(path: &str, content: &str, mode: &str) -> Result<Call, String> {
    crate::fix::ModeChange::parse(mode)?;
    if !content.is_empty() && !content.ends_with('\n') {
        return Err("a file whose last line has no end is none for a script".to_owned());
    }
    let head = format!("write_file {} {}", absolute(path)?, word(mode)?);
    heredoc(&head, "END", content, &["write_file"])
}

fn database(deed: &Deed) -> Result<Call, String> {
    let spelled = Spelled::of(deed)?;
    let query = word(spelled.pending.as_deref().unwrap_or_default())?;
    match deed {
        Deed::RandomSetting { length, .. } => heredoc(
            &format!("random_setting {query} {length}"),
            "SQL",
            &spelled.lines(),
            &["random_setting"],
        ),
        _ => heredoc(
            &format!("database {query}"),
            "SQL",
            &spelled.lines(),
            &["database"],
        ),
    }
}

fn login(action: &Action) -> Result<Call, String> {
    let Action::OwnLogin {
        user,
        host,
        schema,
        privileges,
        path,
        name,
        password,
    } = action
    else {
        return Err("it gives no login".to_owned());
    };
    let account = format!("{}@{}", quote::text(user)?, quote::text(host)?);
    let none = Spot {
        setting: String::new(),
        line: 0,
    };
    let name = name.as_ref().unwrap_or(&none);
    let php = crate::fix::quote(StepKind::Php, user)?;
    let head = format!(
        "own_login {} {} {} {} {} {} {}",
        word(&account)?,
        absolute(path)?,
        name.line,
        word(&name.setting)?,
        word(&php)?,
        password.line,
        word(&password.setting)?
    );
    let grant = if privileges.is_empty() {
        String::new()
    } else {
        format!(
            "GRANT {} ON {}.* TO {account};",
            quote::privileges(privileges)?,
            quote::identifier(schema)?
        )
    };
    heredoc(&head, "SQL", &grant, &["own_login"])
}

/// All edits of one file, from its beginning to its end.
fn edit_lines(path: &str, edits: &[Action]) -> Result<Call, String> {
    let mut list = Vec::new();
    for edit in edits.iter().rev() {
        let (line, how, expected, text) = match edit {
            Action::Snippet { line: 0, text, .. } => (0, "end", "", text.clone()),
            Action::Snippet {
                server,
                line,
                expected,
                text,
                ..
            } => match server {
                Server::Apache => (*line, "inside", expected.as_str(), text.clone()),
                _ => (*line, "after", expected.as_str(), text.clone()),
            },
            // What goes stays to be seen, so that a second run knows that it has gone.
            Action::Line {
                line,
                expected,
                text,
                server,
                ..
            } if text.is_empty() => {
                let mark = if *server == Server::PhpFpm { ';' } else { '#' };
                (
                    *line,
                    "instead",
                    expected.as_str(),
                    format!("{mark} {}", expected.trim()),
                )
            }
            Action::Line {
                line,
                expected,
                text,
                ..
            } => (*line, "instead", expected.as_str(), text.clone()),
            _ => return Err("it edits no line".to_owned()),
        };
        list.push(format!("@ {line} {how}"));
        if line > 0 {
            list.push(format!("= {}", expected.trim()));
        }
        for line in text.trim_end().lines() {
            list.push(format!("+ {}", line.trim_end()).trim_end().to_owned());
        }
    }
    let head = format!("edit_lines {}", absolute(path)?);
    heredoc(&head, "EDITS", &list.join("\n"), &["edit_lines"])
}

/// A text that the shell leaves as it is.
fn heredoc(
    head: &str,
    end: &str,
    text: &str,
    functions: &'static [&'static str],
) -> Result<Call, String> {
    let mut end = end.to_owned();
    while text.lines().any(|line| line == end) {
        end.push('_');
    }
    let mut lines = vec![format!("{head} <<'{end}'")];
    for line in text.lines() {
        word(&line.replace('\t', " "))?;
        lines.push(line.to_owned());
    }
    lines.push(end);
    Ok(Call { lines, functions })
}

fn restart(service: Option<&str>) -> Result<Call, String> {
    let Some(service) = service else {
        let sentence = "Start the database server anew, when it suits the helpdesk's users.";
        return Ok(Call {
            lines: vec![format!("echo {}", word(sentence)?)],
            functions: &[],
        });
    };
    Ok(Call {
        lines: vec![format!("restart_database {}", word(name(service)?)?)],
        functions: &["restart_database"],
    })
}

fn reload(server: Server) -> Call {
    let (lines, functions): (&[&str], &'static [&'static str]) = match server {
        Server::Nginx => (&["run nginx -t", "run nginx -s reload"], &["run"]),
        Server::Apache => (
            &["run apachectl configtest", "run apachectl graceful"],
            &["run"],
        ),
        Server::PhpFpm => (&["reload_php_fpm"], &["reload_php_fpm"]),
        // It has a service of its own.
        Server::Database => (&[], &[]),
    };
    Call {
        lines: lines.iter().map(|it| (*it).to_owned()).collect(),
        functions,
    }
}
