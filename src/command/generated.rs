//! `deskguard man` and `deskguard completions`: both generated from the command line's own
//! description, so that they cannot lag behind it.

use super::{Failure, print_bytes, replace};
use crate::cli::{Cli, CompletionsArgs, ManArgs};
use clap::CommandFactory as _;

/// One manual page, or all of them into a folder.
pub(super) fn man(args: &ManArgs) -> Result<u8, Failure> {
    let cli = Cli::command();
    if let Some(folder) = &args.output {
        for (name, page) in pages(&cli)? {
            let path = folder.join(format!("{name}.1"));
            replace::write(&path, &page)
                .map_err(|problem| format!("{}: {problem}", path.display()))?;
        }
        return Ok(0);
    }
    let wanted = args.command.as_ref().map_or_else(
        || "deskguard".to_owned(),
        |command| format!("deskguard-{command}"),
    );
    let pages = pages(&cli)?;
    let page = pages.iter().find(|(name, _)| *name == wanted);
    let (_, page) = page.ok_or_else(|| {
        let commands: Vec<&str> = cli.get_subcommands().map(clap::Command::get_name).collect();
        format!(
            "there is no command of this name; the commands are {}",
            commands.join(", ")
        )
    })?;
    print_bytes(page)?;
    Ok(0)
}

fn pages(cli: &clap::Command) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut pages = Vec::new();
    let mut cli = cli.clone().disable_help_subcommand(true);
    cli.build();
    let mut add = |command: clap::Command, name: String| {
        let mut page = Vec::new();
        clap_mangen::Man::new(command)
            .render(&mut page)
            .map_err(|error| format!("{name}: the page cannot be made: {error}"))?;
        pages.push((name, page));
        Ok::<(), String>(())
    };
    add(cli.clone(), "deskguard".to_owned())?;
    for command in cli.get_subcommands() {
        let name = format!("deskguard-{}", command.get_name());
        add(command.clone(), name)?;
    }
    Ok(pages)
}

/// A completion script.
pub(super) fn completions(args: &CompletionsArgs) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "deskguard", &mut script);
    print_bytes(&script)?;
    Ok(0)
}
