//! What is written in a check: texts that may not be empty, conditions and templates that read facts which
//! exist. Refuses rows counted without what was missed, and values that are not quoted.

use super::Linter;
use super::alias::is_well_named;
use crate::check::Condition;
use crate::facts::Shape;
use minijinja::Environment;

impl Linter<'_> {
    pub(super) fn texts(&mut self) {
        let check = self.check;
        for (name, text) in [
            ("title", &check.title),
            ("source", &check.source),
            ("found", &check.found),
            ("why", &check.why),
        ] {
            if text.trim().is_empty() {
                self.complain(format!("`{name}` is empty"));
            }
        }
        if !is_well_named(&check.id) {
            self.complain(format!(
                "`{}` is not `area/good-state` in kebab-case",
                check.id
            ));
        }
        if check.fixes.is_empty() {
            self.complain(
                "there is no [[fix]]: say at least by hand how to mend it (kind = \"manual\")",
            );
        }
    }

    pub(super) fn listing(&mut self) {
        let Some(each) = &self.check.each else { return };
        let path: Vec<String> = each.source.split('.').map(str::to_owned).collect();
        match self.schema.follow(&path) {
            Ok(Shape::Listing) => {}
            Ok(Shape::Plain) => self.complain(format!(
                "`each` names `{}`, which is no listing",
                each.source
            )),
            Err(problem) => self.complain(problem),
        }
    }

    pub(super) fn conditions(&mut self) {
        let check = self.check;
        let fixes: Vec<Condition> = check
            .fixes
            .iter()
            .filter_map(|fix| fix.when.as_deref())
            .filter_map(|when| match Condition::compile(when) {
                Ok(condition) => Some(condition),
                Err(problem) => {
                    self.complain(format!("a fix's `when` does not compile: {problem}"));
                    None
                }
            })
            .collect();
        let all = [
            check.when.as_ref(),
            check.require.as_ref(),
            Some(&check.pass),
        ];
        for condition in all.into_iter().flatten().chain(&fixes) {
            for path in &condition.reads {
                self.path(path);
            }
        }
        for condition in all.into_iter().flatten() {
            self.wholeness(condition);
        }
    }

    /// Rows of a listing may only be counted together with what was missed.
    fn wholeness(&mut self, condition: &Condition) {
        for path in &condition.reads {
            let Some((last, listing)) = path.split_last() else {
                continue;
            };
            let asks_missed = condition.reads.iter().any(|other| {
                other
                    .split_last()
                    .is_some_and(|(name, base)| name == "missed" && base == listing)
            });
            if last == "rows" && self.schema.follow(listing) == Ok(Shape::Listing) && !asks_missed {
                self.complain(format!(
                    "`{}` reads the rows of `{}` but not what was missed; use `each`",
                    condition.source,
                    listing.join(".")
                ));
            }
        }
    }

    pub(super) fn templates(&mut self) {
        let check = self.check;
        let mut texts: Vec<&str> = vec![&check.found];
        texts.extend(check.subject.as_deref());
        texts.extend(check.require_found.as_deref());
        for fix in &check.fixes {
            texts.push(&fix.run);
            texts.extend(fix.check.as_deref());
            texts.extend(fix.note.as_deref());
        }
        let environment = Environment::new();
        for text in texts {
            if text.contains("|safe") || text.contains("| safe") {
                self.complain("`safe` is refused: every value is quoted");
            }
            match environment.template_from_str(text) {
                Err(problem) => self.complain(format!("a template does not parse: {problem}")),
                Ok(template) => {
                    for name in template.undeclared_variables(true) {
                        let path: Vec<String> = name.split('.').map(str::to_owned).collect();
                        self.path(&path);
                    }
                }
            }
        }
        if let Some(at) = &check.at {
            let path: Vec<String> = format!("{at}.path").split('.').map(str::to_owned).collect();
            self.path(&path);
        }
    }
}
