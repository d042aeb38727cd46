//! Checks that a host without a running server cannot show: which test plants their faults, and why they
//! are unknown here.

/// Check, the test that plants its faults, and a part of the reason why it is unknown here.
pub(crate) const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("data/forbidden-live", "live", "no URL"),
    ("web/https-only", "live", "no URL"),
    ("web/tls-modern", "live", "no URL"),
    ("web/hsts-set", "live", "no URL"),
    ("web/headers-set", "live", "no URL"),
    ("web/cookies-protected", "live", "no URL"),
    ("web/versions-hidden", "live", "no URL"),
    ("web/model-agrees-with-live", "live", "no URL"),
];

/// Why a check is unknown here, if it is.
pub(crate) fn reason(id: &str) -> Option<&'static str> {
    let found = ELSEWHERE.iter().find(|(check, ..)| *check == id);
    found.map(|(.., reason)| *reason)
}
