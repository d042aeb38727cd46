//! Commands that run another command: who the inner one runs as, and what it is.
//! Refuses to guess: a wrapper that is not in the list is a command of its own.

/// What a wrapper runs.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Inner {
    /// Another command, as words.
    Words(Vec<String>),
    /// A text for a shell.
    Text(String),
}

/// A wrapper taken off.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unwrapped {
    /// The account that the wrapper changes to.
    pub(super) user: Option<String>,
    /// The directory that the wrapper changes to.
    pub(super) directory: Option<String>,
    pub(super) inner: Inner,
}

/// Options that take a value as the next word, by wrapper; all others are taken to have none.
const VALUED: &[(&str, &[&str])] = &[
    (
        "sudo",
        &[
            "-u", "-g", "-h", "-p", "-C", "-r", "-t", "-D", "-R", "-T", "-U", "--user", "--group",
            "--chdir",
        ],
    ),
    ("doas", &["-u", "-C"]),
    (
        "setpriv",
        &[
            "--reuid",
            "--regid",
            "--groups",
            "--ruid",
            "--euid",
            "--inh-caps",
            "--bounding-set",
        ],
    ),
    (
        "flock",
        &["-w", "-E", "--timeout", "--wait", "--conflict-exit-code"],
    ),
    ("timeout", &["-k", "-s", "--kill-after", "--signal"]),
    ("nice", &["-n", "--adjustment"]),
    ("ionice", &["-c", "-n", "-t", "--class", "--classdata"]),
    ("chrt", &["-T", "-P", "-D"]),
    ("env", &["-u", "--unset", "-C", "--chdir", "-S"]),
    ("systemd-cat", &["-t", "-p", "--identifier", "--priority"]),
    (
        "systemd-run",
        &["-u", "-p", "--unit", "--property", "--uid", "--gid"],
    ),
    ("stdbuf", &["-i", "-o", "-e"]),
    ("chpst", &["-u", "-U", "-e", "-n", "-l", "-L"]),
    ("time", &["-o", "-f"]),
    ("exec", &["-a"]),
    (
        "start-stop-daemon",
        &["-c", "--chuid", "-d", "--chdir", "-p", "--pidfile"],
    ),
    ("nohup", &[]),
    ("setsid", &[]),
    ("command", &[]),
    ("chronic", &[]),
    ("cronic", &[]),
];
/// Options that name the account.
const USER: &[&str] = &["-u", "--user", "--reuid", "--euid", "--uid", "--chuid"];
const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "zsh", "ksh"];
const KEYWORDS: &[&str] = &[
    "do", "then", "else", "elif", "if", "while", "until", "!", "{", "time",
];

/// The last part of a path.
pub(super) fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Takes the outermost wrapper off, if there is one.
pub(super) fn unwrap(words: &[String]) -> Option<Unwrapped> {
    let (first, rest) = words.split_first()?;
    let name = base(first);
    if KEYWORDS.contains(&first.as_str()) || is_assignment(first) {
        return Some(plain(rest.to_vec()));
    }
    if SHELLS.contains(&name) {
        return shell(rest);
    }
    match name {
        "su" | "runuser" => Some(su(rest, name == "runuser")),
        // The account is the first word.
        "gosu" | "su-exec" | "s6-setuidgid" | "setuidgid" => {
            let (user, command) = rest.split_first()?;
            Some(Unwrapped {
                user: Some(account(user)),
                ..plain(command.to_vec())
            })
        }
        _ => {
            let (_, valued) = VALUED.iter().find(|(wrapper, _)| *wrapper == name)?;
            Some(listed(name, valued, rest))
        }
    }
}

fn plain(words: Vec<String>) -> Unwrapped {
    Unwrapped {
        user: None,
        directory: None,
        inner: Inner::Words(words),
    }
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

/// `user:group` names a user.
fn account(word: &str) -> String {
    word.split(':').next().unwrap_or(word).to_owned()
}

/// A shell is a wrapper with `-c TEXT` or with a script; alone it is nothing.
fn shell(rest: &[String]) -> Option<Unwrapped> {
    let at = rest
        .iter()
        .position(|word| !word.starts_with('-') || word == "--");
    let options = rest.get(..at.unwrap_or(rest.len()))?;
    let after = rest.get(at?..)?;
    let takes_text = options
        .iter()
        .any(|o| !o.starts_with("--") && o.contains('c'));
    let inner = if takes_text {
        Inner::Text(after.first()?.clone())
    } else {
        Inner::Words(after.to_vec())
    };
    Some(Unwrapped {
        user: None,
        directory: None,
        inner,
    })
}

/// `su [-] [USER] -c TEXT`, `runuser -u USER COMMAND…`; without a name they mean root.
fn su(rest: &[String], is_runuser: bool) -> Unwrapped {
    let mut user = None;
    let mut text = None;
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        let (option, attached) = match word.split_once('=') {
            Some((option, value)) if word.starts_with("--") => (option, Some(value.to_owned())),
            _ => (word.as_str(), None),
        };
        match option {
            "-c" | "--command" | "-lc" => text = attached.or_else(|| words.next().cloned()),
            "-u" | "--user" if is_runuser => {
                user = attached.or_else(|| words.next().cloned());
                let command: Vec<String> = words
                    .cloned()
                    .skip_while(|word| word.starts_with('-'))
                    .collect();
                return Unwrapped {
                    user,
                    directory: None,
                    inner: Inner::Words(command),
                };
            }
            "-s" | "--shell" | "-g" | "--group" | "-G" if attached.is_none() => {
                words.next();
            }
            _ if word.starts_with('-') => {}
            _ if user.is_none() => user = Some(word.clone()),
            _ => {}
        }
    }
    Unwrapped {
        user: user.or_else(|| Some("root".to_owned())),
        directory: None,
        inner: Inner::Text(text.unwrap_or_default()),
    }
}

/// A wrapper with options before its command.
fn listed(name: &str, valued: &[&str], rest: &[String]) -> Unwrapped {
    // These change to root unless they say another.
    let mut user = matches!(name, "sudo" | "doas").then(|| "root".to_owned());
    let mut directory = None;
    let mut words = rest.iter().peekable();
    while let Some(word) =
        words.next_if(|w| w.starts_with('-') || (name == "env" && is_assignment(w)))
    {
        if word == "--" {
            break;
        }
        let long = word.starts_with("--");
        let (option, attached) = match word.split_once('=').filter(|_| long) {
            Some((option, value)) => (option, Some(value.to_owned())),
            // `-uname` is `-u name`.
            None if !long && word.is_char_boundary(2) && word.len() > 2 => {
                let (option, value) = word.split_at(2);
                (option, valued.contains(&option).then(|| value.to_owned()))
            }
            None => (word.as_str(), None),
        };
        // `-nu name`: the last of several letters takes the value.
        let last = word.chars().last().map(|letter| format!("-{letter}"));
        let cluster = last.filter(|last| {
            !long && word.len() > 2 && attached.is_none() && valued.contains(&last.as_str())
        });
        let option = cluster.as_deref().unwrap_or(option);
        let value = if attached.is_none() && valued.contains(&option) {
            words.next().cloned()
        } else {
            attached
        };
        if USER.contains(&option) && !matches!(name, "env" | "systemd-run") || option == "--uid" {
            user = value.as_deref().map(account).or(user);
        } else if matches!(option, "-D" | "--chdir" | "-C") && name != "chrt" {
            directory = value;
        }
    }
    let mut command: Vec<String> = words.cloned().collect();
    match name {
        // A lock file or a duration comes first; a lock may also be followed by -c TEXT.
        "flock" | "timeout" | "chrt" if !command.is_empty() => {
            command.remove(0);
        }
        "sudo" | "doas" => {
            let assigned = command
                .iter()
                .take_while(|word| is_assignment(word))
                .count();
            command.drain(..assigned);
        }
        _ => {}
    }
    let text = command
        .get(1)
        .filter(|_| name == "flock" && command.first().is_some_and(|w| w == "-c"));
    let inner = match text {
        Some(text) => Inner::Text(text.clone()),
        None => Inner::Words(command),
    };
    Unwrapped {
        user,
        directory,
        inner,
    }
}
