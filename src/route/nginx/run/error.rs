//! How a status ends a request (`ngx_http_special_response_handler`): `error_page`, redirects.

use super::state::State;
use super::uri::split_args;
use super::{End, Step};
use crate::route::nginx::plan::{Beyond, ErrorPage};
use crate::route::{Decision, Scheme};

impl State<'_> {
    pub(super) fn finalize(&mut self, status: u16, to: Option<Vec<u8>>) -> Result<Step, Beyond> {
        // These close the connection without an answer.
        if matches!(status, 444 | 408 | 499) || (status < 300 && !matches!(status, 201 | 204)) {
            return Ok(self.end(Decision::Denied, Some(444), None));
        }
        self.err_status = status;
        if let Some(to) = to {
            self.redirect = Some(to);
        }
        let settings = self.settings()?;
        if !self.in_error_page && !settings.error_pages.is_empty() && self.changes_left != 0 {
            if !settings.recursive_error_pages {
                self.in_error_page = true;
            }
            let page = settings
                .error_pages
                .iter()
                .find(|page| page.status == status);
            if let Some(page) = page {
                return self.error_page(page);
            }
        }
        let status = match status {
            494..=497 => 400,
            status => status,
        };
        Ok(Step::Done(End {
            decision: if status < 300 {
                Decision::Fixed
            } else {
                Decision::Denied
            },
            status: Some(status),
            file: None,
            to: None,
        }))
    }

    /// `ngx_http_send_error_page`.
    fn error_page(&mut self, page: &ErrorPage) -> Result<Step, Beyond> {
        self.err_status = page.overwrite;
        let uri = self.value(&page.uri, false)?;
        let shown = String::from_utf8_lossy(&uri).into_owned();
        self.say(&page.at, format!("error_page {} {shown}", page.status));
        if uri.starts_with(b"/") {
            let (uri, args) = if page.uri.constant().is_some() {
                (uri, page.args.clone())
            } else {
                split_args(&uri)
            };
            return self.internal_redirect(uri, args);
        }
        if uri.starts_with(b"@") {
            return self.named_location(&uri);
        }
        self.redirect = Some(uri);
        self.err_status = match page.overwrite {
            status @ (301 | 302 | 303 | 307 | 308) => status,
            _ => 302,
        };
        Ok(Step::Done(End {
            decision: Decision::Redirect,
            status: Some(self.err_status),
            file: None,
            to: None,
        }))
    }

    /// The status that goes out with a body that would have this one.
    pub(super) const fn sent_status(&self, status: u16) -> u16 {
        if self.err_status == 0 {
            status
        } else {
            self.err_status
        }
    }

    /// The status that nginx puts in place of another program's.
    pub(super) fn forced_status(&self) -> Option<u16> {
        (self.err_status != 0).then_some(self.err_status)
    }

    /// A path becomes a whole URL (`ngx_http_header_filter`).
    pub(super) fn location_header(&self, to: Vec<u8>) -> Result<Vec<u8>, Beyond> {
        let settings = self.settings()?;
        if !settings.absolute_redirect || !to.starts_with(b"/") {
            return Ok(to);
        }
        let mut out = format!("{}://", self.request.scheme.word()).into_bytes();
        if settings.server_name_in_redirect {
            out.extend(self.server_name()?);
        } else if let (true, Some(address)) = (self.host.is_empty(), self.request.to) {
            out.extend(address.to_string().into_bytes());
        } else {
            out.extend_from_slice(&self.host);
        }
        let default = match self.request.scheme {
            Scheme::Http => 80,
            Scheme::Https => 443,
        };
        if settings.port_in_redirect && self.local_port != default {
            out.extend(format!(":{}", self.local_port).into_bytes());
        }
        out.extend(to);
        Ok(out)
    }
}
