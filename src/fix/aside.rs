//! Rows that a fix sets aside: they hold text that no script may hold, such as the name of a file with a
//! line break in it. Whoever may make files must not keep the others from being mended, so such rows go
//! to a person and the rest is given as deeds. Refuses to hide them: each is named, escaped.

use super::render::{NO_COMMAND, Step, Templates};
use crate::check::FixStep;
use crate::sql::quote::is_unsafe;
use serde_json::Value;

/// So many of them are named.
const NAMED: usize = 5;

/// Whether a row holds text that cannot stand in a script.
#[must_use]
pub fn is_odd(row: &Value) -> bool {
    match row {
        Value::String(text) => text.chars().any(is_unsafe),
        Value::Array(items) => items.iter().any(is_odd),
        Value::Object(fields) => fields.values().any(is_odd),
        _ => false,
    }
}

impl Templates {
    /// The steps of a fix for the failing rows: the fix, and where it cannot be written for odd rows, it
    /// for the others and a step by hand for those.
    #[must_use]
    pub fn steps(&self, fix: &FixStep, rows: &[Value]) -> Vec<Step> {
        let whole = self.step(fix, rows);
        if !whole.run.starts_with(NO_COMMAND) {
            return vec![whole];
        }
        let (odd, plain): (Vec<Value>, Vec<Value>) = rows.iter().cloned().partition(is_odd);
        if odd.is_empty() || plain.is_empty() {
            return vec![whole];
        }
        let rest = self.step(fix, &plain);
        if rest.run.starts_with(NO_COMMAND) {
            return vec![whole];
        }
        let by_hand = Step {
            run: by_hand(&odd),
            ..whole
        };
        vec![rest, by_hand]
    }

    /// Whether a fix sets its odd rows aside.
    #[must_use]
    pub fn sets_aside(&self, fix: &FixStep, rows: &[Value]) -> bool {
        rows.iter().any(is_odd) && self.steps(fix, rows).len() > 1
    }
}

fn by_hand(odd: &[Value]) -> String {
    let mut names: Vec<String> = odd
        .iter()
        .take(NAMED)
        .filter_map(|row| row.get("path")?.as_str())
        .map(escaped)
        .collect();
    if odd.len() > names.len() && !names.is_empty() {
        names.push(format!("and {} more", odd.len() - names.len()));
    }
    let which = match names.as_slice() {
        [] => String::new(),
        names => format!(": {}", names.join(", ")),
    };
    let many = match odd.len() {
        1 => "one entry".to_owned(),
        many => format!("{many} entries"),
    };
    format!(
        "{NO_COMMAND}the name of {many} holds characters that are not safe in a script. Mend by hand, with names as `ls -b` shows them{which}"
    )
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unsafe(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Risk, StepKind};
    use serde_json::json;

    #[test]
    fn one_odd_name_keeps_no_other_from_being_mended() {
        let fix = FixStep {
            kind: StepKind::Shell,
            when: None,
            risk: Risk::None,
            run: String::new(),
            note: None,
            check: None,
            does: serde_json::from_value(json!([
                {"each": "rows", "action": "mode", "path": "{{ row.path }}", "mode": "ug-s"}
            ]))
            .unwrap(),
            after: Vec::new(),
        };
        let templates = Templates::new(&json!({}));
        let row = |path: &str| json!({ "path": path });
        let rows = [row("/a b"), row("/x\n$(y)"), row("/c"), row("/\u{fffd}")];
        let steps = templates.steps(&fix, &rows);
        assert_eq!(steps[0].run, "chmod ug-s -- '/a b'\nchmod ug-s -- /c");
        assert_eq!(steps[0].actions.len(), 2);
        assert_eq!(
            (steps[1].kind, steps[1].actions.len()),
            (StepKind::Manual, 0)
        );
        assert!(steps[1].run.contains("2 entries"), "{}", steps[1].run);
        assert!(
            steps[1].run.contains(r"/x\n$(y), /\u{fffd}"),
            "{}",
            steps[1].run
        );
        assert!(templates.sets_aside(&fix, &rows));
        let only = templates.steps(&fix, &rows[1..2]);
        assert_eq!((only.len(), only[0].kind), (1, StepKind::Manual));
        assert!(!templates.sets_aside(&fix, &rows[..1]));
    }
}
