//! Facts of a site that was not asked: all unknown, with the one reason.

use crate::facts::{Canary, Hsts, Known, Listing, LiveFacts, PlainHttp, Site, Tls};

/// Nothing is known, for this reason.
pub(super) fn unseen(reason: &str) -> LiveFacts {
    LiveFacts {
        site: Site {
            url: Known::unknown(reason),
            scheme: Known::unknown(reason),
            address: Known::unknown(reason),
            is_here: Known::unknown(reason),
            answers: Known::unknown(reason),
            recognised_by: Known::unknown(reason),
            ..Site::default()
        },
        data: Listing::unseen(reason),
        files: Listing::unseen(reason),
        directories: Listing::unseen(reason),
        installer: Listing::unseen(reason),
        diagnostics: Listing::unseen(reason),
        interfaces: Listing::unseen(reason),
        versions: Listing::unseen(reason),
        headers: Listing::unseen(reason),
        cookies: Listing::unseen(reason),
        exchanges: Listing::unseen(reason),
        predicted: Listing::unseen(reason),
        disagreements: Listing::unseen(reason),
        answer_lines: Listing::unseen(reason),
        plain_http: PlainHttp {
            state: Known::unknown(reason),
            ends_at_https: Known::unknown(reason),
            ..PlainHttp::default()
        },
        tls: unseen_tls(reason),
        hsts: Hsts {
            max_age: Known::unknown(reason),
            ..Hsts::default()
        },
        canary: unseen_canary(reason),
        ..LiveFacts::default()
    }
}

pub(super) fn unseen_tls(reason: &str) -> Tls {
    Tls {
        offered: Known::unknown(reason),
        old_versions: Known::unknown(reason),
        modern: Known::unknown(reason),
        trusted: Known::unknown(reason),
        name_matches: Known::unknown(reason),
        last_day: Known::unknown(reason),
        until: Known::unknown(reason),
        in_time: Known::unknown(reason),
        ..Tls::default()
    }
}

pub(super) fn unseen_canary(reason: &str) -> Canary {
    Canary {
        placed: Known::unknown(reason),
        served: Known::unknown(reason),
        executed: Known::unknown(reason),
        source_served: Known::unknown(reason),
        ..Canary::default()
    }
}
