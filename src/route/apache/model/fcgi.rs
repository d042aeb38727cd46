//! PHP-FPM behind mod_proxy_fcgi, and other servers behind mod_proxy: which script runs, by the rules
//! of PHP (sapi/fpm/fpm/fpm_main.c, `init_request_info`).

use super::record::{Asking, Kind, Record, Rewritten, shown};
use super::respond::Answered;
use super::said::{Step, Stop};
use super::server::ProxyPass;
use super::uri::{self, Slashes};
use crate::route::{Decision, Entry, Fpm};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

/// `SetHandler "proxy:fcgi://…"`: the script is the file.
pub(super) fn by_handler(asking: &Asking<'_>, r: &mut Record, target: &str) -> Step<Answered> {
    let (listen, url) = split(target);
    if !url.starts_with("fcgi://") {
        return Err(Stop::new(format!(
            "not modelled: SetHandler proxy:{target}"
        )));
    }
    if !asking.model.loaded.has("proxy_fcgi") {
        return Err(Stop::new("not modelled: mod_proxy_fcgi is not loaded"));
    }
    if r.kind.is_directory() && r.file().ends_with(b"/") {
        return Err(Stop::new("not modelled: a directory handed to PHP-FPM"));
    }
    let script = r.file().to_vec();
    run(asking, r, &listen.unwrap_or_else(|| address(url)), &script)
}

/// `ProxyPass` and `[P]`.
pub(super) fn by_url(asking: &Asking<'_>, r: &mut Record, target: &str) -> Step<Answered> {
    let (listen, url) = split(target);
    let Some(rest) = url.strip_prefix("fcgi://") else {
        return elsewhere(asking, r, url);
    };
    if !asking.model.loaded.has("proxy_fcgi") {
        return Err(Stop::new("not modelled: mod_proxy_fcgi is not loaded"));
    }
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/");
    // A question mark may have come escaped in the path, and is then part of the name.
    if path.contains(['%', '?']) {
        return Err(Stop::new("not modelled: an escaped path handed to PHP-FPM"));
    }
    let script = super::walk::canonical(path.as_bytes());
    run(asking, r, &listen.unwrap_or_else(|| address(url)), &script)
}

/// Another server, unless Apache cannot write the path anew for it: under `AllowEncodedSlashes NoDecode`
/// every percent sign has to begin an escape (proxy_util.c, `ap_proxy_canonenc_ex`).
fn elsewhere(asking: &Asking<'_>, r: &Record, url: &str) -> Step<Answered> {
    let keeps = r.per_dir.slashes.as_ref();
    let Some(said) = keeps.filter(|said| said.value == Slashes::Keep && has_lone_percent(url))
    else {
        return Ok(Answered::Elsewhere(Decision::Proxied));
    };
    let untouched = |pass: &ProxyPass| pass.written.contains("nocanon");
    // Only `ProxyPass` leaves its line with the handler; [P] may say [NE].
    let by_rule = r.rewritten.is_some_and(|how| how != Rewritten::Nothing)
        || r.handler.as_ref().is_none_or(|(_, at)| at.is_none());
    if by_rule || asking.server.proxies.iter().any(untouched) {
        let text =
            "not modelled: a percent sign that begins no escape on its way to another server";
        return Err(Stop::at(&said.at, text));
    }
    Ok(Answered::Status(400))
}

fn has_lone_percent(url: &str) -> bool {
    url.split('%').skip(1).any(|rest| {
        let mut digits = rest.bytes().take_while(u8::is_ascii_hexdigit);
        digits.by_ref().take(2).count() < 2
    })
}

/// `unix:/path|fcgi://host/` names a socket before the URL.
fn split(target: &str) -> (Option<String>, &str) {
    match target
        .strip_prefix("unix:")
        .and_then(|rest| rest.split_once('|'))
    {
        Some((socket, url)) => (Some(socket.to_owned()), url),
        None => (None, target),
    }
}

fn address(url: &str) -> String {
    let rest = url.strip_prefix("fcgi://").unwrap_or(url);
    rest.split('/').next().unwrap_or_default().to_owned()
}

fn pool<'a>(asking: &'a Asking<'_>, listen: &str, default: &'a Fpm) -> &'a Fpm {
    let port = listen.rsplit(':').next().unwrap_or_default();
    let same = |pool: &&Fpm| pool.listen == listen || pool.listen == port;
    asking.model.fpm.iter().find(same).unwrap_or(default)
}

/// The script that PHP takes for a name, if any.
fn run(asking: &Asking<'_>, r: &mut Record, listen: &str, name: &[u8]) -> Step<Answered> {
    let default = Fpm::default();
    let pool = pool(asking, listen, &default);
    if pool.chroot.is_some() {
        return Err(Stop::new("not modelled: a PHP-FPM pool with chroot"));
    }
    if name.iter().any(|byte| uri::escape(&[*byte]).len() > 1) {
        return Err(Stop::new(
            "not modelled: a name with special characters handed to PHP-FPM",
        ));
    }
    let mut script = name.to_vec();
    loop {
        let entry = asking.disk.entry(&to_path(&script)).map_err(Stop::new)?;
        match Kind::of(entry) {
            // What exists is not shortened, be it a file or not.
            Some(Kind::Directory { .. }) if script == name && !name.ends_with(b"/") => {
                if !may_run(pool, &script) {
                    return Ok(refused(r, &script));
                }
                break;
            }
            Some(Kind::File { readable }) => {
                if !may_run(pool, &script) {
                    return Ok(refused(r, &script));
                }
                if !readable {
                    r.note_fact("PHP-FPM cannot read the script");
                    return Err(Stop::new(
                        "not known: whether PHP-FPM's own user can read the script",
                    ));
                }
                r.note_fact(format!("PHP-FPM at {listen} runs {}", shown(&script)));
                return Ok(Answered::With(Decision::Executed, Some(to_path(&script))));
            }
            _ if entry == Entry::Other => {
                return Err(Stop::new("not modelled: no file handed to PHP-FPM"));
            }
            _ => {}
        }
        if !pool.fix_pathinfo {
            break;
        }
        match script.iter().rposition(|byte| *byte == b'/') {
            Some(at) if at > 0 => script.truncate(at),
            _ => break,
        }
    }
    r.note_fact(format!(
        "PHP-FPM at {listen} finds no script for {}",
        shown(name)
    ));
    // The answer is PHP's own, so no ErrorDocument takes over.
    r.status = 404;
    Ok(Answered::With(Decision::NotFound, None))
}

/// `security.limit_extensions` (fpm_php.c, `fpm_php_limit_extensions`).
fn may_run(pool: &Fpm, script: &[u8]) -> bool {
    let mut endings = pool.limit_extensions.iter();
    pool.limit_extensions.is_empty() || endings.any(|ending| script.ends_with(ending.as_bytes()))
}

fn refused(r: &mut Record, script: &[u8]) -> Answered {
    let text = format!("security.limit_extensions refuses {}", shown(script));
    r.note_fact(text);
    r.status = 403;
    Answered::With(Decision::Denied, None)
}

fn to_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}
