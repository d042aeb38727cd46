//! Whether it is the helpdesk that answers, and whether its answers mean anything: walls in front of it
//! are told from the helpdesk itself. Refuses to conclude anything from a stranger's refusals.

use super::ask::Answered;
use super::control::{Controls, Likeness, Shape};
use super::marker::{self, Marker};
use super::places::{Places, encoded};
use super::reply::Reply;
use super::send::Sender;
use crate::host::Kind;
use std::path::Path;

/// What shows that the helpdesk answers there.
///
/// # Errors
/// That nothing does, as the reason why refusals mean nothing.
pub(super) async fn helpdesk(
    sender: &mut Sender,
    places: &Places<'_>,
    home: &Answered,
) -> Result<String, String> {
    let page = home.last.text().to_ascii_lowercase();
    if (200..300).contains(&home.last.status) && page.contains("deskpro") {
        return Ok("its first page names the product".to_owned());
    }
    let mut cookies = home
        .way
        .iter()
        .flat_map(|(_, reply)| reply.all("set-cookie"));
    if let Some(cookie) = cookies.find(|cookie| cookie.starts_with("dpsid")) {
        let name = cookie.split('=').next().unwrap_or_default();
        return Ok(format!("it sets the product's cookie {name}"));
    }
    for path in ["/dp-ping", "/index.php/dp-ping"] {
        let request = sender.site.at(path);
        if let Ok(reply) = sender.get(&request).await
            && marker::shown(&Marker::Ping(""), &reply, None).is_some()
        {
            return Ok(format!("{path} answers as the product does"));
        }
    }
    for name in public_files(places) {
        let path = Path::new(&name);
        let Some((file, bytes)) = places.start(&places.product.join(path)) else {
            continue;
        };
        let request = sender.site.at(&encoded(path));
        if let Ok(reply) = sender.get(&request).await
            && reply.status == 200
            && marker::is_start_of(&bytes, &reply.body)
        {
            return Ok(format!("it serves {file}"));
        }
    }
    Err(format!(
        "nothing shows that the helpdesk answers at {}: neither its first page, nor its cookies, nor dp-ping, nor a file of this install",
        sender.site.home.url()
    ))
}

/// Files that every install publishes, as they lie on this disk.
fn public_files(places: &Places<'_>) -> Vec<String> {
    let mut found = vec!["robots.txt".to_owned(), "favicon.ico".to_owned()];
    for directory in ["web", "assets"] {
        let names = places.names(&places.product.join(directory));
        let public = names.iter().filter(|(name, kind)| {
            let ending = Path::new(name).extension().and_then(|it| it.to_str());
            *kind == Kind::File
                && matches!(ending, Some("css" | "js" | "png" | "svg" | "gif" | "ico"))
        });
        let public = public.map(|(name, _)| format!("{directory}/{}", name.to_string_lossy()));
        found.extend(public.take(2));
    }
    found
}

/// A wall in front of the helpdesk, as the reason why its refusals mean nothing.
pub(super) fn wall(home: &Answered, controls: &Controls) -> Option<String> {
    let url = home.way.first().map(|(request, _)| request.url())?;
    if let Some(host) = &home.elsewhere {
        return Some(format!(
            "{url} sends to another host, {host}, which was not asked; where the helpdesk is there, give --url"
        ));
    }
    if is_challenge(&home.last) {
        return Some(format!(
            "{url} answers with a challenge for browsers (status {}): a service in front of the helpdesk keeps deskguard out",
            home.last.status
        ));
    }
    if let Some(status) = controls.refuses_all()
        && home.last.status == status
    {
        return Some(format!(
            "{url} answers {status} to everything, also to paths that cannot exist: something in front of the helpdesk keeps deskguard out"
        ));
    }
    if let Some(to) = controls.redirects_all()
        && home.way.len() > 1
    {
        return Some(format!(
            "{url} sends every request to {to}: the helpdesk itself was not reached"
        ));
    }
    let nothing = controls.likeness(Shape::Directory, &home.last, &[]);
    if home.last.status >= 400 && nothing == Likeness::Same {
        return Some(format!(
            "{url} answers {} as to paths that cannot exist: no helpdesk is there",
            home.last.status
        ));
    }
    None
}

/// Pages that content delivery networks put before a site.
fn is_challenge(reply: &Reply) -> bool {
    const TITLES: [&str; 5] = [
        "Just a moment...",
        "Attention Required! | Cloudflare",
        "DDoS-Guard",
        "Access Denied",
        "Checking your browser",
    ];
    let title = reply.title();
    reply.named("cf-mitigated") == "challenge"
        || (matches!(reply.status, 403 | 429 | 503)
            && TITLES.iter().any(|known| title.starts_with(known)))
}
