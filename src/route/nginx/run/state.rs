//! A request on its way through the phases: what nginx keeps in `ngx_http_request_t`.

use crate::route::nginx::plan::{Beyond, Compiled, Location, Plan, Server, Settings};
use crate::route::{Because, Disk, Fpm, Place, Request};
use std::net::IpAddr;

/// nginx follows no more than ten rewrites and internal redirects.
pub(super) const MOST_CHANGES: u8 = 11;

/// The request and what became of it so far.
pub(super) struct State<'a> {
    pub(super) plan: &'a Plan,
    pub(super) fpm: &'a [Fpm],
    pub(super) request: &'a Request,
    pub(super) disk: &'a dyn Disk,
    pub(super) server: usize,
    /// `r->loc_conf`.
    pub(super) location: usize,
    /// The location whose content handler answers.
    pub(super) handler: Option<usize>,
    pub(super) uri: Vec<u8>,
    pub(super) args: Vec<u8>,
    pub(super) unparsed: Vec<u8>,
    /// The host, validated.
    pub(super) host: Vec<u8>,
    /// The client, as `real_ip` leaves it.
    pub(super) client: IpAddr,
    /// What the socket saw.
    pub(super) local_port: u16,
    pub(super) changes_left: u8,
    pub(super) uri_changed: bool,
    /// False once a URI was rewritten without choosing a location again.
    pub(super) valid_location: bool,
    pub(super) internal: bool,
    pub(super) in_error_page: bool,
    /// The status that goes out instead; 0 for none.
    pub(super) err_status: u16,
    pub(super) add_uri_to_alias: bool,
    /// The `Location` header, which an error page does not take away.
    pub(super) redirect: Option<Vec<u8>>,
    /// Whether the request line held an escape or a plus.
    pub(super) escapes: bool,
    pub(super) real_ip_done: bool,
    /// `$1` to `$9`.
    pub(super) captures: Vec<Vec<u8>>,
    pub(super) slots: Vec<Option<Vec<u8>>>,
    pub(super) because: Vec<Because>,
    /// Values that are being worked out, against circles.
    pub(super) depth: usize,
}

impl<'a> State<'a> {
    pub(super) fn location(&self) -> Result<&'a Location, Beyond> {
        self.at(self.location)
    }

    pub(super) fn at(&self, index: usize) -> Result<&'a Location, Beyond> {
        self.plan.locations.get(index).ok_or_else(lost)
    }

    pub(super) fn settings(&self) -> Result<&'a Settings, Beyond> {
        Ok(&self.location()?.settings)
    }

    pub(super) fn server(&self) -> Result<&'a Server, Beyond> {
        self.plan.servers.get(self.server).ok_or_else(lost)
    }

    pub(super) fn say(&mut self, at: &Place, text: impl Into<String>) {
        self.because.push(Because {
            at: Some(at.clone()),
            text: text.into(),
        });
    }

    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.because.push(Because {
            at: None,
            text: text.into(),
        });
    }

    /// Matches a pattern as `ngx_http_regex_exec` does: a match sets captures and named groups.
    pub(super) fn matches(
        &mut self,
        pattern: &Result<Compiled, String>,
        text: &[u8],
        at: &Place,
    ) -> Result<bool, Beyond> {
        let compiled = pattern
            .as_ref()
            .map_err(|why| Beyond::at(at, why.clone()))?;
        let found = compiled.regex.captures(text);
        let Some(found) = found.map_err(|why| Beyond::at(at, why))? else {
            return Ok(false);
        };
        let group = |group: usize| found.bytes(group, text).unwrap_or_default().to_vec();
        self.captures = (1..found.count()).map(group).collect();
        for (slot, number) in &compiled.slots {
            if let Some(known) = self.slots.get_mut(*slot) {
                *known = Some(group(*number));
            }
        }
        Ok(true)
    }

    /// Obstacles of the settings that are in force.
    pub(super) fn obstacles(&self) -> Result<(), Beyond> {
        match self.settings()?.obstacles.first() {
            Some((at, text)) => Err(Beyond::at(at, text.clone())),
            None => Ok(()),
        }
    }
}

fn lost() -> Beyond {
    Beyond {
        at: None,
        text: "the model lost its place".to_owned(),
    }
}
