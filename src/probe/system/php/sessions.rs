//! Lines that mark the cookies of PHP's sessions (ext/session/session.c). Refuses to mend what only some
//! requests are told, and half of it: where one of the PHPs that serve cannot be told, none is.

use super::overrides::overrides;
use super::settings::{How, deciding, text};
use crate::facts::{Known, Listing, SessionLine};
use crate::host::Host;
use crate::route::Place;
use crate::target::php_ini::truth;
use crate::target::php_runtime::PhpRuntime;
use crate::target::{Generation, Target};

/// PHP's own name for the cookie.
const NAME: &str = "PHPSESSID";

/// Mark, setting, and the value that gives it.
const MARKS: [(&str, &str, &str); 3] = [
    ("Secure", "session.cookie_secure", "On"),
    ("HttpOnly", "session.cookie_httponly", "On"),
    ("SameSite", "session.cookie_samesite", "Lax"),
];

pub(super) fn lines(
    host: &Host,
    target: &Target,
    runtimes: &[&PhpRuntime],
) -> Listing<SessionLine> {
    let mut list = Listing::whole(Vec::new());
    for (mark, setting, value) in MARKS {
        let wanted = Wanted {
            mark,
            setting,
            value,
        };
        let found: Result<Vec<_>, String> = runtimes
            .iter()
            .map(|runtime| wanted.line(host, target, runtime))
            .collect();
        match found {
            Ok(found) => list.rows.extend(found.into_iter().flatten()),
            Err(reason) => list.missed.push(reason),
        }
    }
    list
}

struct Wanted {
    mark: &'static str,
    setting: &'static str,
    value: &'static str,
}

impl Wanted {
    /// The line to mend; none where it is right.
    fn line(
        &self,
        host: &Host,
        target: &Target,
        runtime: &PhpRuntime,
    ) -> Result<Option<SessionLine>, String> {
        let name = &runtime.name;
        let setting = self.setting;
        let (others, mut missed) = overrides(host, target, runtime);
        missed.extend(runtime.ini.missed.iter().cloned());
        if let Some(reason) = missed.first() {
            return Err(reason.clone());
        }
        let own: Vec<_> = others.iter().filter(|it| it.name == setting).collect();
        if let Some(other) = own.iter().find(|it| !it.broad || it.written.is_none()) {
            return Err(format!(
                "{} sets {setting} for some requests: mend it there",
                other.at
            ));
        }
        let base = deciding(runtime, setting, &own);
        let (at, how) = match base {
            Some(said) if self.is_given(said.value) => return Ok(None),
            Some(said) => (said.at.clone(), said.how),
            None => self.unsaid(runtime)?,
        };
        if self.mark == "SameSite" && !knows_same_site(runtime) {
            return Err(format!(
                "{name} knows no {setting}, or nobody knows (PHP 7.3)"
            ));
        }
        let text = match how.language {
            "apache" => text(host, &at),
            _ => Some(String::new()),
        };
        let names: Vec<_> = others
            .iter()
            .filter(|it| it.name == "session.name")
            .collect();
        let name_of_php = deciding(runtime, "session.name", &names);
        let mut cookies = vec![name_of_php.map_or(NAME, |said| said.value).to_owned()];
        cookies.extend(self.product_s(target).iter().map(|name| (*name).to_owned()));
        Ok(Some(SessionLine {
            php: name.clone(),
            cookies,
            mark: self.mark.to_owned(),
            needed: false,
            value: self.value.to_owned(),
            path: at.file.to_string_lossy().into_owned(),
            line: at.line,
            language: how.language.to_owned(),
            section: how.section.unwrap_or_default(),
            key: how.key,
            text: text.ok_or_else(|| format!("{at} goes on on the next line"))?,
        }))
    }

    /// The product's own session cookies, where it marks them as PHP's settings say: v4 both ways, v5
    /// `Secure` alone, and neither knows `SameSite` (`SessionEntityStorage.php` of both).
    fn product_s(&self, target: &Target) -> &'static [&'static str] {
        match (&target.generation, self.mark) {
            (Known::Known(Generation::V4), "Secure" | "HttpOnly") => {
                &["dpsid", "dpsid-agent", "dpsid-admin"]
            }
            (Known::Known(Generation::V5), "Secure") => &[
                "dpsid",
                "dpsid-agent",
                "dpsid-admin",
                "dpsid-reports",
                "dpsid-billing",
            ],
            _ => &[],
        }
    }

    fn is_given(&self, value: &str) -> bool {
        match self.mark {
            "SameSite" => ["lax", "strict"].contains(&value.trim().to_ascii_lowercase().as_str()),
            _ => truth(value) == Some(true),
        }
    }

    /// The main file, where no line says it.
    fn unsaid(&self, runtime: &PhpRuntime) -> Result<(Place, How), String> {
        let main = runtime.ini.files.first();
        let main = main.ok_or_else(|| format!("{} reads no php.ini", runtime.name))?;
        let at = Place {
            file: main.as_path().into(),
            line: 0,
        };
        Ok((at, How::ini(None, self.setting)))
    }
}

fn knows_same_site(runtime: &PhpRuntime) -> bool {
    let Ok(version) = &runtime.version else {
        return false;
    };
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let version: (u32, u32) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    version >= (7, 3)
}
