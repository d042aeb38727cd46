//! Which of the servers that were found answers a request: the one that listens on its port, a
//! running one before one that only has a configuration. Refuses to be silent about a choice.

use crate::target::web_server::WebServer;

/// The server for a port, and what there is to say about the choice.
pub(super) fn choose(servers: &[WebServer], port: u16) -> Option<(&WebServer, Option<String>)> {
    let [only] = servers else {
        let mut listening: Vec<&WebServer> = servers
            .iter()
            .filter(|server| server.ports().contains(&port))
            .collect();
        listening.sort_by_key(|server| server.running.is_none());
        let all = || servers.iter().map(named).collect::<Vec<_>>().join(", ");
        return match listening.as_slice() {
            [] => servers.first().map(|first| {
                let note = format!(
                    "no server of {} listens on port {port}; {} answers",
                    all(),
                    named(first)
                );
                (first, Some(note))
            }),
            [one] => Some((one, None)),
            [first, ..] => {
                let note = format!(
                    "several servers listen on port {port} ({}); {} answers: name another with --web-config",
                    listening
                        .iter()
                        .map(|it| named(it))
                        .collect::<Vec<_>>()
                        .join(", "),
                    named(first)
                );
                let both_run = listening.get(1).is_some_and(|next| next.running.is_some())
                    || first.running.is_none();
                Some((first, both_run.then_some(note)))
            }
        };
    };
    Some((only, None))
}

/// `nginx by /etc/nginx/nginx.conf`.
pub(super) fn named(server: &WebServer) -> String {
    format!("{} by {}", server.program.name(), server.config.display())
}
