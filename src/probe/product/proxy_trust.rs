//! Whom the product believes when a request names another client address, as its own code takes the
//! setting: v4 casts anything but an array to "everybody", v5 hands a list to its framework.

use super::sentence;
use crate::facts::{Known, ProxyTrust};
use crate::php::{Lookup, Value};
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
    let (path, line) = asked.place();
    let (who, because) = judge(&asked, v4);
    ProxyTrust {
        who,
        because,
        path,
        line,
    }
}

fn judge(asked: &Asked<'_>, v4: bool) -> (Known<String>, String) {
    let known = |who: &str, because: &str| (Known::Known(who.to_owned()), because.to_owned());
    match &asked.lookup {
        Lookup::Missing => known("nobody", "nothing is set"),
        Lookup::Unknown(unknown) => (
            Known::unknown(sentence(unknown)),
            "its value is not known".to_owned(),
        ),
        Lookup::Known(Value::Array(list), _) => {
            let elements: Vec<&Value> = list.iter().map(|(_, held)| &held.value).collect();
            if let Some(unknown) = list.loose() {
                return (
                    Known::unknown(sentence(unknown)),
                    "not every element is known".to_owned(),
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
            ),
        },
    }
}

fn judge_list(elements: &[&Value]) -> (Known<String>, String) {
    if elements.is_empty() {
        return (
            Known::Known("nobody".to_owned()),
            "the list is empty".to_owned(),
        );
    }
    let mut unclear = None;
    for element in elements {
        let Value::Str(bytes) = element else {
            unclear = Some(format!("an element is a {}", element.kind()));
            continue;
        };
        let text = String::from_utf8_lossy(bytes).into_owned();
        if text.starts_with('@') {
            unclear = Some(format!("the list continues in the file {text}"));
        } else if text == "REMOTE_ADDR" || text == "*" || is_vast(&text) {
            return (
                Known::Known("everybody".to_owned()),
                format!("the list holds {text}"),
            );
        }
    }
    unclear.map_or_else(
        || {
            (
                Known::Known("listed".to_owned()),
                format!("{} listed", elements.len()),
            )
        },
        |why| (Known::unknown(why.clone()), why),
    )
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
