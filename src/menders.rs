//! Which answers of the site would be mended by lines of configuration that were found for them: a pure
//! look over facts, so that checks need not put the two together. Refuses half of it: what keeps one mark
//! or one version besides is mended by nobody.

use crate::facts::{CookieSet, Known, LiveFacts, PhpSetting, ServerFacts, SessionLine};

/// Says at each page, cookie and version who can be told to mend it.
pub fn name_menders(live: &mut LiveFacts, server: &mut ServerFacts) {
    let lines = live.answer_lines.rows.clone();
    // Of another machine's PHP nothing is known.
    let is_here = live.site.is_here == Known::Known(true);
    let program = |about: &str, subject: &String| {
        let line = lines
            .iter()
            .find(|line| line.about == about && line.mends.contains(subject));
        line.map_or("", |line| line.program.as_str())
    };
    for page in &mut live.headers.rows {
        let names = [
            "X-Content-Type-Options",
            "X-Frame-Options",
            "Referrer-Policy",
        ];
        let would = names
            .into_iter()
            .filter(|name| !program(name, &page.url).is_empty());
        page.mendable = would.map(str::to_owned).collect();
    }
    let exposed: Vec<&PhpSetting> = server
        .php_settings
        .rows
        .iter()
        .filter(|row| row.setting == "expose_php" && row.on != Known::Known(false))
        .collect();
    let php_can = is_here
        && !exposed.is_empty()
        && exposed
            .iter()
            .all(|row| row.on == Known::Known(true) && !row.language.is_empty());
    for row in &mut live.versions.rows {
        let keeper = match row.place.as_str() {
            "X-Powered-By" if php_can && row.value.starts_with("PHP/") => "php",
            "X-Powered-By" => program("X-Powered-By", &row.url),
            "Server" => match program("Server", &row.url) {
                "nginx" if row.value.starts_with("nginx/") => "nginx",
                "apache" if row.value.starts_with("Apache/") => "apache",
                _ => "",
            },
            _ => "",
        };
        keeper.clone_into(&mut row.keeper);
    }
    let sessions = &mut server.session_lines.rows;
    for cookie in live.cookies.rows.iter_mut().filter(|it| it.is_session) {
        let marker = match cookie.missing.as_slice() {
            [] => "",
            all if is_here
                && all
                    .iter()
                    .all(|mark| sessions.iter().any(|it| fits(cookie, mark, it))) =>
            {
                "php"
            }
            _ => program("Set-Cookie", &cookie.name),
        };
        marker.clone_into(&mut cookie.marker);
    }
    let left = live.cookies.rows.iter();
    let left: Vec<&CookieSet> = left
        .filter(|it| it.is_session && matches!(it.marker.as_str(), "" | "php"))
        .collect();
    for line in sessions.iter_mut() {
        let mut left = left.iter();
        line.needed =
            is_here && left.any(|it| it.missing.contains(&line.mark) && fits(it, &line.mark, line));
    }
}

/// Whether a line of PHP's gives the cookie this mark; `Secure` only where browsers would take it.
fn fits(cookie: &CookieSet, mark: &str, line: &SessionLine) -> bool {
    (mark != "Secure" || cookie.url.starts_with("https://"))
        && line.mark == mark
        && line.cookies.contains(&cookie.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Announcement, AnswerLine, Listing};

    fn cookie(name: &str, url: &str, missing: &[&str]) -> CookieSet {
        CookieSet {
            name: name.to_owned(),
            url: url.to_owned(),
            is_session: true,
            secure: false,
            http_only: false,
            same_site: String::new(),
            missing: missing.iter().map(|it| (*it).to_owned()).collect(),
            marker: String::new(),
        }
    }

    fn line(mark: &str, cookies: &[&str]) -> SessionLine {
        SessionLine {
            php: "PHP-FPM's pool www".to_owned(),
            cookies: cookies.iter().map(|it| (*it).to_owned()).collect(),
            mark: mark.to_owned(),
            needed: false,
            value: "On".to_owned(),
            path: "/php.ini".to_owned(),
            line: 1,
            language: "ini".to_owned(),
            section: String::new(),
            key: "x".to_owned(),
            text: String::new(),
        }
    }

    #[test]
    fn a_cookie_is_mended_whole_or_by_nobody() {
        let mut live = LiveFacts::default();
        live.site.is_here = Known::Known(true);
        live.cookies = Listing::whole(vec![
            cookie("PHPSESSID", "https://h/", &["Secure", "HttpOnly"]),
            cookie("dpsid", "https://h/", &["HttpOnly", "SameSite"]),
            cookie("dpsid-agent", "http://h/", &["Secure"]),
            cookie("other", "https://h/", &["Secure"]),
        ]);
        live.answer_lines.rows = vec![AnswerLine {
            about: "Set-Cookie".to_owned(),
            program: "apache".to_owned(),
            path: "/x".to_owned(),
            line: 1,
            text: String::new(),
            replaces: false,
            lines: String::new(),
            mends: vec!["other".to_owned()],
        }];
        let mut server = ServerFacts::default();
        let all = ["PHPSESSID", "dpsid", "dpsid-agent"];
        server.session_lines = Listing::whole(vec![
            line("Secure", &all),
            line("HttpOnly", &all),
            line("SameSite", &["PHPSESSID"]),
        ]);
        let outcome = |live: &mut LiveFacts, server: &mut ServerFacts| {
            name_menders(live, server);
            let markers = live.cookies.rows.iter().map(|it| it.marker.clone());
            let needed = server.session_lines.rows.iter().map(|it| it.needed);
            (markers.collect::<Vec<_>>(), needed.collect::<Vec<_>>())
        };
        let found = outcome(&mut live, &mut server);
        let named = |markers: [&str; 4]| markers.map(str::to_owned).to_vec();
        // Half of what `dpsid` lacks is given all the same.
        assert_eq!(
            found,
            (named(["php", "", "", "apache"]), vec![true, true, false])
        );
        live.site.is_here = Known::Known(false);
        let found = outcome(&mut live, &mut server);
        assert_eq!(found, (named(["", "", "", "apache"]), vec![false; 3]));
    }

    #[test]
    fn a_server_keeps_its_own_version_only() {
        let told = |place: &str, value: &str| Announcement {
            place: place.to_owned(),
            value: value.to_owned(),
            url: "https://h/".to_owned(),
            keeper: String::new(),
        };
        let mut live = LiveFacts::default();
        live.site.is_here = Known::Known(true);
        live.versions.rows = vec![
            told("Server", "nginx/1.22.1"),
            told("Server", "Apache/2.4.66"),
            told("X-Powered-By", "PHP/8.2.1"),
            told("<meta name=\"Generator\">", "DeskPRO 1"),
        ];
        live.answer_lines.rows = ["Server", "X-Powered-By"]
            .map(|about| AnswerLine {
                about: about.to_owned(),
                program: "nginx".to_owned(),
                path: "/x".to_owned(),
                line: 1,
                text: String::new(),
                replaces: false,
                lines: String::new(),
                mends: vec!["https://h/".to_owned()],
            })
            .to_vec();
        name_menders(&mut live, &mut ServerFacts::default());
        let keepers = live.versions.rows.iter().map(|it| it.keeper.as_str());
        assert_eq!(keepers.collect::<Vec<_>>(), ["nginx", "", "nginx", ""]);
    }
}
