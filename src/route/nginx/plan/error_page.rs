//! `error_page` (`ngx_http_core_error_page`).

use super::{Plan, Template};
use crate::route::{Directive, Place};

/// What is sent in place of one status.
#[derive(Debug, Clone)]
pub(in crate::route::nginx) struct ErrorPage {
    pub(in crate::route::nginx) at: Place,
    pub(in crate::route::nginx) status: u16,
    /// The status that goes out; 0 leaves it to whatever answers.
    pub(in crate::route::nginx) overwrite: u16,
    pub(in crate::route::nginx) uri: Template,
    /// The query of a URI without variables.
    pub(in crate::route::nginx) args: Vec<u8>,
}

impl ErrorPage {
    pub(super) fn read(directive: &Directive, plan: &Plan) -> Option<Vec<Self>> {
        let (uri, before) = directive.args.split_last()?;
        let (overwrite, codes) = match before.split_last() {
            Some((code, codes)) if code.bytes().starts_with(b"=") => {
                let digits = code.bytes().get(1..).unwrap_or_default();
                let status = if digits.is_empty() {
                    0
                } else {
                    number(digits)?
                };
                (Some(status), codes)
            }
            _ => (None, before),
        };
        let mut path = uri.bytes();
        let mut args: &[u8] = &[];
        let is_plain = path.starts_with(b"/") && !path.contains(&b'$');
        if is_plain && let Some(mark) = path.iter().position(|byte| *byte == b'?') {
            args = path.get(mark + 1..).unwrap_or_default();
            path = path.get(..mark).unwrap_or_default();
        }
        let uri = Template::new(path, &directive.at, plan, false);
        let pages = codes.iter().map(|code| {
            let status = number(code.bytes())?;
            Some(Self {
                at: directive.at.clone(),
                status,
                overwrite: overwrite.unwrap_or(match status {
                    // 494 to 497 are nginx's own and never leave it.
                    494..=497 => 400,
                    status => status,
                }),
                uri: uri.clone(),
                args: args.to_vec(),
            })
        });
        pages.collect()
    }
}

/// A status code.
pub(super) fn number(digits: &[u8]) -> Option<u16> {
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    is_number.then(|| std::str::from_utf8(digits).ok()?.parse().ok())?
}
