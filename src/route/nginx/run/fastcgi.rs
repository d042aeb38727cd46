//! FastCGI: the parameters that reach PHP-FPM, and what it makes of them.

use super::Step;
use super::state::State;
use crate::route::nginx::plan::{Beyond, Template};
use crate::route::{Decision, Fpm, Place, Ran};

impl State<'_> {
    /// `$fastcgi_script_name` and `$fastcgi_path_info` (`ngx_http_fastcgi_split`).
    pub(super) fn fastcgi_script(&mut self) -> Result<(Vec<u8>, Vec<u8>), Beyond> {
        let settings = self.settings()?;
        let (mut script, mut info) = (self.uri.clone(), Vec::new());
        if let Some(split) = &settings.fastcgi_split {
            let beyond = |why: &String| Beyond {
                at: None,
                text: format!("fastcgi_split_path_info: {why}"),
            };
            let regex = split.as_ref().as_ref().map_err(beyond)?;
            if let Some(found) = regex.captures(&self.uri).map_err(|why| beyond(&why))? {
                let group = |at: usize| found.bytes(at, &self.uri).unwrap_or_default().to_vec();
                (script, info) = (group(1), group(2));
            }
        }
        if script.ends_with(b"/") {
            script.extend_from_slice(&settings.fastcgi_index);
        }
        Ok((script, info))
    }

    pub(super) fn fastcgi(&mut self, at: &Place, to: &Template) -> Result<Step, Beyond> {
        let to = self.value(to, false)?;
        let shown = String::from_utf8_lossy(&to).into_owned();
        let fpm = self.pool(&to, at)?;
        let mut script = None;
        let mut translated = None;
        let mut method = None;
        let params = &self.settings()?.fastcgi_params;
        for param in params.iter() {
            let place = match param.name.as_slice() {
                b"SCRIPT_FILENAME" => &mut script,
                b"PATH_TRANSLATED" => &mut translated,
                b"REQUEST_METHOD" => &mut method,
                _ => continue,
            };
            let value = self.value(&param.value, false)?;
            if !(param.if_not_empty && value.is_empty()) {
                *place = Some((value, &param.at));
            }
        }
        self.say(at, format!("fastcgi_pass {shown}"));
        let Some((script, param)) = script.or(translated) else {
            return match method {
                Some(_) => self.refused(
                    404,
                    "no SCRIPT_FILENAME is passed on: PHP-FPM finds no file".to_owned(),
                ),
                None => Ok(self.nothing()),
            };
        };
        self.say(
            param,
            format!("SCRIPT_FILENAME is {}", String::from_utf8_lossy(&script)),
        );
        if method.is_none() {
            let found = fpm.script(&script, self.disk);
            return match found.map_err(|text| Beyond { at: None, text })? {
                Some(_) => Ok(self.nothing()),
                None => self.refused(404, "PHP-FPM finds no script".to_owned()),
            };
        }
        let ran = fpm.run(&script, self.disk);
        match ran.map_err(|text| Beyond { at: None, text })? {
            Ran::Script(file) => {
                let status = self.forced_status();
                self.note(format!("PHP runs {}", file.display()));
                let bytes = std::os::unix::ffi::OsStrExt::as_bytes(file.as_os_str()).to_vec();
                Ok(self.end(Decision::Executed, status, Some(&bytes)))
            }
            Ran::Denied(why) => self.refused(403, why),
            Ran::Missing(why) => self.refused(404, why),
        }
    }

    /// PHP-FPM takes a request without a method for none (`request_method` of `init_request_info`).
    fn nothing(&mut self) -> Step {
        self.note("no REQUEST_METHOD is passed on: PHP-FPM answers with nothing");
        let status = self.sent_status(200);
        self.end(Decision::Fixed, Some(status), None)
    }

    /// PHP-FPM's own 403 or 404, which `fastcgi_intercept_errors` may replace.
    fn refused(&mut self, status: u16, why: String) -> Result<Step, Beyond> {
        self.note(why);
        let settings = self.settings()?;
        let pages = &settings.error_pages;
        if settings.fastcgi_intercepts && pages.iter().any(|page| page.status == status) {
            return Ok(Step::status(status));
        }
        let status = self.sent_status(status);
        // A status put in its place makes this text an ordinary answer.
        Ok(self.end(Decision::Fixed, Some(status), None))
    }

    /// The pool that listens where a request is passed to.
    fn pool(&mut self, to: &[u8], at: &Place) -> Result<Fpm, Beyond> {
        let name = to.to_ascii_lowercase();
        let addresses = match self.plan.upstreams.get(&name) {
            Some(servers) => servers.clone(),
            None => vec![to.to_vec()],
        };
        let mut found: Option<&Fpm> = None;
        for address in &addresses {
            let text = String::from_utf8_lossy(address);
            let Some(pool) = self
                .fpm
                .iter()
                .find(|pool| same_socket(&pool.listen, &text))
            else {
                continue;
            };
            let differs = |other: &Fpm| {
                (&other.limit_extensions, other.fix_pathinfo, &other.chroot)
                    != (&pool.limit_extensions, pool.fix_pathinfo, &pool.chroot)
            };
            if found.is_some_and(differs) {
                return Err(Beyond::at(
                    at,
                    "the servers behind this upstream are PHP-FPM pools with different rules",
                ));
            }
            found = Some(pool);
        }
        if let Some(pool) = found {
            return Ok(pool.clone());
        }
        if !self.fpm.is_empty() {
            self.note("no known PHP-FPM pool listens there: PHP-FPM's own defaults are assumed");
        }
        Ok(Fpm::default())
    }
}

/// Whether nginx's address and a pool's `listen` mean the same socket.
fn same_socket(listen: &str, to: &str) -> bool {
    let to = to
        .strip_prefix("unix:")
        .map_or(to, |path| path.trim_end_matches(':'));
    if listen.starts_with('/') || to.starts_with('/') {
        return listen == to;
    }
    let split = |text: &str| -> (String, String) {
        let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
        let host = match host {
            "" | "*" | "0.0.0.0" | "[::]" | "localhost" | "[::1]" => "127.0.0.1",
            host => host,
        };
        (host.to_owned(), port.to_owned())
    };
    split(listen) == split(to)
}
