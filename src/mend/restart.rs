//! The database server started anew by the service that runs it. It is done when the server answers again
//! and lets the product's account in. Refuses to begin where nobody is sure that it is the product's server,
//! that it would read what was written for it, or what would start it.

use super::database::refused;
use super::{Surprise, World, program};
use crate::host::{Looker, trust};
use crate::sql::variables;
use crate::target::database_server::{DatabaseProcess, database_process};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A large server takes minutes to write down what it holds in memory.
const LONGEST_RESTART: Duration = Duration::from_secs(600);
/// How long it may take to answer after that; a server that was stopped hard repairs its tables first.
const LONGEST_START: Duration = Duration::from_secs(120);
/// Where its service says that it failed, there is less to hope for.
const LONGEST_HOPE: Duration = Duration::from_secs(10);
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// How starting it anew went wrong.
pub(super) enum Failed {
    /// It was not stopped.
    Before(Surprise),
    /// It was, and is not back as it should be; what it takes to try once more.
    Gone(Surprise, Way),
}

impl Failed {
    pub(super) fn surprise(self) -> Surprise {
        match self {
            Self::Before(surprise) | Self::Gone(surprise, _) => surprise,
        }
    }
}

/// How the server is started, and what is asked of it then.
pub(super) struct Way {
    pub(super) service: String,
    /// The process that must be gone, and when it started.
    pub(super) old: Option<(u32, u64)>,
    /// Whether the product's account was let in before.
    pub(super) let_in: bool,
}

/// Starts it anew, by this service where one is planned. `files` are those that were written for it; what
/// a person should know is told.
pub(super) fn restart(
    world: &mut World<'_>,
    planned: Option<&str>,
    files: &BTreeSet<PathBuf>,
) -> Result<(), Failed> {
    let process = process(world).map_err(Failed::Before)?;
    let service = process.service.clone().map_err(|why| {
        let surprise = Surprise::new(format!("the database server is not started anew: {why}"));
        Failed::Before(surprise.remedy("start it anew by hand"))
    })?;
    if planned.is_some_and(|planned| planned != service) {
        let text = format!("the database server now runs as {service}");
        return Err(Failed::Before(Surprise::new(text).remedy("audit again")));
    }
    would_read(world, &process, files).map_err(Failed::Before)?;
    let way = Way {
        service,
        old: Some((process.pid, process.started)),
        let_in: world.database.lets_product_in().is_ok(),
    };
    match start(world, &way, files) {
        Ok(()) => Ok(()),
        Err(surprise) => Err(Failed::Gone(surprise, way)),
    }
}

/// Starts it, whether it runs or not, and waits until it answers.
pub(super) fn start(
    world: &mut World<'_>,
    way: &Way,
    files: &BTreeSet<PathBuf>,
) -> Result<(), Surprise> {
    let service = &way.service;
    world.database.hang_up();
    let begun = if service.ends_with(".service") {
        program::carry_out("systemctl", &["restart", service], LONGEST_RESTART)
    } else {
        program::carry_out("service", &[service, "restart"], LONGEST_RESTART)
    };
    let patience = match begun {
        Ok(()) => LONGEST_START,
        Err(_) => LONGEST_HOPE,
    };
    let until = Instant::now() + patience;
    let wrong = loop {
        match is_back(world, way) {
            Ok(()) => break differs(world, files).unwrap_or_else(|why| Some(why.to_string())),
            Err(why) if Instant::now() > until => break Some(why.to_string()),
            Err(_) => std::thread::sleep(BETWEEN_LOOKS),
        }
    };
    if let Some(wrong) = wrong {
        let text = format!("{service} was started anew, and is not as it should be: {wrong}");
        return Err(Surprise::new(text).remedy("look into its error log"));
    }
    let whom = if way.let_in {
        "and lets the helpdesk's account in"
    } else {
        "and answers"
    };
    let text = format!("{service} was started anew, {whom}.");
    world.says.push(text);
    Ok(())
}

/// The process that listens where the product connects to.
pub(super) fn process(world: &World<'_>) -> Result<DatabaseProcess, Surprise> {
    let place = world.database.product()?;
    database_process(world.host, &place).map_err(|why| {
        let text = format!("the database server is not started anew: {why}");
        Surprise::new(text).remedy("start it anew by hand")
    })
}

/// Whether another process answers in its place, and lets in whom the first one let in.
fn is_back(world: &mut World<'_>, way: &Way) -> Result<(), Surprise> {
    let place = world.database.product()?;
    let new = database_process(world.host, &place).map_err(Surprise::new)?;
    if way.old == Some((new.pid, new.started)) {
        return Err(Surprise::new("it still is the same process"));
    }
    if way.let_in {
        world.database.lets_product_in()
    } else {
        world.writer().map(drop)
    }
}

/// The program says what it would be started with: what was written for it must count there.
fn would_read(
    world: &World<'_>,
    process: &DatabaseProcess,
    files: &BTreeSet<PathBuf>,
) -> Result<(), Surprise> {
    let exe = &process.exe;
    trust::only_ours(&Looker::based(PathBuf::from("/")), exe)
        .map_err(|why| Surprise::new(format!("the database server is not started anew: {why}")))?;
    let mut arguments: Vec<&str> = process.args.iter().skip(1).map(String::as_str).collect();
    // Only these say what is read, and only before all others.
    arguments.retain(|it| it.starts_with("--defaults") || *it == "--no-defaults");
    arguments.push("--print-defaults");
    let said = program::run_at(exe, &arguments)?;
    for (file, key, value) in written(world, files)? {
        if counting(&said, &key) != Some(&value) {
            return Err(Surprise::new(format!(
                "{} would not read {key} from {}",
                exe.display(),
                file.display()
            ))
            .remedy("write it by hand where the server reads it"));
        }
    }
    Ok(())
}

/// How the running server differs from what is written for it, a clause.
pub(super) fn differs(
    world: &mut World<'_>,
    files: &BTreeSet<PathBuf>,
) -> Result<Option<String>, Surprise> {
    for (file, key, value) in written(world, files)? {
        let name = key.replace('-', "_");
        let look = variables::look(&name).map_err(Surprise::new)?;
        let answer = world.writer()?.send(&look).map_err(refused(&name))?;
        let now = answer.rows.first().map(|row| row.maybe_text("value"));
        let now = now.transpose().map_err(Surprise::new)?.flatten();
        let now = now.unwrap_or_else(|| "NULL".to_owned());
        // The server writes a folder with a slash at its end.
        if now.trim_end_matches('/') != value.trim_end_matches('/') {
            return Ok(Some(format!(
                "{name} is {now}, and not {value} as in {}",
                file.display()
            )));
        }
    }
    Ok(None)
}

/// File, option and value of each line of these files.
fn written(
    world: &World<'_>,
    files: &BTreeSet<PathBuf>,
) -> Result<Vec<(PathBuf, String, String)>, Surprise> {
    let mut all = Vec::new();
    for file in files {
        let text = world
            .host
            .read_file(file, 64 << 10)
            .map_err(Surprise::new)?;
        let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let pairs = lines.filter_map(|line| line.split_once('='));
        all.extend(
            pairs
                .map(|(key, value)| (file.clone(), key.trim().to_owned(), value.trim().to_owned())),
        );
    }
    Ok(all)
}

/// The value that an option has at last in `--print-defaults`.
fn counting<'a>(said: &'a str, key: &str) -> Option<&'a str> {
    let plain = |name: &str| name.replace('-', "_");
    let options = said.split_whitespace().rev();
    options
        .filter_map(|option| option.strip_prefix("--")?.split_once('='))
        .find(|(name, _)| plain(name) == plain(key))
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_counts() {
        let said = "mariadbd would have been started with the following arguments:\n--bind-address=0.0.0.0 --local_infile=1 --bind_address=127.0.0.1 \n";
        assert_eq!(counting(said, "bind-address"), Some("127.0.0.1"));
        assert_eq!(counting(said, "local-infile"), Some("1"));
        assert_eq!(counting(said, "secure_file_priv"), None);
    }
}
