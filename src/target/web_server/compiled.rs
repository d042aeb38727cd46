//! What a server's binary was compiled with, read out of its bytes: nginx keeps its `configure`
//! arguments there, Apache its `-D` settings. Refuses to run it.

use crate::host::Host;
use std::path::{Path, PathBuf};

/// No server's binary is larger than this.
const LARGEST_BINARY: usize = 64 << 20;

/// What was compiled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Compiled {
    /// The binary that says so.
    pub(super) binary: PathBuf,
    text: Vec<u8>,
    version: Option<(u32, u32, u32)>,
}

impl Compiled {
    /// nginx's `configure` arguments, from the first of these files that has them.
    pub(super) fn nginx(host: &Host, binaries: &[PathBuf]) -> Option<Self> {
        // Some option is always in there; without any there are no arguments to find.
        Self::find(
            host,
            binaries,
            &[b"--prefix=", b"--conf-path=", b"--with-", b"--user="],
        )
    }

    /// Apache's settings.
    pub(super) fn apache(host: &Host, binaries: &[PathBuf]) -> Option<Self> {
        Self::find(host, binaries, &[b"-D HTTPD_ROOT="])
    }

    fn find(host: &Host, binaries: &[PathBuf], marks: &[&[u8]]) -> Option<Self> {
        binaries.iter().find_map(|binary| {
            let bytes = host.read_file(binary, LARGEST_BINARY).ok()??;
            let at = marks
                .iter()
                .find_map(|mark| memchr::memmem::find(&bytes, mark))?;
            // C strings: the one around the mark, and for Apache the settings that follow it.
            let start = bytes.get(..at)?.iter().rposition(|byte| *byte == 0);
            let text = bytes.get(start.map_or(0, |start| start + 1)..)?;
            let text = text.get(..text.len().min(16 << 10))?;
            Some(Self {
                binary: binary.clone(),
                text: text.to_vec(),
                version: version(&bytes),
            })
        })
    }

    /// The server's version.
    pub(super) const fn version(&self) -> Option<(u32, u32, u32)> {
        self.version
    }

    /// The value of nginx's `--name=value`.
    pub(super) fn option(&self, name: &str) -> Option<String> {
        let own = self.text.split(|byte| *byte == 0).next()?;
        let own = String::from_utf8_lossy(own);
        let mark = format!("{name}=");
        let at = own.match_indices(&mark).find(|(at, _)| {
            let before = own.get(..*at).unwrap_or_default();
            before.is_empty() || before.ends_with(' ')
        })?;
        let value = own.get(at.0 + mark.len()..)?;
        Some(value.split_ascii_whitespace().next()?.to_owned())
    }

    /// The value of Apache's `-D NAME="value"`.
    pub(super) fn define(&self, name: &str) -> Option<String> {
        let all = String::from_utf8_lossy(&self.text);
        let mark = format!("-D {name}=\"");
        let value = all.split_once(&mark)?.1;
        Some(value.split_once('"')?.0.to_owned())
    }
}

/// `AP_SERVER_BASEVERSION` (ap_release.h) or `NGINX_VER` (nginx.h), as one of the binary's strings.
fn version(bytes: &[u8]) -> Option<(u32, u32, u32)> {
    let mark =
        regex::bytes::Regex::new(r"\x00(?:Apache|nginx)/([0-9]+)\.([0-9]+)\.([0-9]+)").ok()?;
    let found = mark.captures(bytes)?;
    let part = |number| {
        std::str::from_utf8(found.get(number)?.as_bytes())
            .ok()?
            .parse()
            .ok()
    };
    Some((part(1)?, part(2)?, part(3)?))
}

/// Where a server's binary usually is, the running one first.
pub(super) fn binaries(running: Option<&Path>, names: &[&str]) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = running.map(Path::to_owned).into_iter().collect();
    for name in names {
        for folder in ["/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin"] {
            all.push(Path::new(folder).join(name));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_found_among_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let nginx = b"\x7fELF\0junk\0 --with-cc-opt='-g -O2' --prefix=/usr/share/nginx --user=www\0--prefix=/no\0nginx/1.22.1\0";
        std::fs::write(folder.path().join("nginx"), nginx).unwrap();
        let apache =
            b"Apache/1.2.3\0Apache/2.4.62\0x\0 -D HTTPD_ROOT=\"/etc/apache2\"\n\0 -D SERVER_CONFIG_FILE=\"apache2.conf\"\n\0";
        std::fs::write(folder.path().join("apache2"), apache).unwrap();
        let host = Host {
            root: folder.path().to_owned(),
        };
        let found = Compiled::nginx(&host, &["/none".into(), "/nginx".into()]).unwrap();
        assert_eq!(
            found.option("--prefix").as_deref(),
            Some("/usr/share/nginx")
        );
        assert_eq!(found.option("--user").as_deref(), Some("www"));
        assert_eq!(found.option("--group"), None);
        assert_eq!(found.version(), Some((1, 22, 1)));
        let found = Compiled::apache(&host, &["/apache2".into()]).unwrap();
        assert_eq!(
            found.define("SERVER_CONFIG_FILE").as_deref(),
            Some("apache2.conf")
        );
        assert_eq!(found.version(), Some((2, 4, 62)));
        assert_eq!(Compiled::apache(&host, &["/nginx".into()]), None);
    }
}
