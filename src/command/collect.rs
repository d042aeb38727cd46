//! `deskguard collect`: the facts of a host, to be judged elsewhere. What is written is what
//! conditions would have seen; secrets are not in it, because facts have no room for them.

use super::audit::wishes;
use super::settings::Settings;
use super::{Failure, print_bytes, replace};
use crate::audit::observe;
use crate::cli::CollectArgs;
use crate::evidence::{compressed, plain};
use crate::host::Host;
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

pub(super) fn run(args: &CollectArgs) -> Result<u8, Failure> {
    let settings = Settings::read(args.config.as_deref())?;
    match &args.output {
        Some(path) => replace::check(path)
            .map_err(|problem| format!("--output {}: {problem}", path.display()))?,
        None if !args.plain && std::io::stdout().is_terminal() => {
            return Err(Failure::Message(
                "compressed facts are nothing for a terminal: name a file with --output, or say --plain"
                    .to_owned(),
            ));
        }
        None => {}
    }
    let now = jiff::Timestamp::now();
    let deadline = Instant::now().checked_add(Duration::from_secs(args.observe.timeout));
    let wishes = wishes(&args.observe, &settings.config)?;
    let facts = observe(&Host::default(), &wishes, deadline)?;
    settings.outside_of(&facts.target.root)?;
    let collected = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let bytes = if args.plain {
        plain(&facts, &collected)
    } else {
        compressed(&facts, &collected).map_err(|error| error.to_string())?
    };
    match &args.output {
        Some(path) => replace::write(path, &bytes).map_err(|problem| {
            format!("{}: the facts cannot be written: {problem}", path.display())
        })?,
        None => print_bytes(&bytes)?,
    }
    Ok(0)
}
