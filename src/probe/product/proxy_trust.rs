//! Whom the product believes when a request names another client address, as its own code takes the
//! setting: v4 casts anything but an array to "everybody", v5 hands a list to its framework.

use super::{sentence, text};
use crate::facts::{Known, ProxyTrust};
use crate::php::{Located, Lookup, Place, Value};
use crate::target::{Asked, Generation, Settings};
use std::net::IpAddr;

/// A network with a shorter prefix than this holds so much of the internet that listing it lists
/// nobody in particular.
const SHORTEST_V4: u8 = 8;
const SHORTEST_V6: u8 = 16;

pub(super) fn observe(settings: &Settings) -> ProxyTrust {
    let v4 = settings.generation == Generation::V4;
    let mut asked = settings.get("env", &["trust_proxy_data"]);
    if !v4
        && matches!(
            asked.lookup,
            Lookup::Missing | Lookup::Known(Value::Null, _)
        )
    {
        asked = settings.get("settings", &["trust_proxy_data"]);
    }
    let (mut path, mut line) = asked.place();
    let (who, because, element) = judge(&asked, v4);
    if let Some(at) = element {
        (path, line) = (text(&at.file), at.line);
    }
    ProxyTrust {
        who,
        because,
        setting: asked.name,
        path,
        line,
    }
}

/// Who, why, and the element that decides where one does.
type Verdict = (Known<String>, String, Option<Place>);

fn judge(asked: &Asked<'_>, v4: bool) -> Verdict {
    let known = |who: &str, because: &str| (Known::Known(who.to_owned()), because.to_owned(), None);
    match &asked.lookup {
        Lookup::Missing => known("nobody", "nothing is set"),
        Lookup::Unknown(unknown) => (
            Known::unknown(sentence(unknown)),
            "its value is not known".to_owned(),
            None,
        ),
        Lookup::Known(Value::Array(list), _) => {
            let elements: Vec<&Located> = list.iter().map(|(_, held)| held).collect();
            if let Some(unknown) = list.loose() {
                return (
                    Known::unknown(sentence(unknown)),
                    "not every element is known".to_owned(),
                    None,
                );
            }
            judge_list(&elements)
        }
        Lookup::Known(value, _) => match value.truth() {
            Some(false) => known("nobody", "the value is false"),
            Some(true) if v4 => known(
                "everybody",
                "v4 takes every true value that is no array, also one address as a string, for trust in everybody",
            ),
            _ => (
                Known::unknown(format!("the value is a {}, not a list", value.kind())),
                "the product expects a list".to_owned(),
                None,
            ),
        },
    }
}

fn judge_list(elements: &[&Located]) -> Verdict {
    if elements.is_empty() {
        let nobody = Known::Known("nobody".to_owned());
        return (nobody, "the list is empty".to_owned(), None);
    }
    let mut unclear = None;
    for element in elements {
        let Value::Str(bytes) = &element.value else {
            let why = format!("an element is a {}", element.value.kind());
            unclear = Some((why, element.at.clone()));
            continue;
        };
        let text = String::from_utf8_lossy(bytes).into_owned();
        if text.starts_with('@') {
            let why = format!("the list continues in the file {text}");
            unclear = Some((why, element.at.clone()));
        } else if text == "REMOTE_ADDR" || text == "*" || is_vast(&text) {
            return (
                Known::Known("everybody".to_owned()),
                format!("the list holds {text}"),
                Some(element.at.clone()),
            );
        }
    }
    match unclear {
        Some((why, at)) => (Known::unknown(why.clone()), why, Some(at)),
        None => (
            Known::Known("listed".to_owned()),
            format!("{} listed", elements.len()),
            None,
        ),
    }
}

/// Whether a network in CIDR notation is so large that it is no list of proxies.
fn is_vast(text: &str) -> bool {
    let Some((address, prefix)) = text.split_once('/') else {
        return matches!(text, "0.0.0.0" | "::");
    };
    match (
        address.trim().parse::<IpAddr>(),
        prefix.trim().parse::<u8>(),
    ) {
        (Ok(IpAddr::V4(_)), Ok(bits)) => bits < SHORTEST_V4,
        (Ok(IpAddr::V6(_)), Ok(bits)) => bits < SHORTEST_V6,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_half_the_internet_is_everybody() {
        for (text, vast) in [
            ("0.0.0.0/0", true),
            ("128.0.0.0/1", true),
            ("10.0.0.0/8", false),
            ("::/0", true),
            ("2001:db8::/32", false),
            ("10.1.2.3", false),
        ] {
            assert_eq!(is_vast(text), vast, "{text}");
        }
    }
}
