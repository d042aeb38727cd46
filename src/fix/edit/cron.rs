//! A line of a crontab taken out of effect: it becomes a comment, so that a person can see what stood
//! there. Refuses lines that start no task.

use super::lines::{indent, split};

/// The text with the line commented out; unchanged where it is a comment already.
///
/// # Errors
/// What stands there instead.
pub(super) fn cron_line(text: &[u8], line: u32) -> Result<Vec<u8>, String> {
    let lines = split(text);
    let index = (line as usize).checked_sub(1);
    let found = index.and_then(|index| Some((index, *lines.get(index)?)));
    let Some((index, found)) = found else {
        return Err("the crontab has no such line".to_owned());
    };
    let body = found.trim_ascii();
    if body.starts_with(b"#") {
        return Ok(text.to_vec());
    }
    if !is_task(body) {
        return Err("the line starts no task: look where the task stands now".to_owned());
    }
    let margin = indent(found);
    let (before, after) = lines.split_at_checked(index).unwrap_or((&lines, &[]));
    let mut made = before.concat();
    made.extend_from_slice(margin);
    made.extend_from_slice(b"# ");
    made.extend_from_slice(found.get(margin.len()..).unwrap_or_default());
    let after = after.concat();
    made.extend_from_slice(after.get(found.len()..).unwrap_or_default());
    Ok(made)
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
        let made = cron_line(text, 2).unwrap();
        assert_eq!(
            made,
            b"PATH=/bin\r\n # * * * * * root php /srv/cron.php\r\n@daily x y"
        );
        assert_eq!(cron_line(&made, 2).unwrap(), made);
        assert!(cron_line(text, 3).unwrap().ends_with(b"\n# @daily x y"));
        assert!(cron_line(text, 1).is_err());
        assert!(cron_line(text, 9).is_err());
    }
}
