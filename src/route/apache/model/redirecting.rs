//! `Redirect` and its siblings as written (modules/mappers/mod_alias.c, `add_redirect_internal`).

use super::pattern::Expression;
use super::perdir::{Matching, Redirect};
use super::said::Said;
use super::say::Trouble;
use super::text::Text;
use super::uri;
use crate::route::{Directive, Word};

/// What a `Redirect` line is.
pub(super) enum Redirecting {
    /// With a path of its own.
    List(Redirect),
    /// For the whole section.
    Whole(Said<(Option<Text>, u16)>),
}

/// Reads `Redirect` and its siblings (`add_redirect_internal`).
pub(super) fn redirect(
    name: &str,
    words: &[Word],
    line: &Directive,
) -> Result<Redirecting, Trouble> {
    let regex = name == "redirectmatch";
    let mut status = if name == "redirectpermanent" {
        301
    } else {
        302
    };
    let first = words
        .first()
        .map(|word| word.text().to_ascii_lowercase())
        .unwrap_or_default();
    let named = match first.as_str() {
        "permanent" => Some(301),
        "temp" => Some(302),
        "seeother" => Some(303),
        "gone" => Some(410),
        other if other.starts_with(|c: char| c.is_ascii_digit()) => {
            Some(u16::try_from(super::expr::number(other.as_bytes())).unwrap_or(0))
        }
        _ => None,
    };
    let fixed = name == "redirectpermanent" || name == "redirecttemp";
    let rest = match named.filter(|_| !fixed) {
        Some(code) => {
            status = code;
            words.get(1..).unwrap_or_default()
        }
        None => words,
    };
    let is_redirect = (300..400).contains(&status);
    let text = |word: &Word| Text::read(word.bytes()).map_err(Trouble::Refused);
    let (fake, to) = match (rest, is_redirect) {
        ([], false) => return Ok(Redirecting::Whole(Said::new((None, status), &line.at))),
        ([one], true) => {
            return Ok(Redirecting::Whole(Said::new(
                (Some(text(one)?), status),
                &line.at,
            )));
        }
        ([fake], false) => (fake, None),
        ([fake, to], true) => (fake, Some(to.bytes().to_vec())),
        ([_, _], false) => return Err("Redirect URL not valid for this status".to_owned().into()),
        _ => return Err("Redirect: wrong number of arguments".to_owned().into()),
    };
    if let Some(to) = &to
        && !regex
        && !uri::is_url(to)
        && !to.starts_with(b"/")
    {
        return Err("Redirect to non-URL".to_owned().into());
    }
    let fake = if regex {
        Matching::Regex(Expression::new(fake.bytes(), false)?)
    } else {
        Matching::Exact(fake.bytes().to_vec())
    };
    Ok(Redirecting::List(Redirect {
        fake,
        to,
        status,
        at: line.at.clone(),
    }))
}
