//! A line of a crontab taken out of effect, or given to another account. What goes becomes a comment,
//! so that a person can see what stood there. Refuses lines that start no task.

use super::lines::{indent, split};

/// The text with the line commented out, or run as `user`; unchanged where that is so already.
///
/// # Errors
/// What stands there instead.
pub(super) fn cron_line(text: &[u8], line: u32, user: Option<&str>) -> Result<Vec<u8>, String> {
    let lines = split(text);
    let index = (line as usize).checked_sub(1);
    let found = index.and_then(|index| Some((index, *lines.get(index)?)));
    let Some((index, found)) = found else {
        return Err("the crontab has no such line".to_owned());
    };
    let body = found.trim_ascii();
    if body.starts_with(b"#") && user.is_none() {
        return Ok(text.to_vec());
    }
    if !is_task(body) {
        return Err("the line starts no task: look where the task stands now".to_owned());
    }
    let margin = indent(found);
    let rest = found.get(margin.len()..).unwrap_or_default();
    let new = match user {
        None => [margin, b"# ", rest].concat(),
        Some(user) => [margin, &run_as(rest, user)?].concat(),
    };
    let (before, after) = lines.split_at_checked(index).unwrap_or((&lines, &[]));
    let after = after.concat();
    let after = after.get(found.len()..).unwrap_or_default();
    Ok([&before.concat(), &new, after].concat())
}

/// The line with another account: the sixth word, or the second after `@daily` and its like
/// (crontab(5), Debian's «/etc/crontab»).
fn run_as(line: &[u8], user: &str) -> Result<Vec<u8>, String> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '$');
    if user.is_empty() || !user.chars().all(plain) {
        return Err(format!("`{user}` is no account that a crontab can name"));
    }
    let before = if line.starts_with(b"@") { 1 } else { 5 };
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let mut at = 0;
    let skip = |from: usize, while_blank: bool| {
        let rest = line.get(from..).unwrap_or_default();
        from + rest
            .iter()
            .take_while(|byte| blank(byte) == while_blank)
            .count()
    };
    for _ in 0..before {
        at = skip(skip(at, false), true);
    }
    let end = skip(at, false);
    let (Some(head), Some(tail)) = (line.get(..at), line.get(end..)) else {
        return Err("the line names no account".to_owned());
    };
    if at == end || tail.trim_ascii().is_empty() {
        return Err("the line names no account".to_owned());
    }
    Ok([head, user.as_bytes(), tail].concat())
}

/// Whether a line of crontab(5) names a time and a command.
fn is_task(line: &[u8]) -> bool {
    let first = line.first();
    let times = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'*' | b'@' | b'-');
    first.is_some_and(times) && line.iter().any(|byte| matches!(byte, b' ' | b'\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_task_goes() {
        let text = b"PATH=/bin\r\n * * * * * root php /srv/cron.php\r\n@daily x y";
        let made = cron_line(text, 2, None).unwrap();
        assert_eq!(
            made,
            b"PATH=/bin\r\n # * * * * * root php /srv/cron.php\r\n@daily x y"
        );
        assert_eq!(cron_line(&made, 2, None).unwrap(), made);
        assert!(
            cron_line(text, 3, None)
                .unwrap()
                .ends_with(b"\n# @daily x y")
        );
        assert!(cron_line(text, 1, None).is_err());
        assert!(cron_line(text, 9, None).is_err());
    }

    #[test]
    fn only_the_account_changes() {
        let run = |text: &str, user| cron_line(text.as_bytes(), 1, Some(user));
        let made = run("*/5 * * *\t*  root  php x # root\n", "list").unwrap();
        assert_eq!(made, b"*/5 * * *\t*  list  php x # root\n");
        assert_eq!(run("@daily root x", "a").unwrap(), b"@daily a x");
        assert_eq!(cron_line(&made, 1, Some("list")).unwrap(), made);
        assert!(run("* * * * * root", "a").is_err());
        assert!(run("* * * * * root x", "a b").is_err());
        assert!(run("# * * * * * root x", "a").is_err());
    }
}
