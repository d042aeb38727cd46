//! Deeds that come after a move name what moved by its new place: the facts know only the old one. What
//! stands in a file now is not renamed. Refuses to rename part of a name.

use super::action::Action;
use super::below::below;

/// Directories that deeds before moved, first one first.
#[derive(Default)]
pub(super) struct Moved(Vec<(String, String)>);

impl Moved {
    /// Names everything in this deed where it is when the deed's turn comes.
    pub(super) fn follow(&mut self, action: &mut Action) {
        match action {
            Action::MoveTree { path, to } => {
                self.rename(path);
                self.0.push((path.clone(), to.clone()));
            }
            Action::Own { path, .. }
            | Action::Mode { path, .. }
            | Action::StripAcl { path }
            | Action::GrantAcl { path, .. }
            | Action::Directory { path, .. }
            | Action::Unlink { path }
            | Action::PutAway { path, .. }
            | Action::CronLine { path, .. }
            | Action::OwnLogin { path, .. } => self.rename(path),
            Action::CloseTree { path, except, .. } => {
                self.rename(path);
                for kept in except.iter_mut() {
                    self.rename(kept);
                }
                // What is no part of the tree any more needs no exception.
                except.retain(|kept| below(kept, path).is_some() || below(path, kept).is_some());
            }
            Action::Write {
                path,
                content: value,
                ..
            }
            | Action::Ini { path, value, .. }
            | Action::Snippet {
                path, text: value, ..
            }
            | Action::Line {
                path, text: value, ..
            }
            | Action::Setting {
                path,
                value: Some(value),
                ..
            } => {
                self.rename(path);
                *value = self.text(value);
            }
            Action::Setting { path, .. } => self.rename(path),
            Action::Account { .. } | Action::Sql(_) | Action::Reload { .. } => {}
        }
    }

    /// A text in which moved paths are named by their new place.
    pub(super) fn text(&self, text: &str) -> String {
        let moves = self.0.iter();
        moves.fold(text.to_owned(), |text, (from, to)| renamed(&text, from, to))
    }

    fn rename(&self, path: &mut String) {
        for (from, to) in &self.0 {
            if let Some(rest) = below(path, from) {
                *path = format!("{to}{rest}");
            }
        }
    }
}

/// Where the path stands as a whole name, or as the beginning of one.
fn renamed(text: &str, from: &str, to: &str) -> String {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '@' | '~');
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(from) {
        made.push_str(before);
        let starts = !made.ends_with(|c| goes_on(c) || c == '/');
        let ends = !after.starts_with(goes_on);
        made.push_str(if starts && ends { to } else { from });
        rest = after;
    }
    made.push_str(rest);
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn moved() -> Moved {
        Moved(vec![("/srv/dp/data".to_owned(), "/srv/dp-data".to_owned())])
    }

    #[test]
    fn whole_names_are_renamed_and_no_part_of_one() {
        for (text, expected) in [
            (
                "/srv/dp/data/logs/error.log\n{",
                "/srv/dp-data/logs/error.log\n{",
            ),
            ("'/srv/dp/data'", "'/srv/dp-data'"),
            ("x=/srv/dp/data,/srv/dp/data", "x=/srv/dp-data,/srv/dp-data"),
            (
                "/srv/dp/data2 /srv/dp/data.old",
                "/srv/dp/data2 /srv/dp/data.old",
            ),
            (
                "/mnt/srv/dp/data /srv/dp/data-x",
                "/mnt/srv/dp/data /srv/dp/data-x",
            ),
        ] {
            assert_eq!(moved().text(text), expected);
        }
    }

    #[test]
    fn each_deed_after_a_move_goes_by_the_new_place() {
        for (before, after) in [
            (
                json!({"action": "mode", "path": "/srv/dp/data", "mode": "o-rwx"}),
                json!({"action": "mode", "path": "/srv/dp-data", "mode": "o-rwx"}),
            ),
            (
                json!({"action": "close-tree", "path": "/srv/dp", "except": ["/srv/dp/data", "/srv/dp/var"], "from": "a", "user": "b", "group": null, "mode": "go-w"}),
                json!({"action": "close-tree", "path": "/srv/dp", "except": ["/srv/dp/var"], "from": "a", "user": "b", "group": null, "mode": "go-w"}),
            ),
            (
                json!({"action": "write", "path": "/srv/dp/data/x", "content": "/srv/dp/data/y", "mode": "0644"}),
                json!({"action": "write", "path": "/srv/dp-data/x", "content": "/srv/dp-data/y", "mode": "0644", "server": null}),
            ),
            // What is there now was written before the move.
            (
                json!({"action": "line", "server": "nginx", "path": "/n", "line": 1, "expected": "root /srv/dp/data;", "text": "root /srv/dp/data/www;"}),
                json!({"action": "line", "server": "nginx", "path": "/n", "line": 1, "expected": "root /srv/dp/data;", "text": "root /srv/dp-data/www;"}),
            ),
            (
                json!({"action": "move-tree", "path": "/srv/dp/data/logs", "to": "/var/log/dp"}),
                json!({"action": "move-tree", "path": "/srv/dp-data/logs", "to": "/var/log/dp"}),
            ),
        ] {
            let mut action: Action = serde_json::from_value(before).unwrap();
            moved().follow(&mut action);
            let expected: Action = serde_json::from_value(after).unwrap();
            assert_eq!(action, expected);
        }
    }
}
