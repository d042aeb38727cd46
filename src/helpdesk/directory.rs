//! Directories that people log in through, and whether the connection to them is encrypted. The options
//! hold the directory's password, so they are judged where they are read and go no further.

use super::picture::{Picture, SourceRow};
use crate::facts::{Directory, Known, Listing};

/// What a source's options say about encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secure {
    /// TLS from the start.
    Ssl,
    /// STARTTLS.
    Tls,
    /// None.
    Plain,
    /// They do not say, or in a form that is not known.
    Unsaid,
}

impl Secure {
    /// By the value of the option `secure` (`deskpro_us_ldap`: empty, `ssl` or `tls`).
    #[must_use]
    pub fn of(word: Option<&[u8]>) -> Self {
        match word {
            Some(b"ssl") => Self::Ssl,
            Some(b"tls") => Self::Tls,
            Some(b"" | b"0" | b"none" | b"null" | b"false") => Self::Plain,
            _ => Self::Unsaid,
        }
    }

    /// What the app's settings say, else what the source's own options say.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self == Self::Unsaid { other } else { self }
    }
}

/// What options say, as JSON: judged and forgotten. Early v4's serialised options have no public form.
#[must_use]
pub fn secure(options: &[u8]) -> Secure {
    let Ok(serde_json::Value::Object(fields)) = serde_json::from_slice(options) else {
        return Secure::Unsaid;
    };
    match fields.get("secure") {
        Some(serde_json::Value::String(word)) => Secure::of(Some(word.as_bytes())),
        Some(word) => Secure::of(Some(word.to_string().as_bytes())),
        None => Secure::Unsaid,
    }
}

pub(super) fn facts(picture: &Picture) -> Listing<Directory> {
    let directories = picture.sources.rows.iter().filter(|row| is_directory(row));
    let rows = directories.map(|row| Directory {
        id: row.id,
        title: row.title.clone(),
        people: row.people.clone(),
        encryption: match row.secure {
            Secure::Ssl => Known::Known("ssl".to_owned()),
            Secure::Tls => Known::Known("tls".to_owned()),
            Secure::Plain => Known::Known("none".to_owned()),
            Secure::Unsaid => Known::unknown(format!(
                "the options of the directory {:?} do not say in a known form whether it is encrypted",
                row.title
            )),
        },
        makes_agents: row.makes_agents,
    });
    super::accounts::cut(rows.collect(), &picture.sources.missed, |_, last| last)
}

/// LDAP and Active Directory, by the adapter's class or the app's package.
fn is_directory(row: &SourceRow) -> bool {
    let adapter = row.adapter.to_ascii_lowercase();
    let class = adapter.rsplit('\\').next().unwrap_or_default();
    class.contains("ldap")
        || class.contains("activedirectory")
        || class.contains("active_directory")
        || matches!(
            row.package.as_str(),
            "deskpro_us_ldap"
                | "deskpro_us_ad"
                | "deskpro_us_active_directory"
                | "deskpro_us_activedirectory"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_judged_by_their_word() {
        for (options, expected) in [
            (
                r#"{"host":"h","secure":"ssl","service_password":"p"}"#,
                Secure::Ssl,
            ),
            (r#"{"secure":"tls"}"#, Secure::Tls),
            (r#"{"secure":""}"#, Secure::Plain),
            (r#"{"secure":null}"#, Secure::Plain),
            (r#"{"host":"h"}"#, Secure::Unsaid),
            (r#"{"secure":"SSLv2"}"#, Secure::Unsaid),
            (r#"a:1:{s:6:"secure";s:3:"ssl";}"#, Secure::Unsaid),
            ("", Secure::Unsaid),
        ] {
            assert_eq!(secure(options.as_bytes()), expected, "{options}");
        }
        let row = |adapter: &str, package: &str| SourceRow {
            id: 1,
            title: String::new(),
            people: String::new(),
            adapter: adapter.to_owned(),
            package: package.to_owned(),
            makes_agents: false,
            secure: Secure::Unsaid,
        };
        assert!(is_directory(&row(r"DeskPRO\Usersource\Adapter\Ldap", "")));
        assert!(is_directory(&row("", "deskpro_us_ldap")));
        assert!(!is_directory(&row(
            r"Application\DeskPRO\Usersource\Adapter\DeskPRO",
            ""
        )));
    }
}
