//! `Alias`, `ProxyPass` and their siblings as written (modules/mappers/mod_alias.c,
//! modules/proxy/mod_proxy.c).

use super::pattern::Expression;
use super::perdir::Matching;
use super::say::{self, Trouble};
use super::server::{Alias, ProxyPass, Server};
use crate::route::{Directive, Word};

/// Reads `Alias`, `AliasMatch`, `ScriptAlias` or `ScriptAliasMatch`.
pub(super) fn alias(
    name: &str,
    fake: &Word,
    real: &Word,
    line: &Directive,
) -> Result<Alias, Trouble> {
    let regex = match name.ends_with("match") {
        true => Some(Expression::new(fake.bytes(), false)?),
        false => None,
    };
    Ok(Alias {
        fake: fake.bytes().to_vec(),
        regex,
        real: real.bytes().to_vec(),
        script: name.starts_with("script"),
        at: line.at.clone(),
        written: say::written(line),
    })
}

/// Reads `ProxyPass` or `ProxyPassMatch`.
pub(super) fn proxy_pass(
    name: &str,
    fake: &Word,
    real: &Word,
    options: &[Word],
    line: &Directive,
) -> Result<ProxyPass, Trouble> {
    let regex = match name == "proxypassmatch" {
        true => Some(Expression::new(fake.bytes(), false)?),
        false => None,
    };
    let strange = ["interpolate", "mapping"];
    Ok(ProxyPass {
        fake: fake.bytes().to_vec(),
        regex,
        real: real.bytes().to_vec(),
        strange: options
            .iter()
            .any(|word| strange.iter().any(|name| word.text().starts_with(name))),
        at: line.at.clone(),
        written: say::written(line),
    })
}

/// `ProxyPass` in `<Location>` takes its path from there.
pub(super) fn location_proxy(
    server: &mut Server,
    matching: &Matching,
    path: &[u8],
    line: &Directive,
) -> Result<(), Trouble> {
    let name = line.name.text().to_ascii_lowercase();
    if name != "proxypass" && name != "proxypassmatch" {
        return Ok(());
    }
    let [real, options @ ..] = line.args.as_slice() else {
        return Err("ProxyPass needs a URL".to_owned().into());
    };
    let fake = Word::from(path);
    let name = if matches!(matching, Matching::Regex(_)) {
        "proxypassmatch"
    } else {
        &name
    };
    let mut found = proxy_pass(name, &fake, real, options, line)?;
    if matches!(matching, Matching::Wild(_)) {
        found.strange = true;
    }
    server.proxies.push(found);
    Ok(())
}
