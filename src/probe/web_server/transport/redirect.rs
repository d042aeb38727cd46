//! Plain HTTP that leads to HTTPS: lines for the block that answers it, for the helpdesk's own name
//! alone, since its certificate is known to be good for that. Other names of the block, and what
//! certificates are issued by, stay as they are.

use super::super::blocks::flat;
use super::{Believed, Door, Ground, Mend, proxy};
use crate::facts::{Known, LiveFacts};
use crate::route::{Decision, Place, Request};
use crate::target::servers::Program;
use std::sync::Arc;

const ABOUT: &str = "redirect";
/// Where ACME asks for its proof, over plain HTTP (RFC 8555 section 8.3).
const ACME: &str = r"\.well-known/acme-challenge/";

impl Ground<'_> {
    /// # Errors
    /// Why a person has to do it.
    pub(super) fn redirect(&mut self, believed: Believed<'_>) -> Result<(), String> {
        let live = self.live;
        if live.plain_http.state.known().map(String::as_str) != Some("answers") {
            return Ok(());
        }
        let secure = sound(live)?;
        let plain = self.door(&live.plain_http.url)?;
        if plain.request.host != secure.host {
            return Err(format!(
                "plain HTTP was asked of {}, and HTTPS of {}",
                plain.request.host, secure.host
            ));
        }
        let tls = self.door(
            &Request {
                target: plain.request.target.clone(),
                ..secure
            }
            .url(),
        )?;
        ends_here(&plain, &tls)?;
        if let Some(sign) = proxy::sign(self.host, self.target, believed, &plain, &tls) {
            return Err(format!(
                "a proxy in front may have ended TLS already, and would be sent round in a circle: {sign}"
            ));
        }
        let program = plain.server.program;
        let (host, port) = (&tls.request.host, tls.request.port);
        let lines = match program {
            Program::Apache if !loads_alias(&plain) => {
                return Err("Apache's mod_alias is not loaded".to_owned());
            }
            Program::Apache => apache(host, port)?,
            _ => nginx(host, port)?,
        };
        let at = plain.entrance.answers.clone().unwrap_or_else(|| Place {
            file: Arc::from(plain.server.config.as_path()),
            line: 0,
        });
        let because = format!("it answers {}", live.plain_http.url);
        self.add(ABOUT, program, &at, Mend::Block(lines), because);
        Ok(())
    }
}

/// A request over HTTPS that is known to work.
fn sound(live: &LiveFacts) -> Result<Request, String> {
    let tls = &live.tls;
    let needed = [
        (
            &live.plain_http.ends_at_https,
            "whether the helpdesk answers over HTTPS was not seen: audit with its https address as --url",
        ),
        (&tls.offered, "TLS is not offered"),
        (&tls.modern, "TLS 1.2 and 1.3 are not offered"),
        (&tls.trusted, "this machine does not trust the certificate"),
        (&tls.name_matches, "the certificate is for another name"),
        (&tls.in_time, "the certificate is not valid now"),
    ];
    for (fact, lacking) in needed {
        match fact {
            Known::Known(true) => {}
            Known::Known(false) => return Err(format!("users would not get through: {lacking}")),
            Known::Unknown(why) => {
                return Err(format!(
                    "whether users would get through is not known: {why}"
                ));
            }
        }
    }
    if let Known::Unknown(why) = &live.site.recognised_by {
        return Err(format!(
            "that the helpdesk answers over HTTPS was not seen: {why}"
        ));
    }
    Request::new(&format!("https://{}/", tls.address), [0, 0, 0, 0].into())
}

/// That this very server ends TLS and answers by itself.
fn ends_here(plain: &Door<'_>, tls: &Door<'_>) -> Result<(), String> {
    let config = |door: &Door<'_>| door.server.config.display().to_string();
    if (plain.server.program, &plain.server.config) != (tls.server.program, &tls.server.config) {
        return Err(format!(
            "{} answers plain HTTP, and {} HTTPS: the one may stand behind the other",
            config(plain),
            config(tls)
        ));
    }
    if !tls.entrance.tls || plain.entrance.tls {
        return Err(format!("by {} another program ends TLS", config(tls)));
    }
    if plain.entrance.proxy_protocol || tls.entrance.proxy_protocol {
        return Err("its connections begin with a proxy's word".to_owned());
    }
    let answer = tls.model.answer(&tls.request, &tls.disk);
    let back = answer
        .to
        .as_deref()
        .is_some_and(|to| !to.starts_with("https:"));
    match answer.decision {
        Decision::Proxied => Err(
            "over HTTPS it passes requests on, and may be asked again over plain HTTP".to_owned(),
        ),
        Decision::Redirect if back => Err("over HTTPS it leads elsewhere".to_owned()),
        Decision::Undetermined => Err(format!(
            "what it answers over HTTPS is not known: {}",
            answer.because.last().map_or("", |because| &because.text)
        )),
        _ => Ok(()),
    }
}

/// At the start of a server block, before any location: with `$scheme`, since one block may answer both.
fn nginx(host: &str, port: u16) -> Result<String, String> {
    Ok(format!(
        "# Plain HTTP leads to HTTPS (deskguard, web/https-only).\n\
         set $deskguard_plain \"$scheme:$host$uri\";\n\
         if ($deskguard_plain ~ \"^http:{}/(?!{ACME})\") {{ return 301 https://{}$request_uri; }}",
        escaped(host)?,
        authority(host, port)
    ))
}

/// At the end of a virtual host. `<If>` is merged last, and mod_alias acts after any rewriting.
fn apache(host: &str, port: u16) -> Result<String, String> {
    Ok(format!(
        "# Plain HTTP leads to HTTPS (deskguard, web/https-only).\n\
         <If \"%{{HTTPS}} != 'on' && %{{HTTP_HOST}} =~ m#^{}(:[0-9]+)?$#i && %{{REQUEST_URI}} !~ m#^/{ACME}#\">\n    \
         Redirect permanent \"/\" \"https://{}/\"\n\
         </If>",
        escaped(host)?,
        authority(host, port)
    ))
}

fn authority(host: &str, port: u16) -> String {
    if port == crate::route::Scheme::Https.port() {
        host.to_owned()
    } else {
        format!("{host}:{port}")
    }
}

/// A name or an address as a regular expression; nginx compares it in small letters.
fn escaped(host: &str) -> Result<String, String> {
    let usual =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']' | '_');
    if host.chars().all(usual) {
        Ok(regex::escape(&host.to_ascii_lowercase()))
    } else {
        Err("the host's name holds characters that no name has".to_owned())
    }
}

fn loads_alias(door: &Door<'_>) -> bool {
    let mut all = Vec::new();
    flat(&door.server.parsed.tree().directives, &mut all);
    all.iter().any(|directive| {
        let name = directive.args.first();
        directive.is("LoadModule") && name.is_some_and(|name| name.is("alias_module"))
    })
}
