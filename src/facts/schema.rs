//! The facts' own JSON schema, used to tell whether a path that a check names is one that a probe
//! publishes. Refuses to guess: a path it cannot follow does not exist.

use super::Given;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// What kind of thing a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A listing that says whether it is whole.
    Listing,
    /// Anything else.
    Plain,
}

/// The schema of everything that a condition may read.
pub struct FactSchema {
    document: Value,
}

impl Default for FactSchema {
    fn default() -> Self {
        Self::new()
    }
}

impl FactSchema {
    /// The schema of this program's facts, policy and day.
    #[must_use]
    pub fn new() -> Self {
        Self {
            // As facts are written, not as they may be read: conditions see every field.
            document: SchemaSettings::draft2020_12()
                .for_serialize()
                .into_generator()
                .into_root_schema_for::<Given>()
                .to_value(),
        }
    }

    /// The document itself, for publication.
    #[must_use]
    pub const fn document(&self) -> &Value {
        &self.document
    }

    /// The names that a condition may start with.
    #[must_use]
    pub fn roots(&self) -> Vec<String> {
        self.names(&[&self.document])
    }

    /// Follows a dotted path, `*` standing for any element of a list.
    ///
    /// # Errors
    /// The part of the path that no probe publishes, and the names that stand there instead.
    pub fn follow(&self, path: &[String]) -> Result<Shape, String> {
        let mut here = vec![&self.document];
        for (depth, part) in path.iter().enumerate() {
            let next: Vec<&Value> = self
                .expand(&here)
                .into_iter()
                .filter_map(|node| Self::step(node, part))
                .collect();
            if next.is_empty() {
                let known = self.names(&here);
                let upto = path.get(..=depth).unwrap_or(path).join(".");
                return Err(format!(
                    "no probe publishes `{upto}`; known here: {}",
                    known.join(", ")
                ));
            }
            here = next;
        }
        let listing = self.expand(&here).iter().any(|node| {
            node.pointer("/properties/missed").is_some()
                && node.pointer("/properties/rows").is_some()
        });
        Ok(if listing {
            Shape::Listing
        } else {
            Shape::Plain
        })
    }

    /// What a fact at a path is, in the words of its declaration.
    #[must_use]
    pub fn meaning(&self, path: &[String]) -> Option<String> {
        let mut here = vec![&self.document];
        for part in path {
            here = self
                .expand(&here)
                .into_iter()
                .filter_map(|node| Self::step(node, part))
                .collect();
        }
        let said = here.first()?.get("description")?.as_str()?;
        Some(said.replace('\n', " "))
    }

    fn step<'a>(node: &'a Value, part: &str) -> Option<&'a Value> {
        if part == "*" {
            return node.get("items");
        }
        node.get("properties")?.get(part)
    }

    /// The alternatives behind references and unions.
    fn expand<'a>(&'a self, nodes: &[&'a Value]) -> Vec<&'a Value> {
        let mut open: Vec<&Value> = nodes.to_vec();
        let mut found = Vec::new();
        while let Some(node) = open.pop() {
            if let Some(target) = node.get("$ref").and_then(Value::as_str) {
                let pointer = target.trim_start_matches('#');
                open.extend(self.document.pointer(pointer));
            }
            for union in ["anyOf", "oneOf", "allOf"] {
                if let Some(options) = node.get(union).and_then(Value::as_array) {
                    open.extend(options);
                }
            }
            found.push(node);
        }
        found
    }

    fn names(&self, nodes: &[&Value]) -> Vec<String> {
        let mut names: Vec<String> = self
            .expand(nodes)
            .iter()
            .filter_map(|node| node.get("properties")?.as_object())
            .flat_map(|properties| properties.keys().cloned())
            .filter(|name| name != super::UNKNOWN_KEY)
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<String> {
        text.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn paths_are_followed_through_unknowns_and_lists() {
        let schema = FactSchema::new();
        assert_eq!(schema.follow(&path("files.changeable")), Ok(Shape::Listing));
        assert_eq!(
            schema.follow(&path("files.changeable.rows.*.by")),
            Ok(Shape::Plain)
        );
        assert_eq!(schema.follow(&path("target.generation")), Ok(Shape::Plain));
        assert_eq!(
            schema.follow(&path("policy.max_build_age_days")),
            Ok(Shape::Plain)
        );
        assert_eq!(
            schema
                .meaning(&path("files.changeable.rows.*.count"))
                .as_deref(),
            Some("How many entries.")
        );
        let error = schema.follow(&path("files.chnageable")).unwrap_err();
        assert!(error.contains("changeable"), "{error}");
    }
}
