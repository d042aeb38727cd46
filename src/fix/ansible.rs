//! A plan as an Ansible playbook: the same deeds as tasks that say whether they changed anything. Every
//! value is quoted here for YAML, for Jinja, for Python's expressions and for the shell; refuses to
//! write a secret, and says in a comment what is left to a person.

mod acl;

mod replacement;

use super::action::{Action, Server};
use super::edit::Hunk;
use super::plan::{ByHand, Plan, Planned};
use super::quote::quote;
use super::shell;
use crate::check::StepKind;
use crate::sql::{Deed, Spelled};
use replacement::replacement;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Edits lines by an expression.
const REPLACE: &str = "ansible.builtin.replace";

/// Moves `$entry` into `$into`, with a number behind its name where that is taken, and sees that it went.
const PUT_AWAY: &str = r#"install -d -m 0700 -o root -g root -- "$into" && name=${entry##*/} place=$into/${entry##*/} number=1 && while [ -e "$place" ] || [ -L "$place" ]; do number=$((number + 1)); [ "$(printf %s "$name" | wc -c)" -lt 250 ] || name=${name%??????}; place=$into/$name.$number; done && mv -n -T -- "$entry" "$place" && [ ! -e "$entry" ] && [ ! -L "$entry" ]"#;

/// What the deeds that edit files do to lines, by the deed's place in the plan.
pub type Edits = BTreeMap<usize, Result<Vec<Hunk>, String>>;

/// The servers that take up what is changed, each with the deed that lets it.
type Reloads<'a> = BTreeMap<Server, &'a Action>;

/// The playbook. `about` is a sentence for its head: which install, when, by whom.
#[must_use]
pub fn playbook(plan: &Plan, edits: &Edits, about: &str) -> String {
    let mut out = format!(
        "---\n{}# ansible-playbook --check --diff -i INVENTORY THIS-FILE shows what it would change.\n",
        comment("", about)
    );
    for hand in &plan.by_hand {
        out.push_str(&by_hand(hand));
    }
    let servers: Reloads<'_> = plan
        .actions()
        .filter_map(|action| match action {
            // What no service starts anew is left to a person.
            Action::Reload {
                server: Server::Database,
                service: None,
            } => None,
            Action::Reload { server, .. } => Some((*server, action)),
            _ => None,
        })
        .collect();
    out.push_str("- name: Harden the helpdesk\n  hosts: \"{{ helpdesk | default('helpdesk') }}\"\n  become: true\n  gather_facts: false\n  tasks:\n");
    let mut number = 0;
    for step in &plan.steps {
        let _ = write!(out, "\n{}", comment("    ", &heading(step)));
        for note in &step.notes {
            out.push_str(&comment("    ", &note.text));
        }
        let mut noted: Option<&str> = None;
        for (place, action) in step.actions.iter().enumerate() {
            let hunks = edits.get(&number);
            number += 1;
            match tasks(action, hunks, &servers) {
                Ok(tasks) => {
                    if let Some(path) = acl::edited(action).filter(|it| noted != Some(*it)) {
                        out.push_str(&acl::noted(path));
                        noted = Some(path);
                    }
                    tasks.iter().for_each(|it| it.write(&mut out, step));
                }
                Err(why) => {
                    out.push_str(&comment(
                        "    ",
                        &format!("Left to `deskguard fix --apply`: {why}."),
                    ));
                }
            }
            let next = step.actions.get(place + 1).and_then(acl::edited);
            if let Some(path) = noted.filter(|it| next != Some(*it)) {
                out.push_str(&acl::given_back(path));
                noted = None;
            }
        }
    }
    if number == 0 {
        out.push_str("    []\n");
    }
    out.push_str(&handlers(&servers));
    out
}

fn heading(step: &Planned) -> String {
    let checks: Vec<&str> = step.checks().into_iter().collect();
    format!("{} ({})", step.title, checks.join(", "))
}

fn by_hand(hand: &ByHand) -> String {
    let checks: Vec<&str> = hand.checks.iter().map(String::as_str).collect();
    comment(
        "",
        &format!("By hand ({}):\n{}", checks.join(", "), hand.run),
    )
}

/// Lines of comment; what could end one is not printed as it is.
fn comment(margin: &str, text: &str) -> String {
    let mut out = String::new();
    for line in text.trim_end().lines() {
        let shown = quote(StepKind::Manual, &line.replace('\t', "    "));
        let shown = shown.unwrap_or_else(|_| line.escape_debug().to_string());
        let _ = writeln!(out, "{}", format!("{margin}# {shown}").trim_end());
    }
    out
}

/// One task, or handler.
struct Task {
    module: &'static str,
    arguments: Value,
    /// Whether it changed something: an expression of Jinja's over `it`.
    changed: Option<&'static str>,
    notify: Option<String>,
    what: String,
}

impl Task {
    const fn new(module: &'static str, what: String, arguments: Value) -> Self {
        Self {
            module,
            arguments,
            changed: None,
            notify: None,
            what,
        }
    }

    /// A line of shell that prints something where it changed something.
    fn telling(what: String, line: &str) -> Self {
        Self {
            changed: Some("it.stdout != ''"),
            ..Self::new("ansible.builtin.shell", what, json!({ "cmd": line }))
        }
    }

    fn write(&self, out: &mut String, step: &Planned) {
        let name = match self.module {
            REPLACE => self.what.clone(),
            _ => format!("{}: {}", step.title, self.what),
        };
        let _ = writeln!(out, "    - name: {}", scalar(&Value::String(name)));
        let _ = writeln!(out, "      {}:", self.module);
        for (key, value) in self.arguments.as_object().into_iter().flatten() {
            let _ = writeln!(out, "        {key}: {}", scalar(value));
        }
        if let Some(changed) = self.changed {
            let _ = writeln!(out, "      register: it\n      changed_when: {changed}");
        }
        if let Some(notify) = &self.notify {
            let _ = writeln!(out, "      notify: {notify}");
        }
    }
}

/// A value in YAML, which takes JSON's; nothing in it is a template for Jinja.
fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) if ["{{", "{%", "{#"].iter().any(|it| text.contains(it)) => {
            format!("!unsafe {value}")
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(scalar).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

fn tasks(
    action: &Action,
    hunks: Option<&Result<Vec<Hunk>, String>>,
    servers: &Reloads<'_>,
) -> Result<Vec<Task>, String> {
    if let Some(hunks) = hunks {
        return edit(action, hunks.as_ref().map_err(Clone::clone)?, servers);
    }
    plain(action)?;
    // Whatever a script could not say, a playbook does not say either.
    let commands = shell::commands(action)?.unwrap_or_default();
    Ok(match action {
        Action::Reload {
            server: Server::Database,
            service: None,
        } => vec![Task::new(
            "ansible.builtin.debug",
            "the database server".to_owned(),
            json!({ "msg": "Start the database server anew, when it suits the helpdesk's users." }),
        )],
        Action::Reload { .. } => Vec::new(),
        Action::Sql(deed) => vec![statements(deed)?],
        Action::OwnLogin { .. } => {
            return Err("it makes a password, which stands in no playbook".to_owned());
        }
        Action::StripAcl { path } | Action::GrantAcl { path, .. } => {
            let shown = format!("getfacl -cp -- {}", shell::absolute(path)?);
            vec![Task::telling(
                path.clone(),
                &format!(
                    "before=$({shown}); {} && [ \"$before\" = \"$({shown})\" ] || echo changed",
                    commands.join(" && ")
                ),
            )]
        }
        Action::CloseTree { path, .. } => commands
            .iter()
            .map(|walk| Task::telling(path.clone(), &format!("{walk} -print")))
            .collect(),
        Action::Write { server, .. } => {
            let mut task = with_module(action)?;
            task.notify = notified(*server, servers);
            vec![task]
        }
        _ => vec![with_module(action)?],
    })
}

/// Who runs PHP by a file of its configuration: Apache's module has files of its own with the
/// distributions, and reads PHP-FPM's nowhere.
fn php(path: &str, servers: &Reloads<'_>) -> Option<Server> {
    let mut order = [Server::PhpFpm, Server::Apache];
    if path.contains("/apache2/") {
        order.reverse();
    }
    order.into_iter().find(|it| servers.contains_key(it))
}

fn notified(server: Option<Server>, servers: &Reloads<'_>) -> Option<String> {
    server.filter(|it| servers.contains_key(it)).map(handler)
}

/// Deeds for which Ansible has a module.
fn with_module(action: &Action) -> Result<Task, String> {
    let file = |path: &String, arguments: Value| {
        Task::new("ansible.builtin.file", path.clone(), arguments)
    };
    let command = |path: &String, arguments: Value| {
        Task::new("ansible.builtin.command", path.clone(), arguments)
    };
    Ok(match action {
        Action::Own { path, user, group } => {
            let mut whose = json!({ "path": path, "owner": user, "follow": false });
            if let (Some(group), Some(fields)) = (group, whose.as_object_mut()) {
                fields.insert("group".to_owned(), json!(group));
            }
            file(path, whose)
        }
        Action::Mode { path, mode } => {
            file(path, json!({ "path": path, "mode": mode, "follow": false }))
        }
        Action::Directory {
            path,
            user,
            group,
            mode,
        } => file(
            path,
            json!({ "path": path, "state": "directory", "owner": user, "group": group, "mode": mode }),
        ),
        Action::Write {
            path,
            content,
            mode,
            ..
        } => Task::new(
            "ansible.builtin.copy",
            path.clone(),
            json!({ "dest": path, "content": content, "owner": "root", "group": "root", "mode": mode }),
        ),
        Action::PutAway { path, into } => {
            let (entry, into) = (shell::absolute(path)?, shell::absolute(into)?);
            Task::new(
                "ansible.builtin.shell",
                path.clone(),
                json!({ "cmd": format!("entry={entry} into={into}; {PUT_AWAY}"), "removes": literal(path) }),
            )
        }
        Action::Unlink { path } => command(
            path,
            json!({ "argv": ["rm", "-f", "--", path], "removes": literal(path) }),
        ),
        Action::MoveTree { path, to } => {
            // A place that is taken must not pass: what comes next takes the data to be there.
            let (from, place) = (shell::absolute(path)?, shell::absolute(to)?);
            Task::new(
                "ansible.builtin.shell",
                path.clone(),
                json!({
                    "cmd": format!("[ ! -e {place} ] && [ ! -L {place} ] && mv -n -T -- {from} {place}"),
                    "removes": literal(path),
                }),
            )
        }
        Action::Account { user } => Task::new(
            "ansible.builtin.user",
            user.clone(),
            json!({ "name": user, "system": true, "create_home": false, "home": "/nonexistent", "shell": "/usr/sbin/nologin" }),
        ),
        _ => return Err("there is no task for this deed".to_owned()),
    })
}

/// Refuses paths in which Ansible's modules would put a variable of the environment (os.path.expandvars
/// of Python's, which nothing escapes).
fn plain(action: &Action) -> Result<(), String> {
    let paths = match action {
        // These are the shell's, which is told that it is no variable.
        Action::StripAcl { .. } | Action::GrantAcl { .. } | Action::CloseTree { .. } => vec![],
        Action::Sql(_) | Action::OwnLogin { .. } | Action::Account { .. } => vec![],
        Action::MoveTree { path, to } => vec![path.clone(), to.clone()],
        other => super::order::touches(other),
    };
    match paths.iter().find(|path| path.contains('$')) {
        Some(_) => Err("Ansible reads `$` in a path as a variable".to_owned()),
        None => Ok(()),
    }
}

/// A path that `creates` and `removes`, which take patterns, read as itself.
fn literal(path: &str) -> String {
    let mut literal = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '*' | '?' | '[' => literal.extend(['[', c, ']']),
            c => literal.push(c),
        }
    }
    literal
}

/// Statements that run where something is pending.
fn statements(deed: &Deed) -> Result<Task, String> {
    let spelled = Spelled::of(deed)?;
    let random = match deed {
        Deed::RandomSetting { length, .. } => {
            format!("SET @random = '$(openssl rand -hex 32 | cut -c 1-{length})'; ")
        }
        _ => String::new(),
    };
    let sql = quote(StepKind::Shell, &spelled.statements.join("; "))?;
    let run = format!("\"$client\" -e \"{random}\"{sql} && echo changed");
    let client = "client=$(command -v mariadb || command -v mysql) &&";
    let line = match &spelled.pending {
        Some(pending) => format!(
            "{client} pending=$(\"$client\" -N -e {}) && {{ [ \"$pending\" = 0 ] || {{ {run}; }}; }}",
            quote(StepKind::Shell, pending)?
        ),
        None => format!("{client} {run}"),
    };
    Ok(Task::telling("the database".to_owned(), &line))
}

/// An edit as replacements that find their lines by number and by what stands there.
fn edit(action: &Action, hunks: &[Hunk], servers: &Reloads<'_>) -> Result<Vec<Task>, String> {
    let path = super::edit::edits(action).unwrap_or_default();
    quote(StepKind::Shell, path)?;
    plain(action)?;
    let server = match action {
        Action::Snippet { server, .. } | Action::Line { server, .. } => Some(*server),
        Action::Ini { path, .. } => php(path, servers),
        _ => None,
    };
    let each = hunks.iter().map(|hunk| {
        let (find, put) = replacement(hunk);
        Task {
            notify: notified(server, servers),
            ..Task::new(
                REPLACE,
                format!("{path}:{}", hunk.line),
                json!({ "path": path, "regexp": find, "replace": put }),
            )
        }
    });
    Ok(each.collect())
}

/// Every PHP-FPM that runs as a service; distributions have its version in the name.
const RELOAD_PHP_FPM: &str = "set -e; for program in /usr/sbin/php-fpm*; do [ -x \"$program\" ] || continue; unit=\"php${program##*/php-fpm}-fpm\"; if [ -d /run/systemd/system ]; then if systemctl --quiet is-active \"$unit\"; then \"$program\" -t; systemctl reload \"$unit\"; fi; elif service \"$unit\" status >/dev/null 2>&1; then \"$program\" -t; service \"$unit\" reload; fi; done";

fn handler(server: Server) -> String {
    format!("Reload {}", shell::called(server))
}

fn handlers(servers: &Reloads<'_>) -> String {
    let mut out = String::new();
    for (server, reload) in servers {
        let commands = if *server == Server::PhpFpm {
            RELOAD_PHP_FPM.to_owned()
        } else {
            let commands = shell::commands(reload);
            commands.ok().flatten().unwrap_or_default().join(" && ")
        };
        if out.is_empty() {
            out.push_str("\n  handlers:\n");
        }
        let _ = writeln!(
            out,
            "    - name: {}\n      ansible.builtin.shell:\n        cmd: {}",
            handler(*server),
            Value::String(commands)
        );
    }
    out
}
