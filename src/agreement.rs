//! Whether live answers are what the web server's configuration says: a pure comparison of two facts.
//! Refuses to compare what cannot be: an undetermined decision, a page that PHP or another server makes.

use crate::facts::{Disagreement, Exchange, Known, Listing, Predicted};
use crate::route::{Answer, Decision};

/// A model's answer to a request that was sent, as a fact.
#[must_use]
pub fn predicted(url: &str, answer: &Answer) -> Predicted {
    let last = answer.because.last();
    let decision = match answer.decision {
        Decision::Undetermined => Known::unknown(last.map_or_else(
            || "the configuration is not modelled that far".to_owned(),
            |because| because.text.clone(),
        )),
        decided => Known::Known(decided.word().to_owned()),
    };
    let at = answer
        .because
        .iter()
        .rev()
        .find_map(|because| because.at.as_ref());
    Predicted {
        url: url.to_owned(),
        decision,
        status: answer.status,
        file: answer
            .file
            .as_ref()
            .map_or_else(String::new, |file| file.to_string_lossy().into_owned()),
        path: at.map_or_else(String::new, |at| at.file.to_string_lossy().into_owned()),
        line: at.map_or(0, |at| at.line),
    }
}

/// Every answer that cannot be what the configuration says.
#[must_use]
pub fn compare(
    predicted: &Listing<Predicted>,
    exchanges: &Listing<Exchange>,
) -> Listing<Disagreement> {
    let mut rows = Vec::new();
    for said in &predicted.rows {
        let Known::Known(decision) = &said.decision else {
            continue;
        };
        let answers = exchanges.rows.iter().filter(|live| live.url == said.url);
        for live in answers.filter(|live| !agrees(decision, said, live)) {
            rows.push(Disagreement {
                url: said.url.clone(),
                live: worded(live),
                model: said
                    .status
                    .map_or_else(|| decision.clone(), |status| format!("{decision} {status}")),
                path: said.path.clone(),
                line: said.line,
            });
        }
    }
    let mut missed = predicted.missed.clone();
    missed.extend(exchanges.missed.iter().cloned());
    missed.sort();
    missed.dedup();
    Listing { rows, missed }
}

fn agrees(decision: &str, said: &Predicted, live: &Exchange) -> bool {
    let same_status = said.status.is_none_or(|status| status == live.status);
    match decision {
        "static" => {
            same_status && !live.listing && (live.file.is_empty() || live.file == said.file)
        }
        "listing" => same_status && live.listing,
        "redirect" => same_status && (300..400).contains(&live.status),
        "not-found" => live.status == 404,
        "denied" => same_status && live.status >= 400,
        "fixed" => same_status,
        // PHP may answer anything but its own source; what is proxied may answer anything.
        "executed" => !live.php_source && live.file.is_empty(),
        _ => true,
    }
}

fn worded(live: &Exchange) -> String {
    let what = if live.listing {
        "listing"
    } else if live.php_source {
        "PHP source"
    } else if !live.file.is_empty() {
        "static"
    } else {
        match live.status {
            300..400 => "redirect",
            404 => "not-found",
            400.. => "denied",
            _ => "a page",
        }
    };
    format!("{what} {}", live.status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(status: u16, file: &str, php_source: bool, listing: bool) -> Exchange {
        Exchange {
            url: "http://h/x".to_owned(),
            from: "198.51.100.7".to_owned(),
            status,
            file: file.to_owned(),
            php_source,
            listing,
        }
    }

    fn said(decision: &str, status: Option<u16>) -> Predicted {
        Predicted {
            url: "http://h/x".to_owned(),
            decision: Known::Known(decision.to_owned()),
            status,
            file: "/srv/x".to_owned(),
            path: "/etc/nginx/nginx.conf".to_owned(),
            line: 3,
        }
    }

    #[test]
    fn what_agrees_and_what_does_not() {
        for (decision, status, live, agrees) in [
            ("denied", Some(403), live(403, "", false, false), true),
            (
                "denied",
                Some(403),
                live(200, "/srv/x", false, false),
                false,
            ),
            ("static", Some(200), live(200, "/srv/x", false, false), true),
            (
                "static",
                Some(200),
                live(200, "/srv/y", false, false),
                false,
            ),
            ("static", Some(200), live(403, "", false, false), false),
            ("executed", None, live(404, "", false, false), true),
            ("executed", None, live(200, "", true, false), false),
            ("listing", Some(200), live(200, "", false, false), false),
            ("not-found", Some(404), live(404, "", false, false), true),
            ("redirect", Some(301), live(302, "", false, false), false),
            ("proxied", None, live(500, "", false, false), true),
        ] {
            let predicted = Listing::whole(vec![said(decision, status)]);
            let found = compare(&predicted, &Listing::whole(vec![live.clone()]));
            assert_eq!(found.rows.is_empty(), agrees, "{decision} {live:?}");
        }
    }

    #[test]
    fn a_model_that_ends_predicts_nothing() {
        let because = crate::route::Because {
            at: None,
            text: "access_by_lua decides".to_owned(),
        };
        let answer = Answer {
            decision: Decision::Undetermined,
            status: None,
            file: None,
            to: None,
            because: vec![because],
        };
        let fact = predicted("http://h/x", &answer);
        assert_eq!(fact.decision, Known::unknown("access_by_lua decides"));
    }

    #[test]
    fn what_is_undetermined_is_not_compared_and_what_was_missed_is_kept() {
        let mut unknown = said("denied", Some(403));
        unknown.decision = Known::unknown("lua");
        let predicted = Listing {
            rows: vec![unknown],
            missed: vec!["no model".to_owned()],
        };
        let exchanges = Listing::whole(vec![live(200, "/srv/x", false, false)]);
        let found = compare(&predicted, &exchanges);
        assert!(found.rows.is_empty());
        assert_eq!(found.missed, ["no model"]);
    }
}
