//! Command lines that may be shown: passwords become `***`, control characters go.
//! Refuses to be clever: what looks like a password is one.

/// No more of a command line is shown.
const LONGEST: usize = 500;
const NAMES: &[&str] = &[
    "pass", "passwd", "password", "pwd", "secret", "token", "apikey", "api_key", "app_key", "auth",
];

/// The command line without its secrets.
pub(super) fn without_secrets(command: &str) -> String {
    let clean: String = command
        .chars()
        .map(|letter| {
            if letter.is_control() || is_direction(letter) {
                ' '
            } else {
                letter
            }
        })
        .collect();
    let mut hide_next = false;
    let mut client = false;
    let mut open_quote = None;
    let mut shown: Vec<String> = Vec::new();
    for word in clean.split(' ').filter(|word| !word.is_empty()) {
        // A hidden value in quotes goes on to its closing quote.
        if let Some(quote) = open_quote {
            if word.ends_with(quote) {
                open_quote = None;
            }
            continue;
        }
        client |= is_client(word);
        let bare = word.trim_matches(['"', '\'']);
        let safe = if std::mem::take(&mut hide_next) {
            "***".to_owned()
        } else if is_secret_option(bare) {
            hide_next = true;
            word.to_owned()
        } else if client && is_short_password(bare) {
            "-p***".to_owned()
        } else {
            in_word(word)
        };
        if safe != word {
            open_quote = ['"', '\'']
                .into_iter()
                .find(|quote| word.matches(*quote).count() % 2 == 1);
        }
        shown.push(safe);
    }
    let line = shown.join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// Marks that turn the direction of writing; they can make a line look like another.
const fn is_direction(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Programs that take a password as `-pPASSWORD`.
fn is_client(word: &str) -> bool {
    let name = word
        .rsplit('/')
        .next()
        .unwrap_or(word)
        .trim_matches(['"', '\'']);
    ["mysql", "mariadb", "sshpass", "smbclient", "mongo"]
        .iter()
        .any(|client| name.starts_with(client))
}

fn is_short_password(word: &str) -> bool {
    word.len() > 2 && word.starts_with("-p")
}

fn is_secret_name(name: &str) -> bool {
    let name = name.trim_start_matches('-').to_ascii_lowercase();
    NAMES.iter().any(|secret| {
        name == *secret
            || name.ends_with(&format!("_{secret}"))
            || name.ends_with(&format!("-{secret}"))
    })
}

/// `--password` with its value in the next word.
fn is_secret_option(word: &str) -> bool {
    word.starts_with("--") && is_secret_name(word)
}

/// `NAME=secret`, `--name=secret` and `scheme://user:secret@host`.
fn in_word(word: &str) -> String {
    let (open, bare) = match word.chars().next() {
        Some(quote @ ('"' | '\'')) => (quote.to_string(), word.get(1..).unwrap_or_default()),
        _ => (String::new(), word),
    };
    if let Some((name, _)) = bare
        .split_once('=')
        .filter(|(name, _)| is_secret_name(name))
    {
        return format!("{open}{name}=***");
    }
    let Some((scheme, rest)) = word.split_once("://") else {
        return word.to_owned();
    };
    match rest.split_once('@') {
        Some((who, host)) if who.contains(':') && !who.contains('/') => {
            let user = who.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:***@{host}")
        }
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_do_not_travel() {
        for (command, expected) in [
            ("mysqldump -u x -pSecret db", "mysqldump -u x -p*** db"),
            ("mysql --password=s db", "mysql --password=*** db"),
            ("a --db-password s b", "a --db-password *** b"),
            ("DB_PASSWORD=s php x", "DB_PASSWORD=*** php x"),
            ("'MYSQL_PWD=s' php x", "'MYSQL_PWD=*** php x"),
            (
                "mysql -p'a b c' --password=\"d e\" f",
                "mysql -p*** --password=*** f",
            ),
            ("x --token 'a b' c", "x --token *** c"),
            ("curl https://a:s@h/x", "curl https://a:***@h/x"),
            (
                "php -d x=1 /d/cron.php -port",
                "php -d x=1 /d/cron.php -port",
            ),
            ("mkdir -p /x", "mkdir -p /x"),
            ("a\u{1b}[31mb\u{202e}c", "a [31mb c"),
        ] {
            assert_eq!(without_secrets(command), expected);
        }
        assert_eq!(without_secrets(&"ä".repeat(600)).chars().count(), 501);
    }
}
