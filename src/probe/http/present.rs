//! How the site presents itself on its first pages: the portal's, the agents' and the admins'. What was
//! not seen is said, so that a site without cookies is told from one whose login pages did not answer.

use super::ask::{Answered, Ground, follow};
use super::pages;
use super::send::Sender;
use crate::facts::{CookieSet, Listing, LiveFacts, PageHeaders};

/// Headers, cookies and versions of the first pages.
pub(super) async fn present(
    sender: &mut Sender,
    ground: &Ground,
    home: &Answered,
    facts: &mut LiveFacts,
) {
    const PAGES: [&str; 4] = ["/agent/", "/admin/", "/agent/login", "/admin/login"];
    let mut missed = Vec::new();
    let (mut headers, mut cookies, mut versions) = (Vec::new(), Vec::new(), Vec::new());
    let mut answers = Vec::new();
    for path in PAGES {
        let request = sender.site.at(path);
        match follow(sender, &request).await {
            Ok(answered) => answers.push(answered),
            Err(failure) => missed.push(failure.reason().to_owned()),
        }
    }
    for (number, answered) in std::iter::once(home).chain(&answers).enumerate() {
        let page = (answered.at.url(), &answered.last);
        let is_page = (200..300).contains(&page.1.status) && page.1.is_page();
        let is_new = !headers
            .iter()
            .any(|known: &PageHeaders| known.url == page.0);
        if is_page && is_new && answered.elsewhere.is_none() {
            headers.push(pages::headers(&page.0, page.1));
        }
        if number == 0 {
            facts.hsts = pages::hsts(&page.0, page.1);
        }
        versions.extend(pages::versions(&page.0, page.1));
        for cookie in pages::cookies(answered) {
            if !cookies
                .iter()
                .any(|known: &CookieSet| known.name == cookie.name)
            {
                cookies.push(cookie);
            }
        }
    }
    for path in ["/__serverinfo/version.json", "/api/v2/helpdesk/discover"] {
        let request = sender.site.at(path);
        match sender.get(&request).await {
            Ok(reply) => versions.extend(pages::version_page(&request.url(), &reply)),
            Err(failure) => missed.push(failure.reason().to_owned()),
        }
    }
    let mut seen = Vec::new();
    versions.retain(|row| {
        let key = (row.place.clone(), row.value.clone());
        let new = !seen.contains(&key);
        seen.push(key);
        new
    });
    missed.extend(ground.doubt.clone());
    missed.dedup();
    if headers.is_empty() && missed.is_empty() {
        missed.push("no page answered 200".to_owned());
    }
    let logins = answers
        .iter()
        .filter(|answered| (200..300).contains(&answered.last.status));
    let mut unseen_cookies = missed.clone();
    if logins.count() == 0 {
        unseen_cookies.push("no login page answered, so its cookies were not seen".to_owned());
    }
    facts.headers = Listing {
        rows: headers,
        missed: missed.clone(),
    };
    facts.cookies = Listing {
        rows: cookies,
        missed: unseen_cookies,
    };
    facts.versions = Listing {
        rows: versions,
        missed,
    };
}
