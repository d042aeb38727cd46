//! Plain HTTP that leads to HTTPS: lines for the block that answers it, for the helpdesk's own name
//! alone, since its certificate is known to be good for that. Other names of the block, and what
//! certificates are issued by, stay as they are.

use super::super::blocks::flat;
use super::{Believed, Door, Ground, Mend, proxy};
use crate::facts::{Known, LiveFacts};
use crate::route::{Decision, Directive, Place, Request};
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
            Program::Apache => {
                if let Some(rule) = rewritten(&plain) {
                    return Err(format!(
                        "{rule}: this RewriteRule changes the path before anything else can lead to HTTPS; put yours before it"
                    ));
                }
                apache(host, port)?
            }
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
        (
            &tls.offered,
            "users would not get through: TLS is not offered",
        ),
        (
            &tls.modern,
            "users would not get through: neither TLS 1.2 nor 1.3 is offered",
        ),
        (
            &tls.trusted,
            "users would be warned: this machine does not trust the certificate",
        ),
        (
            &tls.name_matches,
            "users would be warned: the certificate is for another name",
        ),
        (
            &tls.in_time,
            "users would be warned: the certificate is not valid now",
        ),
    ];
    for (fact, lacking) in needed {
        match fact {
            Known::Known(true) => {}
            Known::Known(false) => return Err(lacking.to_owned()),
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
    let to = answer.to.as_deref().unwrap_or_default();
    let back = to.to_ascii_lowercase().starts_with("http:");
    match answer.decision {
        Decision::Proxied => Err(
            "over HTTPS it passes requests on, and may be asked again over plain HTTP".to_owned(),
        ),
        Decision::Redirect if back => Err("over HTTPS it leads back to plain HTTP".to_owned()),
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

/// A rule outside of all directories that hands on what it wrote (`PT`): the path that was asked for is
/// lost to what comes later.
fn rewritten(door: &Door<'_>) -> Option<Place> {
    let (_, inside) = door.block(door.entrance.answers.as_ref())?;
    let mut all = Vec::new();
    let of_server = |it: &&Directive| !it.name.text().to_ascii_lowercase().starts_with("directory");
    for directive in inside.iter().filter(of_server) {
        flat(std::slice::from_ref(directive), &mut all);
    }
    let hands_on = |directive: &&Directive| {
        let flags = directive.args.get(2).map(|flags| flags.text());
        let flags = flags.unwrap_or_default().to_ascii_lowercase();
        let mut flags = flags.trim_matches(['[', ']']).split(',').map(str::trim);
        directive.is("RewriteRule") && flags.any(|flag| flag == "pt" || flag == "passthrough")
    };
    all.into_iter().find(hands_on).map(|rule| rule.at.clone())
}

fn loads_alias(door: &Door<'_>) -> bool {
    let mut all = Vec::new();
    flat(&door.server.parsed.tree().directives, &mut all);
    all.iter().any(|directive| {
        let name = directive.args.first();
        directive.is("LoadModule") && name.is_some_and(|name| name.is("alias_module"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_expression() {
        assert_eq!(escaped("Help.Example.com").unwrap(), r"help\.example\.com");
        assert_eq!(escaped("[2001:db8::1]").unwrap(), r"\[2001:db8::1\]");
        for bad in ["a\"b", "a$b", "a{b", "a b", "a#b", "é"] {
            assert!(escaped(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_usual_port_is_not_spelled() {
        let usual = nginx("a.test", 443).unwrap();
        assert!(usual.contains("https://a.test$request_uri"), "{usual}");
        let other = apache("a.test", 8443).unwrap();
        assert!(other.contains("\"https://a.test:8443/\""), "{other}");
    }
}
