//! A deed as a line of POSIX shell, for reports and scripts. Every value is quoted here and nowhere
//! else; refuses values that no quoting makes readable.

use super::action::{Action, Server};
use super::quote::quote;
use crate::check::StepKind;

/// The line, or lines.
///
/// # Errors
/// Why a value cannot stand in a script.
pub fn line(action: &Action) -> Result<String, String> {
    let q = |value: &str| quote(StepKind::Shell, value);
    Ok(match action {
        Action::Own { path, user, group } => {
            let whom = group
                .as_ref()
                .map_or_else(|| user.clone(), |group| format!("{user}:{group}"));
            format!("chown -h -- {} {}", q(&whom)?, q(path)?)
        }
        Action::Mode { path, mode } => format!("chmod {} -- {}", q(mode)?, q(path)?),
        Action::StripAcl { path } => format!("setfacl -b -- {}", q(path)?),
        Action::GrantAcl {
            path,
            user,
            rights,
            inherit,
        } => {
            let mut entry = format!("u:{user}:{rights}");
            if *inherit {
                entry.push_str(&format!(",d:u:{user}:{rights}"));
            }
            format!("setfacl -m {} -- {}", q(&entry)?, q(path)?)
        }
        Action::CloseTree {
            path,
            except,
            from,
            user,
            group,
            mode,
        } => {
            let kept = except
                .iter()
                .map(|path| Ok(format!("-path {} -o ", q(path)?)))
                .collect::<Result<String, String>>()?;
            let walk = format!("find {} \\( {kept}-false \\) -prune -o", q(path)?);
            let (from, mode) = (q(from)?, q(mode)?);
            let mut lines = String::new();
            let mut whom = q(user)?;
            if let Some(group) = group {
                whom = q(&format!("{user}:{group}"))?;
                lines = format!("{walk} ! -type l -user {from} -exec chmod g=u,g-w {{}} +\n");
            }
            format!(
                "{lines}{walk} -user {from} -exec chown -h {whom} {{}} +\n\
                 {walk} ! -type l -perm /022 -exec chmod {mode} {{}} +"
            )
        }
        Action::Directory {
            path,
            user,
            group,
            mode,
        } => format!(
            "install -d -m {} -o {} -g {} -- {}",
            q(mode)?,
            q(user)?,
            q(group)?,
            q(path)?
        ),
        Action::PutAway { path, into } => format!(
            "mkdir -p -m 0700 -- {}\nmv -n -t {} -- {}",
            q(into)?,
            q(into)?,
            q(path)?
        ),
        Action::Unlink { path } => format!("rm -- {}", q(path)?),
        Action::MoveTree { path, to } => format!("mv -n -T -- {} {}", q(path)?, q(to)?),
        Action::Account { user } => format!(
            "id -u {0} > /dev/null 2>&1 || useradd --system --home-dir /nonexistent --shell /usr/sbin/nologin {0}",
            q(user)?
        ),
        Action::Reload { server } => reload(*server).to_owned(),
        Action::Write { .. }
        | Action::Setting { .. }
        | Action::Ini { .. }
        | Action::Snippet { .. }
        | Action::Line { .. }
        | Action::CronLine { .. }
        | Action::Sql(_)
        | Action::OwnLogin { .. } => return Err("it is no deed of a shell".to_owned()),
    })
}

const fn reload(server: Server) -> &'static str {
    match server {
        Server::Nginx => "nginx -t && nginx -s reload",
        Server::Apache => "apachectl configtest && apachectl graceful",
        Server::PhpFpm => "php-fpm -t && systemctl reload php-fpm",
        Server::Database => "systemctl restart mariadb",
    }
}
