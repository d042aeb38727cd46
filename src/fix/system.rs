//! Trees that are the system's own: no fix changes all that lies in one. Refuses to guess what else shares
//! such a directory with the helpdesk; a person looks.

use std::path::Path;

/// What lies in these, at any depth, belongs to the system (hier(7)).
const ITS_OWN: [&str; 12] = [
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/proc", "/run", "/sbin", "/sys",
    "/usr",
];
/// A directory in one of these may be a helpdesk's.
const SHARED: [&str; 13] = [
    "/",
    "/home",
    "/media",
    "/mnt",
    "/opt",
    "/root",
    "/srv",
    "/tmp",
    "/usr/local",
    "/usr/share",
    "/var",
    "/var/lib",
    "/var/log",
];

/// Whether the whole tree below this path is the system's, or holds what is.
#[must_use]
pub fn is_systems(path: &Path) -> bool {
    // Components leave out `.` and doubled slashes.
    let path: std::path::PathBuf = path.components().collect();
    if SHARED.iter().any(|shared| path == Path::new(shared)) {
        return true;
    }
    let below = |place: &str| path.starts_with(place);
    ITS_OWN.into_iter().any(below) && !below("/usr/local") && !below("/usr/share")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_tree_of_the_systems_is_a_helpdesks() {
        for path in [
            "/",
            "//",
            "/.",
            "/etc",
            "/etc/nginx",
            "/usr/",
            "/usr/local",
            "/srv",
            "/var/lib/",
        ] {
            assert!(is_systems(Path::new(path)), "{path}");
        }
        for path in [
            "/srv/dp",
            "/var/www",
            "/usr/share/deskpro",
            "/home/dp/www",
            "/etcetera",
            "/data",
        ] {
            assert!(!is_systems(Path::new(path)), "{path}");
        }
    }
}
