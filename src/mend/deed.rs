//! Which changes carry out a deed: it looks, and hands in the changes that are missing. Refuses deeds
//! that the rooms here do not know.

pub(super) mod edit;
mod entry;
mod own_login;
mod restart;
mod sql;
mod tree;

use super::Surprise;
use super::account;
use super::apply::Work;
use crate::fix::{Action, Server};

/// Carries out one deed.
///
/// # Errors
/// The first thing that was not as it should be.
pub(super) fn carry_out(work: &mut Work<'_, '_>, action: &Action) -> Result<(), Surprise> {
    match action {
        Action::Own { path, user, group } => entry::own(work, path, user, group.as_deref()),
        Action::Mode { path, mode } => entry::mode(work, path, mode),
        Action::Write {
            path,
            content,
            mode,
            server,
        } => entry::write(work, path, content, (mode, *server)),
        Action::StripAcl { path } => entry::strip_acl(work, path),
        Action::GrantAcl {
            path,
            user,
            rights,
            inherit,
        } => entry::grant_acl(work, path, user, rights, *inherit),
        Action::CloseTree {
            path,
            except,
            from,
            user,
            group,
            mode,
        } => tree::close(
            work,
            &tree::Close {
                path,
                except,
                from,
                user,
                group: group.as_deref(),
                mode,
            },
        ),
        Action::Directory {
            path,
            user,
            group,
            mode,
        } => entry::directory(work, path, (user, group), mode),
        Action::PutAway { path, into } => entry::put_away(work, path, into),
        Action::Unlink { path } => entry::unlink(work, path),
        Action::MoveTree { path, to } => entry::move_tree(work, path, to),
        Action::Account { user } => {
            let change = account::change(work.world.host, user)?;
            work.change(change)
        }
        Action::Setting { path, .. }
        | Action::Ini { path, .. }
        | Action::Snippet { path, .. }
        | Action::Line { path, .. }
        | Action::CronLine { path, .. } => edit::edit(work, action, path),
        Action::Sql(deed) => sql::sql(work, deed),
        Action::OwnLogin { .. } => own_login::own_login(work, action),
        Action::Reload {
            server: Server::Database,
            service,
        } => restart::restart(work, service.as_deref()),
        Action::Reload { server, .. } => edit::reload(work, *server),
    }
}
