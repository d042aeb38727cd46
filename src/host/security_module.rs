//! Security modules that may refuse what owners and modes allow: which of them enforce, and whether one holds
//! a process in. Refuses to read their policies: they only ever take away, so what is denied stays denied.

use super::read::Host;
use std::path::Path;

/// The modules whose rules come on top, as this host runs them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecurityModules {
    /// `SELinux` refuses, and does not only log.
    pub selinux: bool,
    /// `AppArmor` is switched on; it refuses only those that a profile names.
    pub apparmor: bool,
    /// Others that are active: Smack, TOMOYO.
    pub others: Vec<&'static str>,
}

impl SecurityModules {
    /// Asks the kernel's own files. A module that is not there has no files.
    #[must_use]
    pub fn look(host: &Host) -> Self {
        let says = |path: &str, wanted: u8| {
            let text = host.read_start(Path::new(path), 16);
            matches!(text, Ok(Some(text)) if text.first() == Some(&wanted))
        };
        let list = host.read_start(Path::new("/sys/kernel/security/lsm"), 1 << 10);
        let list = list.ok().flatten().unwrap_or_default();
        let active = |name: &str| {
            list.split(|byte| *byte == b',')
                .any(|it| it.trim_ascii() == name.as_bytes())
        };
        Self {
            selinux: says("/sys/fs/selinux/enforce", b'1'),
            apparmor: says("/sys/module/apparmor/parameters/enabled", b'Y'),
            others: [("smack", "Smack"), ("tomoyo", "TOMOYO")]
                .into_iter()
                .filter(|(name, _)| active(name))
                .map(|(_, word)| word)
                .collect(),
        }
    }

    /// Those that have a say about every process.
    #[must_use]
    pub fn over_all(&self) -> Vec<&'static str> {
        let selinux = self.selinux.then_some("SELinux");
        selinux
            .into_iter()
            .chain(self.others.iter().copied())
            .collect()
    }

    /// Who holds a running process in, and under which label; none where nobody does, an error where that
    /// cannot be read.
    ///
    /// # Errors
    /// Why the label was not read.
    pub fn confining(&self, host: &Host, pid: u32) -> Result<Option<String>, String> {
        if !self.selinux && !self.apparmor {
            return Ok(None);
        }
        let label = host.read_start(Path::new(&format!("/proc/{pid}/attr/current")), 4096)?;
        Ok(label.and_then(|label| self.holds(&String::from_utf8_lossy(&label))))
    }

    /// What a label in `/proc/PID/attr/current` says: `AppArmor` writes `profile (mode)` or `unconfined`,
    /// `SELinux` `user:role:type:level`.
    fn holds(&self, label: &str) -> Option<String> {
        let label = label.trim_end_matches(['\0', '\n']);
        if self.selinux && label.contains(':') {
            let kind = label.split(':').nth(2).unwrap_or_default();
            return (!kind.starts_with("unconfined_")).then(|| format!("SELinux as {label}"));
        }
        let enforced =
            self.apparmor && (label.ends_with(" (enforce)") || label.ends_with(" (kill)"));
        enforced.then(|| format!("AppArmor by the profile {label}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: SecurityModules = SecurityModules {
        selinux: true,
        apparmor: true,
        others: Vec::new(),
    };

    #[test]
    fn labels_say_who_is_held_in() {
        for (label, held) in [
            ("unconfined\n", None),
            ("php-fpm (complain)\n", None),
            (
                "php-fpm (enforce)\n",
                Some("AppArmor by the profile php-fpm (enforce)"),
            ),
            (
                "system_u:system_r:httpd_t:s0\0",
                Some("SELinux as system_u:system_r:httpd_t:s0"),
            ),
            ("system_u:system_r:unconfined_service_t:s0\0", None),
        ] {
            assert_eq!(BOTH.holds(label).as_deref(), held, "{label:?}");
        }
        let permissive = SecurityModules::default();
        assert_eq!(permissive.holds("system_u:system_r:httpd_t:s0"), None);
    }

    #[test]
    fn only_what_enforces_counts() {
        let folder = tempfile::tempdir().unwrap();
        let host = Host {
            root: folder.path().to_owned(),
        };
        assert_eq!(SecurityModules::look(&host), SecurityModules::default());
        for (path, text) in [
            ("sys/fs/selinux/enforce", "1"),
            ("sys/module/apparmor/parameters/enabled", "N\n"),
            ("sys/kernel/security/lsm", "capability,landlock,tomoyo\n"),
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let found = SecurityModules::look(&host);
        assert_eq!(found.over_all(), ["SELinux", "TOMOYO"]);
        assert!(!found.apparmor);
        std::fs::write(folder.path().join("sys/fs/selinux/enforce"), "0").unwrap();
        assert!(!SecurityModules::look(&host).selinux);
    }
}
