//! What a line outside of sections says of the server itself: its names, its limits, how it reads
//! requests, whose word on the client's address it takes.

use super::address::Subnet;
use super::endpoint::name_and_port;
use super::said::Said;
use super::say::Trouble;
use super::server::Server;
use crate::route::Directive;

/// Carries out such a line; false where it is another one. The name is in small letters.
pub(super) fn hosting(name: &str, line: &Directive, server: &mut Server) -> Result<bool, Trouble> {
    let words = line.args.as_slice();
    let first = words.first();
    match name {
        "servername" => {
            server.name = first.map(|word| Said::new(name_and_port(&word.text()), &line.at));
        }
        "serveralias" => server
            .aliases_of_name
            .extend(words.iter().map(|word| word.text().into_owned())),
        "accessfilename" => {
            server.access_names = Some(words.iter().map(|word| word.bytes().to_vec()).collect());
        }
        "mergeslashes" => server.merge_slashes = first.map(|word| word.is("on")),
        "httpprotocoloptions" if words.iter().any(|word| word.is("unsafe")) => {
            server.unsafe_protocol = Some(line.at.clone());
        }
        "stricthostcheck" => {
            server.strict_host = first.map(|word| Said::new(word.is("on"), &line.at));
        }
        "limitinternalrecursion" => {
            let mut numbers = words.iter().map(|word| word.text().parse::<usize>().ok());
            server.most_redirects = numbers.next().flatten();
            server.most_subrequests = numbers.next().flatten().or(server.most_redirects);
        }
        "limitrequestline" => {
            server.longest_line = first.and_then(|word| word.text().parse().ok());
        }
        "remoteipheader" => {
            server.remote_ip.header =
                first.map(|word| Said::new(word.text().into_owned(), &line.at));
        }
        "remoteipinternalproxy" | "remoteiptrustedproxy" => {
            for word in words {
                let subnet = Subnet::read(&word.text()).ok_or_else(|| {
                    format!("not modelled: the proxy {} is no address", word.text())
                })?;
                server
                    .remote_ip
                    .proxies
                    .push((subnet, name == "remoteipinternalproxy"));
            }
        }
        "userdir" if !matches!(words, [word] if word.is("disabled")) => {
            server.user_dir = Some(line.at.clone());
        }
        "usecanonicalname" => server.canonical_name = first.map(|word| word.is("on")),
        "sslengine" => {
            server.tls = first.is_some_and(|word| word.is("on"));
            server.tls_said = true;
        }
        _ => return Ok(false),
    }
    Ok(true)
}
