//! What `[database]` and the flags say about the database, with the password read from its file or from
//! the terminal. Refuses a password file that others can read or could have written.

use super::Failure;
use super::audit::from_here;
use crate::cli::ObserveArgs;
use crate::config::Database;
use crate::facts::Secret;
use crate::host::{Host, Looker, trust};
use crate::target::DatabaseWish;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// No password is longer, in bytes.
const LONGEST_PASSWORD: usize = 4096;
/// No file of certificates is larger, in bytes.
const MOST_CERTIFICATES: usize = 1 << 20;

pub(super) fn wish(args: &ObserveArgs, config: &Database) -> Result<DatabaseWish, Failure> {
    if config.host.is_some() && config.socket.is_some() {
        return Err(wrong(
            "[database] names a host and a socket: keep one of them",
        ));
    }
    Ok(DatabaseWish {
        offline: args.offline,
        dump: dump(args, config)?,
        host: config.host.clone(),
        socket: config.socket.clone(),
        account: account(args, config)?,
        authorities: config
            .ssl_ca
            .as_deref()
            .map(|path| content(path, "ssl_ca", MOST_CERTIFICATES))
            .transpose()?,
        trusts_anybody: config.allow_unverified,
    })
}

/// A dump that is named and not there is a slip of the pen: the audit would go on without a database, and
/// pass. One that cannot be read is unknown, with the reason.
fn dump(args: &ObserveArgs, config: &Database) -> Result<Option<PathBuf>, Failure> {
    let named = match (&args.db_dump, &config.dump) {
        (Some(path), _) => Some(("--db-dump", path)),
        (None, Some(path)) => Some(("[database] dump", path)),
        (None, None) => None,
    };
    let Some((key, path)) = named else {
        return Ok(None);
    };
    let path = from_here(path)?;
    if matches!(Host::default().stat(&path), Ok(None)) {
        let shown = path.display();
        return Err(wrong(&format!("{key} {shown}: there is no such file")));
    }
    Ok(Some(path))
}

fn account(
    args: &ObserveArgs,
    config: &Database,
) -> Result<Option<(String, Arc<Secret>)>, Failure> {
    let Some(user) = &config.user else {
        if args.ask_db_password || config.password_file.is_some() {
            return Err(wrong(
                "a password for the database is given, and no account: name it as [database] user",
            ));
        }
        return Ok(None);
    };
    let password = match &config.password_file {
        _ if args.offline => Secret::new(b""),
        _ if args.ask_db_password => asked(user, "--ask-db-password")?,
        Some(path) => from_file(path)?,
        // An account that the socket identifies has none.
        None => Secret::new(b""),
    };
    Ok(Some((user.clone(), Arc::new(password))))
}

/// The account that may change the database: typed, or the settings'; none for root over the socket.
///
/// # Errors
/// Why its password cannot be had.
pub(super) fn admin(
    typed: Option<&str>,
    config: &Database,
) -> Result<Option<(String, Arc<Secret>)>, Failure> {
    if let Some(user) = typed {
        return Ok(Some((
            user.to_owned(),
            Arc::new(asked(user, "--db-admin")?),
        )));
    }
    let Some(user) = &config.fix_user else {
        return match &config.fix_password_file {
            Some(_) => Err(wrong(
                "[database] fix_password_file is given, and no fix_user that it belongs to",
            )),
            None => Ok(None),
        };
    };
    let password = match &config.fix_password_file {
        Some(path) => from_file(path)?,
        None => Secret::new(b""),
    };
    Ok(Some((user.clone(), Arc::new(password))))
}

/// A password from the terminal.
fn asked(user: &str, flag: &str) -> Result<Secret, Failure> {
    let typed = rpassword::prompt_password(format!(
        "Password of the database account {}: ",
        crate::report::escape(user)
    ));
    let typed = typed.map_err(|error| wrong(&format!("{flag}: {error}")))?;
    Ok(Secret::new(Zeroizing::new(typed).as_bytes()))
}

/// The file's first line, so that an editor's line end does not count.
fn from_file(path: &Path) -> Result<Secret, Failure> {
    let shown = path.display();
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let looker = Looker::based(PathBuf::from("/"));
    trust::only_ours(&looker, &full)?;
    trust::only_we_read(&looker, &full)?;
    let text = Zeroizing::new(content(path, "password_file", LONGEST_PASSWORD)?);
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first = first.strip_suffix(b"\r").unwrap_or(first);
    if first.is_empty() {
        return Err(wrong(&format!("[database] password_file {shown} is empty")));
    }
    Ok(Secret::new(first))
}

fn content(path: &Path, key: &str, limit: usize) -> Result<Vec<u8>, Failure> {
    Host::default().read_file(path, limit)?.ok_or_else(|| {
        wrong(&format!(
            "[database] {key} {}: there is no such file",
            path.display()
        ))
    })
}

fn wrong(message: &str) -> Failure {
    Failure::Message(message.to_owned())
}
