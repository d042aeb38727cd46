//! Which of the PHPs on this host the web server hands scripts to. Where that depends on the request,
//! all of them count.

use crate::host::Host;
use crate::route::{Directive, Tree};
use crate::target::Target;
use crate::target::php_runtime::PhpRuntime;
use crate::target::web_server::Parsed;
use std::path::Path;

/// The PHPs that serve, and why there may be others.
pub(super) fn serving<'a>(host: &Host, target: &'a Target) -> (Vec<&'a PhpRuntime>, Vec<String>) {
    let servers = &target.servers;
    let mut missed: Vec<String> = servers.missed.web.clone();
    missed.extend(servers.missed.pools.iter().cloned());
    if let Some(reason) = target.not_served(host) {
        missed.push(reason);
        return (Vec::new(), missed);
    }
    let mut targets: Vec<String> = Vec::new();
    let mut has_module = false;
    for server in target.serving(host) {
        has_module |= matches!(&server.parsed, Parsed::Apache { .. });
        match &server.parsed {
            Parsed::Nginx { tree, .. } => nginx(tree, &mut targets),
            Parsed::Apache { config, .. } => apache(&config.tree.directives, &mut targets),
        }
    }
    targets.sort();
    targets.dedup();
    let depends = targets.iter().any(|target| target.contains('$'));
    let is_asked = |runtime: &&PhpRuntime| {
        let Some(listen) = &runtime.listen else {
            return has_module;
        };
        targets.is_empty() && !has_module
            || depends
            || targets.iter().any(|it| same(host, it, listen))
    };
    let mut found: Vec<&PhpRuntime> = servers.php.iter().filter(is_asked).collect();
    if found.iter().any(|runtime| runtime.is_running) {
        found.retain(|runtime| runtime.is_running);
    }
    let listens = || {
        servers
            .php
            .iter()
            .filter_map(|runtime| runtime.listen.as_ref())
    };
    for target in targets.iter().filter(|target| !target.contains('$')) {
        if !listens().any(|listen| same(host, target, listen)) {
            missed.push(format!(
                "PHP answers at {target}, and no pool that was found listens there"
            ));
        }
    }
    if found.is_empty() && missed.is_empty() {
        missed.push("no PHP that serves the site was found".to_owned());
    }
    (found, missed)
}

/// `fastcgi_pass`, through an `upstream` to its servers.
fn nginx(tree: &Tree, found: &mut Vec<String>) {
    fn walk(block: &Directive, found: &mut Vec<String>) {
        for directive in block.inside() {
            if directive.is("fastcgi_pass")
                && let Some(word) = directive.args.first()
            {
                found.push(word.text().into_owned());
            }
            walk(directive, found);
        }
    }
    for http in tree.directives.iter().filter(|d| d.is("http")) {
        let mut passes = Vec::new();
        walk(http, &mut passes);
        for pass in passes {
            let upstream = http.all("upstream").find(|upstream| {
                let name = upstream.args.first();
                name.is_some_and(|name| *name == pass.as_str())
            });
            match upstream {
                Some(upstream) => {
                    let words = upstream.all("server").filter_map(|it| it.args.first());
                    found.extend(words.map(|word| word.text().into_owned()));
                }
                None => found.push(pass),
            }
        }
    }
}

/// `SetHandler "proxy:unix:/x.sock|fcgi://localhost"`, `ProxyPassMatch … fcgi://127.0.0.1:9000/…`.
fn apache(directives: &[Directive], found: &mut Vec<String>) {
    for directive in directives {
        apache(directive.inside(), found);
        let names = ["SetHandler", "ProxyPass", "ProxyPassMatch", "AddHandler"];
        if !names.iter().any(|name| directive.is(name)) {
            continue;
        }
        for word in &directive.args {
            let text = word.text();
            let text = text.strip_prefix("proxy:").unwrap_or(&text);
            if let Some(socket) = text.strip_prefix("unix:") {
                let path = socket.split('|').next().unwrap_or_default();
                found.push(format!("unix:{path}"));
            } else if let Some(rest) = text.strip_prefix("fcgi://") {
                found.push(rest.split('/').next().unwrap_or_default().to_owned());
            }
        }
    }
}

/// Whether a server's target is where a pool listens.
fn same(host: &Host, target: &str, listen: &str) -> bool {
    if let Some(path) = target.strip_prefix("unix:") {
        let path = path.trim_end_matches(':');
        let real = |path: &str| host.real_path(Path::new(path)).ok().flatten();
        let run = |path: &str| path.replacen("/var/run/", "/run/", 1);
        return run(path) == run(listen) || real(path).is_some_and(|it| Some(it) == real(listen));
    }
    if listen.starts_with('/') {
        return false;
    }
    let split = |text: &str| -> (String, String) {
        match text.rsplit_once(':') {
            Some((address, port)) => (address.to_owned(), port.to_owned()),
            None => (String::new(), text.to_owned()),
        }
    };
    let ((to, to_port), (at, at_port)) = (split(target), split(listen));
    let anywhere = matches!(at.as_str(), "" | "*" | "0.0.0.0" | "[::]");
    let local = |address: &str| {
        if address == "localhost" {
            "127.0.0.1"
        } else {
            address
        }
        .to_owned()
    };
    to_port == at_port && (anywhere || local(&to) == local(&at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::{NoSources, nginx as language};

    #[test]
    fn where_pools_listen() {
        let host = Host::default();
        for (target, listen, expected) in [
            ("unix:/var/run/php/a.sock", "/run/php/a.sock", true),
            ("unix:/run/php/a.sock:", "/run/php/a.sock", true),
            ("unix:/run/php/a.sock", "/run/php/b.sock", false),
            ("127.0.0.1:9000", "9000", true),
            ("localhost:9000", "127.0.0.1:9000", true),
            ("[::1]:9000", "127.0.0.1:9000", false),
            ("127.0.0.1:9001", "9000", false),
        ] {
            assert_eq!(same(&host, target, listen), expected, "{target} {listen}");
        }
    }

    #[test]
    fn an_upstream_is_its_servers() {
        let text = b"http { upstream php { server unix:/a.sock; server 10.0.0.1:9000; } server { location / { fastcgi_pass php; } } }";
        let mut found = Vec::new();
        nginx(
            &language::parse(Path::new("/n"), text, &NoSources),
            &mut found,
        );
        assert_eq!(found, ["unix:/a.sock", "10.0.0.1:9000"]);
    }
}
