//! The access phase: `allow` and `deny`, `auth_basic`, `auth_request`, joined by `satisfy`.

use super::real_ip::unmapped;
use super::state::State;
use crate::route::nginx::plan::{Beyond, Whom};

/// What one module says.
enum Verdict {
    /// It has no opinion.
    Declined,
    Allowed,
    Status(u16),
}

impl State<'_> {
    /// The status that keeps the request out, if any.
    pub(super) fn access(&mut self) -> Result<Option<u16>, Beyond> {
        let any = self.settings()?.satisfy_any.clone();
        let mut refused = None;
        for module in [Self::rules, Self::basic, Self::subrequest] {
            match module(self)? {
                Verdict::Declined => {}
                Verdict::Allowed => {
                    if let Some(at) = &any {
                        self.say(at, "satisfy any: one is enough");
                        return Ok(None);
                    }
                }
                Verdict::Status(status @ (401 | 403)) if any.is_some() => {
                    // 401 is kept: a browser shall ask for a password.
                    if refused != Some(401) {
                        refused = Some(status);
                    }
                }
                Verdict::Status(status) => return Ok(Some(status)),
            }
        }
        Ok(refused)
    }

    /// `ngx_http_access_module`: the first rule that fits.
    fn rules(&mut self) -> Result<Verdict, Beyond> {
        let client = unmapped(self.client);
        for rule in self.settings()?.access.iter() {
            let fits = match &rule.whom {
                Whom::Everyone => true,
                Whom::UnixSocket => false,
                Whom::Network(network) => {
                    network.contains(&client) || network.contains(&self.client)
                }
                Whom::Unknown => {
                    return Err(Beyond::at(
                        &rule.at,
                        format!("{} is no address and no network", rule.text),
                    ));
                }
            };
            if fits {
                let word = if rule.allows { "allow" } else { "deny" };
                self.say(&rule.at, format!("{word} {} fits {client}", rule.text));
                return Ok(if rule.allows {
                    Verdict::Allowed
                } else {
                    Verdict::Status(403)
                });
            }
        }
        Ok(Verdict::Declined)
    }

    fn basic(&mut self) -> Result<Verdict, Beyond> {
        let settings = self.settings()?;
        let (Some(realm), Some(_)) = (&settings.auth_basic, &settings.auth_basic_file) else {
            return Ok(Verdict::Declined);
        };
        if self.value(realm, false)? == b"off" {
            return Ok(Verdict::Declined);
        }
        if self.request.header("authorization").is_some() {
            return Err(Beyond::at(
                &realm.at,
                "auth_basic: whether the credentials are right is not modelled",
            ));
        }
        self.say(&realm.at, "auth_basic: no credentials were sent");
        Ok(Verdict::Status(401))
    }

    fn subrequest(&mut self) -> Result<Verdict, Beyond> {
        match &self.settings()?.auth_request {
            Some(at) => Err(Beyond::at(
                at,
                "auth_request asks another location, which is not modelled",
            )),
            None => Ok(Verdict::Declined),
        }
    }
}
