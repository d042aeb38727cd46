//! Who asks: user, groups and capabilities, as `struct cred` holds them at a system call.
//! Refuses to know account names beyond the label: `host::accounts` resolves those.

/// A set of capabilities, bit for bit as in `/proc/PID/status` (include/uapi/linux/capability.h).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Capabilities(pub u64);

impl Capabilities {
    /// No capability at all: every ordinary account.
    pub const NONE: Self = Self(0);
    /// `CAP_DAC_OVERRIDE`: reads, writes and searches whatever the mode says.
    pub const DAC_OVERRIDE: Self = Self(1 << 1);
    /// `CAP_DAC_READ_SEARCH`: reads files and searches directories whatever the mode says.
    pub const DAC_READ_SEARCH: Self = Self(1 << 2);
    /// `CAP_FOWNER`: counts as the owner of every file.
    pub const FOWNER: Self = Self(1 << 3);
    /// Every capability: what uid 0 has outside a container.
    pub const ALL: Self = Self(u64::MAX);

    /// Whether every capability of `wanted` is held.
    #[must_use]
    pub const fn has(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }
}

/// One who may or may not do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// How messages call it: an account's name, or `uid 33`.
    pub name: String,
    /// The file system user id, which decides ownership.
    pub uid: u32,
    /// The primary group first, then the supplementary ones.
    pub gids: Vec<u32>,
    /// What it may do beyond the modes.
    pub capabilities: Capabilities,
}

impl Principal {
    /// A principal with the capabilities its uid brings: all of them for 0, none for others.
    #[must_use]
    pub fn new(name: impl Into<String>, uid: u32, gids: Vec<u32>) -> Self {
        let capabilities = if uid == 0 {
            Capabilities::ALL
        } else {
            Capabilities::NONE
        };
        Self {
            name: name.into(),
            uid,
            gids,
            capabilities,
        }
    }

    /// An account which owns nothing and is in no group: its ids are -1, which the kernel gives to nobody.
    #[must_use]
    pub fn anybody() -> Self {
        Self::new("anybody", u32::MAX, vec![u32::MAX])
    }

    /// The superuser: uid 0 in group 0 only.
    #[must_use]
    pub fn root() -> Self {
        Self::new("root", 0, vec![0])
    }

    /// Primary or supplementary membership (kernel/groups.c in_group_p).
    #[must_use]
    pub fn is_in(&self, gid: u32) -> bool {
        self.gids.contains(&gid)
    }

    /// Name and numbers, as reports show them: `www-data (33:33,44)`, or `33:33,44` without an account.
    #[must_use]
    pub fn label(&self) -> String {
        let gids: Vec<String> = self.gids.iter().map(u32::to_string).collect();
        let ids = format!("{}:{}", self.uid, gids.join(","));
        if self.name.starts_with("uid ") {
            ids
        } else {
            format!("{} ({ids})", self.name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uid_0_has_capabilities() {
        assert!(Principal::root().capabilities.has(Capabilities::FOWNER));
        assert!(
            !Principal::anybody()
                .capabilities
                .has(Capabilities::DAC_OVERRIDE)
        );
    }

    #[test]
    fn label_shows_every_group() {
        assert_eq!(
            Principal::new("www-data", 33, vec![33, 44]).label(),
            "www-data (33:33,44)"
        );
        assert_eq!(Principal::new("uid 7", 7, vec![8]).label(), "7:8");
    }
}
