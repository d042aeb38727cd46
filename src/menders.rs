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
            all if is_here && all.iter().all(|mark| sessions.iter().any(|it| fits(cookie, mark, it))) => {
                "php"
            }
            _ => program("Set-Cookie", &cookie.name),
        };
        marker.clone_into(&mut cookie.marker);
    }
    let left = live.cookies.rows.iter();
    let left: Vec<&CookieSet> = left
        .filter(|it| it.is_session && it.marker != "apache")
        .collect();
    for line in sessions.iter_mut().filter(|_| is_here) {
        line.needed = left
            .iter()
            .any(|it| it.missing.contains(&line.mark) && fits(it, &line.mark, line));
    }
}

/// Whether a line of PHP's gives the cookie this mark; `Secure` only where browsers would take it.
fn fits(cookie: &CookieSet, mark: &str, line: &SessionLine) -> bool {
    (mark != "Secure" || cookie.url.starts_with("https://"))
        && line.mark == mark
        && line.cookies.contains(&cookie.name)
}
