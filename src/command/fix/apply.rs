//! Carrying a plan out: one question, then deed after deed with a word about each on standard error,
//! then the same audit again and what became of it.

use super::{Audit, Choice};
use crate::check::StepKind;
use crate::cli::{FixArgs, PlanFormat};
use crate::command::audit;
use crate::command::database::admin;
use crate::command::settings::Settings;
use crate::command::{Failure, print, terminal};
use crate::fix::{Action, Plan, line, quote};
use crate::host::Host;
use crate::mend::{self, Admin, Database, Told, Why, World};
use crate::report::{diff, diff_text, escape};
use crate::target::{Target, Wishes};
use jiff::Timestamp;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;

/// Where journals go.
const JOURNALS: &str = "/var/lib/deskguard/journals";

/// Refuses what cannot end well, before anything is looked at.
///
/// # Errors
/// Why it cannot be carried out.
pub(super) fn check(args: &FixArgs) -> Result<(), Failure> {
    if args.format != PlanFormat::Text {
        return Err(Failure::Message(
            "--apply speaks to people: leave --format out".to_owned(),
        ));
    }
    if !rustix::process::geteuid().is_root() {
        return Err(Failure::Message(
            "--apply: only root can change owners, modes and servers: run it with sudo".to_owned(),
        ));
    }
    if !args.yes && !std::io::stdin().is_terminal() {
        return Err(Failure::Message(
            "--apply asks before it changes anything, and here is no terminal to answer on: add --yes if you have read the plan"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Asks, carries out, audits again.
///
/// # Errors
/// That nobody agreed, or why nothing can be said of the outcome.
pub(super) fn run(
    args: &FixArgs,
    settings: &Settings,
    choice: &Choice,
    before: &Audit,
    plan: &Plan,
) -> Result<u8, Failure> {
    let deeds = plan.actions().count();
    if deeds == 0 {
        print("Nothing of this can be carried out: what is left takes a person.\n")?;
        return Ok(before.exit(args, settings, choice).code);
    }
    let now = Timestamp::now();
    let journal = args
        .journal
        .clone()
        .unwrap_or_else(|| PathBuf::from(JOURNALS).join(now.strftime("%Y%m%d-%H%M%S").to_string()));
    let journal = std::path::absolute(&journal)
        .map_err(|error| format!("--journal {}: {error}", journal.display()))?;
    if !args.yes && !agreed(deeds)? {
        return Err(Failure::Message(
            "nobody said yes: nothing was changed".to_owned(),
        ));
    }
    let host = Host::default();
    let install = PathBuf::from(&before.report.target.root);
    let mut world = World::new(&host, install, &super::rfc3339(now));
    if plan
        .actions()
        .any(|it| matches!(it, Action::Sql(_) | Action::OwnLogin { .. }))
    {
        let wishes = audit::wishes(&choice.observed(args), &settings.config)?;
        world.database = database(args, settings, &wishes)?;
    }
    let named = quote(StepKind::Shell, &journal.display().to_string());
    let undo = format!(
        "deskguard fix --undo {}",
        named.unwrap_or_else(|_| journal.display().to_string())
    );
    let _ = writeln!(
        std::io::stderr().lock(),
        "Journal: {}",
        escape(&journal.display().to_string())
    );
    let done = mend::apply(&mut world, plan, &journal, &mut |told| tell(&told));
    if let Err(surprise) = &done
        && surprise.kind == Why::Unbegun
    {
        return Err(Failure::Message(format!(
            "--apply: {surprise}: nothing was changed"
        )));
    }
    // From here on a reader that is gone, or a full disk, changes nothing of how it ended.
    let stopped = match &done {
        Ok(applied) => {
            let changes = match applied.changes {
                0 => "nothing had to be changed".to_owned(),
                1 => "1 change was made".to_owned(),
                many => format!("{many} changes were made"),
            };
            let _ = print(&format!(
                "\n{} deeds are carried out, {changes}. To take them back:\n  {}\n\n",
                applied.deeds,
                escape(&undo)
            ));
            false
        }
        Err(surprise) => {
            let _ = print(&format!(
                "\nStopped: {}.\nNothing was changed after that. What was done before can be taken back:\n  {}\n\n",
                escape(&surprise.to_string()),
                escape(&undo)
            ));
            true
        }
    };
    // Everything is looked at again, not only what was to be mended.
    let after = Audit::new(args, settings, choice)?;
    let difference = diff(&before.report, &after.report);
    let _ = print(&diff_text(&difference, &terminal::options(args.look)));
    let exit = after.exit(args, settings, choice);
    let _ = print(&format!("  Exit {}: {}\n", exit.code, exit.reason));
    Ok(if stopped { 1 } else { exit.code })
}

/// The way to the database, by the account that may change it.
///
/// # Errors
/// Why there is none.
pub(super) fn database(
    args: &FixArgs,
    settings: &Settings,
    wishes: &Wishes,
) -> Result<Database, Failure> {
    let host = Host::default();
    let named = admin(args.db_admin.as_deref(), &settings.config.database)?;
    let target = Target::find(&host, wishes)?;
    Ok(Database::of(Admin::find(
        &host,
        &target,
        &wishes.database,
        named,
    )?))
}

/// One question, of which only `yes` is a yes.
fn agreed(deeds: usize) -> Result<bool, Failure> {
    let unreadable = |error: std::io::Error| Failure::Message(format!("no answer: {error}"));
    let mut stderr = std::io::stderr().lock();
    let things = if deeds == 1 {
        "this deed".to_owned()
    } else {
        format!("these {deeds} deeds")
    };
    write!(stderr, "Carry {things} out on this host? Type yes: ").map_err(unreadable)?;
    stderr.flush().map_err(unreadable)?;
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(unreadable)?;
    Ok(answer.trim() == "yes")
}

/// A word about what happens, as it happens. That nobody reads it stops nothing.
pub(super) fn tell(told: &Told<'_>) {
    let text = match told {
        Told::Deed(number, of, action) => {
            let spelled = line(action).unwrap_or_default();
            let first = spelled.lines().next().unwrap_or_default();
            format!("{number}/{of} {first}")
        }
        Told::Changed(_) => return,
        Told::Gone(change) => format!("    not there any more: {}", change.says()),
        Told::Left(change, surprise) => format!("    left alone: {}: {surprise}", change.says()),
        Told::Says(sentence) => format!("    {sentence}"),
    };
    let _ = writeln!(std::io::stderr().lock(), "{}", escape(&text));
}
