//! A deed as lines of POSIX shell, for reports and scripts. Every value is quoted here and nowhere
//! else; refuses values that no quoting makes readable, paths that are not absolute, and names that
//! chown(1) or setfacl(1) would take apart. What edits a file by its lines is told as a comment.

use super::action::{Action, Server};
use super::mode::ModeChange;
use super::quote::quote;
use super::system::is_systems;
use crate::check::StepKind;
use crate::sql::Spelled;
use std::path::Path;

/// The lines.
///
/// # Errors
/// Why a value cannot stand in a script.
pub fn line(action: &Action) -> Result<String, String> {
    if let Some(commands) = commands(action)? {
        return Ok(commands.join("\n"));
    }
    Ok(told(action)?.join("\n"))
}

/// The commands of a deed that needs nothing but commands; none for one that edits a file or speaks to
/// a database. Each can be carried out twice.
///
/// # Errors
/// Why a value cannot stand in a script.
pub(super) fn commands(action: &Action) -> Result<Option<Vec<String>>, String> {
    Ok(Some(match action {
        Action::Own { path, user, group } => {
            let whom = owner(user, group.as_deref())?;
            vec![format!("chown -h -- {whom} {}", absolute(path)?)]
        }
        Action::Mode { path, mode } => {
            ModeChange::parse(mode)?;
            vec![format!("chmod {} -- {}", word(mode)?, absolute(path)?)]
        }
        Action::StripAcl { path } => vec![format!("setfacl -b -- {}", absolute(path)?)],
        Action::GrantAcl {
            path,
            user,
            rights,
            inherit,
        } => vec![format!(
            "setfacl -m {} -- {}",
            word(&entries(user, rights, *inherit)?)?,
            absolute(path)?
        )],
        Action::CloseTree {
            path,
            except,
            from,
            user,
            group,
            mode,
        } => walks(path, except, from, (user, group.as_deref()), mode)?,
        Action::Directory {
            path,
            user,
            group,
            mode,
        } => {
            ModeChange::parse(mode)?;
            let whose = format!("-o {} -g {}", word(name(user)?)?, word(name(group)?)?);
            vec![format!(
                "install -d -m {} {whose} -- {}",
                word(mode)?,
                absolute(path)?
            )]
        }
        Action::PutAway { path, into } => {
            let (path, into) = (absolute(path)?, absolute(into)?);
            vec![
                format!("install -d -m 0700 -o root -g root -- {into}"),
                format!("mv -n -t {into} -- {path}"),
            ]
        }
        Action::Unlink { path } => vec![format!("rm -f -- {}", absolute(path)?)],
        Action::MoveTree { path, to } => {
            vec![format!("mv -n -T -- {} {}", absolute(path)?, absolute(to)?)]
        }
        Action::Account { user } => {
            let user = word(name(user)?)?;
            vec![format!(
                "useradd --system --home-dir /nonexistent --shell /usr/sbin/nologin -- {user}"
            )]
        }
        Action::Reload { server, service } => match server {
            Server::Nginx => vec!["nginx -t".to_owned(), "nginx -s reload".to_owned()],
            Server::Apache => vec![
                "apachectl configtest".to_owned(),
                "apachectl graceful".to_owned(),
            ],
            Server::PhpFpm => vec![
                "php-fpm -t".to_owned(),
                "systemctl reload php-fpm".to_owned(),
            ],
            Server::Database => vec![restart(service.as_deref())?],
        },
        Action::Write { .. }
        | Action::Setting { .. }
        | Action::Ini { .. }
        | Action::Snippet { .. }
        | Action::Line { .. }
        | Action::CronLine { .. }
        | Action::Sql(_)
        | Action::OwnLogin { .. } => return Ok(None),
    }))
}

/// A service that is started anew; what no service starts is left to a person.
fn restart(service: Option<&str>) -> Result<String, String> {
    let Some(service) = service else {
        return Ok(
            "# Start the database server anew, when it suits the helpdesk's users.".to_owned(),
        );
    };
    let quoted = word(name(service)?)?;
    Ok(if service.ends_with(".service") {
        format!("systemctl restart {quoted}")
    } else {
        format!("service {quoted} restart")
    })
}

/// What is done to the lines of a file, or to a database, as comments.
///
/// # Errors
/// Why a value cannot be shown.
pub(super) fn told(action: &Action) -> Result<Vec<String>, String> {
    let mut told = Vec::new();
    let (what, lines) = match action {
        Action::Write {
            path,
            content,
            mode,
            ..
        } => return written(path, content, mode),
        Action::Setting {
            path,
            setting,
            line,
            value,
        } => {
            let place = place(path, *line)?;
            let what = match value {
                Some(value) => format!("{place}: {} = {};", shown(setting)?, shown(value)?),
                None => format!("{place}: {} goes out of effect", shown(setting)?),
            };
            (what, &String::new())
        }
        Action::Ini {
            path,
            section,
            key,
            value,
        } => {
            let section = match section {
                Some(section) => format!(", [{}]", shown(section)?),
                None => String::new(),
            };
            let what = format!("{}{section}: {key} = {}", shown(path)?, shown(value)?);
            (what, &String::new())
        }
        Action::Snippet {
            server,
            path,
            line,
            expected,
            text,
        } => {
            let place = place(path, *line)?;
            let what = match (server, *line) {
                (_, 0) => format!("{place}:"),
                // Of several sections that hold, Apache goes by the last.
                (Server::Apache, _) => format!("{place}, at the end of `{}`:", shown(expected)?),
                _ => format!("{place}, after `{}`:", shown(expected)?),
            };
            (what, text)
        }
        Action::Line {
            path,
            line,
            expected,
            text,
            ..
        } if text.is_empty() => {
            let place = place(path, *line)?;
            (format!("{place}: `{}` goes", shown(expected)?), text)
        }
        Action::Line {
            path,
            line,
            expected,
            text,
            ..
        } => {
            let place = place(path, *line)?;
            (format!("{place}, instead of `{}`:", shown(expected)?), text)
        }
        Action::CronLine { path, line, user } => {
            let place = place(path, *line)?;
            let what = match user {
                Some(user) => format!("{place}: runs as {}", shown(user)?),
                None => format!("{place}: goes out of effect"),
            };
            (what, &String::new())
        }
        Action::Sql(deed) => {
            let lines = Spelled::of(deed)?.lines();
            return Ok(lines.lines().map(str::to_owned).collect());
        }
        Action::OwnLogin {
            user, host, path, ..
        } => {
            let (user, host) = (shown(user)?, shown(host)?);
            let what = format!(
                "{}: a new random password for {user}@{host}, which the database server gets too",
                shown(path)?
            );
            (what, &String::new())
        }
        _ => return Ok(told),
    };
    told.push(format!("# {what}"));
    for line in lines.lines() {
        told.push(format!("#   {}", shown(line)?).trim_end().to_owned());
    }
    Ok(told)
}

/// A file of root's, by a text that the shell leaves as it is.
fn written(path: &str, content: &str, mode: &str) -> Result<Vec<String>, String> {
    ModeChange::parse(mode)?;
    let (path, mode) = (absolute(path)?, word(mode)?);
    let make = format!("install -m {mode} -o root -g root -- /dev/null {path}");
    if content.is_empty() {
        return Ok(vec![make]);
    }
    let mut end = "END".to_owned();
    while content.lines().any(|line| line == end) {
        end.push('_');
    }
    let mut lines = vec![make, format!("cat > {path} <<'{end}'")];
    for line in content.lines() {
        lines.push(shown(line)?.to_owned());
    }
    lines.push(end);
    Ok(lines)
}

fn place(path: &str, line: u32) -> Result<String, String> {
    Ok(match line {
        0 => format!("{}, at its end", shown(path)?),
        line => format!("{}, line {line}", shown(path)?),
    })
}

/// A text in a comment: anything but what a terminal would obey. Tabs indent.
fn shown(text: &str) -> Result<&str, String> {
    quote(StepKind::Manual, &text.replace('\t', " "))?;
    Ok(text)
}

/// A value as one word. Between double quotes where it has quotes or dollars of its own: that is easier
/// to read than quotes within quotes.
pub(super) fn word(value: &str) -> Result<String, String> {
    let plain = quote(StepKind::Shell, value)?;
    if !value.contains(['\'', '$', '`']) {
        return Ok(plain);
    }
    let mut quoted = String::from("\"");
    for c in value.chars() {
        if matches!(c, '$' | '`' | '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    Ok(quoted)
}

/// A path as one word that no command takes for an option.
pub(super) fn absolute(path: &str) -> Result<String, String> {
    if path.starts_with('/') {
        word(path)
    } else {
        Err(format!("`{path}` is no absolute path"))
    }
}

/// An account's or a group's name.
pub(super) fn name(name: &str) -> Result<&str, String> {
    let odd = |c: char| matches!(c, ':' | ',' | '/') || c.is_whitespace();
    if name.is_empty() || name.starts_with(['-', '+']) || name.contains(odd) {
        return Err(format!("`{name}` is no name of an account"));
    }
    Ok(name)
}

/// Entries of an ACL as setfacl(1) reads them.
pub(super) fn entries(user: &str, rights: &str, inherit: bool) -> Result<String, String> {
    let user = name(user)?;
    if rights.is_empty() || rights.contains(|c| !matches!(c, 'r' | 'w' | 'x')) {
        return Err(format!("`{rights}` are no rights of an ACL"));
    }
    Ok(if inherit {
        format!("u:{user}:{rights},d:u:{user}:{rights}")
    } else {
        format!("u:{user}:{rights}")
    })
}

/// An owner as chown(1) reads it, as one word.
pub(super) fn owner(user: &str, group: Option<&str>) -> Result<String, String> {
    match group {
        Some(group) => word(&format!("{}:{}", name(user)?, name(group)?)),
        None => word(name(user)?),
    }
}

/// Walks over a tree: what a new group may read, owners, then modes. Links keep their mode, which means
/// nothing.
fn walks(
    path: &str,
    except: &[String],
    from: &str,
    (user, group): (&str, Option<&str>),
    mode: &str,
) -> Result<Vec<String>, String> {
    if is_systems(Path::new(path)) {
        return Err(format!(
            "{path} is a directory of the system's, and what lies in it is not the helpdesk's alone"
        ));
    }
    let change = ModeChange::parse(mode)?;
    let taken = 0o7777 & !change.on(0o7777, false);
    if change.on(0, true) != 0 || taken == 0 {
        return Err(format!("`{mode}` takes no bits away from a tree"));
    }
    let kept: Vec<String> = except
        .iter()
        .map(|path| absolute(&pattern(path)).map(|it| format!("-path {it}")))
        .collect::<Result<_, _>>()?;
    let spared = match kept.as_slice() {
        [] => String::new(),
        [one] => format!(" {one} -prune -o"),
        many => format!(" \\( {} \\) -prune -o", many.join(" -o ")),
    };
    let walk = format!("find {}{spared}", absolute(path)?);
    let (from, whom, mode) = (word(name(from)?)?, owner(user, group)?, word(mode)?);
    let mut walks = Vec::new();
    if group.is_some() {
        walks.push(format!(
            "{walk} ! -type l -user {from} -exec chmod g=u,g-w -- {{}} +"
        ));
    }
    if group.is_some() || from != whom {
        walks.push(format!(
            "{walk} -user {from} -exec chown -h -- {whom} {{}} +"
        ));
    }
    walks.push(format!(
        "{walk} ! -type l -perm /{taken:04o} -exec chmod {mode} -- {{}} +"
    ));
    Ok(walks)
}

/// A path that `find -path` takes for itself and not for a pattern.
fn pattern(path: &str) -> String {
    let mut literal = String::with_capacity(path.len());
    for c in path.chars() {
        if matches!(c, '*' | '?' | '[' | '\\') {
            literal.push('\\');
        }
        literal.push(c);
    }
    literal
}

/// A server as people call it.
pub(super) const fn called(server: Server) -> &'static str {
    match server {
        Server::Nginx => "nginx",
        Server::Apache => "Apache",
        Server::PhpFpm => "PHP-FPM",
        Server::Database => "the database server",
    }
}
