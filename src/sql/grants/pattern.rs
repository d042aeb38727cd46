//! A schema's name in a grant: `%` and `_` are wildcards, `\%` and `\_` are not. MySQL manual, "GRANT
//! Statement", and `wild_compare` of both servers.

/// A schema's name as a grant has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaPattern {
    text: String,
    /// Under MySQL's `partial_revokes` the text is the name.
    literal: bool,
}

impl SchemaPattern {
    /// The text as the grant has it.
    #[must_use]
    pub fn new(text: &str, literal: bool) -> Self {
        Self {
            text: text.to_owned(),
            literal,
        }
    }

    /// As the grant has it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is meant for this one schema: its name, with or without backslashes.
    #[must_use]
    pub fn means(&self, schema: &str) -> bool {
        self.text == schema || self.text.replace("\\_", "_").replace("\\%", "%") == schema
    }

    /// Whether a privilege on it holds in a schema.
    #[must_use]
    pub fn covers(&self, schema: &str) -> bool {
        if self.literal {
            return self.text == schema;
        }
        let pattern: Vec<char> = self.text.chars().collect();
        let name: Vec<char> = schema.chars().collect();
        matches(&pattern, &name)
    }

    /// Of several patterns that fit, MariaDB takes the greatest: one without `%` before one with it, then the
    /// one with more characters that are no wildcards; of equals the first by its bytes (`get_magic_sort` in
    /// `sql_acl.cc`, seen in 10.11). MySQL 5.7 goes by the place of the first wildcard instead.
    pub(super) fn specificity(&self) -> (bool, usize) {
        if self.literal {
            return (true, usize::MAX);
        }
        let (mut without_percent, mut plain) = (true, 0);
        let mut chars = self.text.chars();
        while let Some(c) = chars.next() {
            match c {
                '%' => without_percent = false,
                '_' => {}
                '\\' => {
                    chars.next();
                    plain += 1;
                }
                _ => plain += 1,
            }
        }
        (without_percent, plain)
    }
}

/// Iterative, with one place to come back to: patterns come from the server and must not cost more than
/// their length times the name's.
fn matches(pattern: &[char], name: &[char]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while seen < name.len() || at < pattern.len() {
        if let Some('%') = pattern.get(at) {
            retry = Some((at, seen));
            at += 1;
            continue;
        }
        let (wanted, width) = match (pattern.get(at), pattern.get(at + 1)) {
            (Some('\\'), Some(next)) => (Some(*next), 2),
            (Some('_'), _) => (None, 1),
            (Some(c), _) => (Some(*c), 1),
            (None, _) => (Some('\0'), 0),
        };
        let fits = match (name.get(seen), wanted) {
            (Some(_), None) => true,
            (Some(c), Some(wanted)) => *c == wanted && width > 0,
            (None, _) => false,
        };
        if fits {
            at += width;
            seen += 1;
            continue;
        }
        match retry {
            Some((star, from)) if from < name.len() => {
                retry = Some((star, from + 1));
                (at, seen) = (star + 1, from + 1);
            }
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_and_their_escapes() {
        for (pattern, schema, expected) in [
            ("deskpro", "deskpro", true),
            ("deskpro", "deskpro2", false),
            ("desk%", "deskpro", true),
            ("desk%", "desk", true),
            ("%", "mysql", true),
            ("%pro", "deskpro", true),
            ("%sk%o", "deskpro", true),
            ("my_desk", "myXdesk", true),
            ("my\\_desk", "myXdesk", false),
            ("my\\_desk", "my_desk", true),
            ("my\\%", "my%", true),
            ("my\\%", "mydesk", false),
            ("desk_", "desk", false),
            ("", "", true),
            ("", "a", false),
        ] {
            let own = SchemaPattern::new(pattern, false);
            assert_eq!(own.covers(schema), expected, "{pattern} {schema}");
        }
        assert!(!SchemaPattern::new("desk%", true).covers("deskpro"));
        assert!(SchemaPattern::new("my\\_desk", false).means("my_desk"));
        // Each beats the one after it on a real MariaDB 10.11.
        let order = ["desk", "des_", "d__k", "____", "desk%", "de%", "d_%", "%"];
        for pair in order.windows(2) {
            let [first, second] = [pair[0], pair[1]].map(|text| SchemaPattern::new(text, false));
            assert!(first.specificity() > second.specificity(), "{pair:?}");
        }
    }
}
