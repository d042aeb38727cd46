//! What may be typed after `deskguard completions` and `deskguard man`.

use clap::Args;
use std::path::PathBuf;

/// `deskguard completions`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskguard completions bash > /etc/bash_completion.d/deskguard
  deskguard completions zsh > /usr/local/share/zsh/site-functions/_deskguard
  deskguard completions fish > ~/.config/fish/completions/deskguard.fish")]
pub struct CompletionsArgs {
    /// Which shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `deskguard man`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskguard man | man -l -                         the program
  deskguard man audit | man -l -                   one of its commands
  deskguard man --output /usr/local/share/man/man1")]
pub struct ManArgs {
    /// The command that the page is about
    pub command: Option<String>,
    /// Write all pages into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub output: Option<PathBuf>,
}
