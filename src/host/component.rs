//! A path cut into the names that the kernel looks up one after the other (fs/namei.c hash_name).
//! Refuses to resolve `.` and `..`: what they mean is known only on the way.

/// A name still to be looked up.
#[derive(Debug)]
pub(super) struct Component {
    /// Without slashes.
    pub(super) name: Vec<u8>,
    /// Slashes follow it.
    pub(super) slash: bool,
    /// It is the last of the path, or of a link in that position.
    pub(super) trailing: bool,
}

/// The names of a path. `trailing`: the path itself is in last position.
pub(super) fn components(path: &[u8], trailing: bool) -> Vec<Component> {
    let names = path
        .split(|byte| *byte == b'/')
        .filter(|name| !name.is_empty());
    let component = |name: &[u8]| Component {
        name: name.to_vec(),
        slash: false,
        trailing: false,
    };
    let mut all: Vec<Component> = names.map(component).collect();
    if let Some(last) = all.last_mut() {
        last.slash = path.ends_with(b"/");
        last.trailing = trailing;
    }
    all
}

/// /proc/PID, /proc/self and /proc/thread-self: what is below depends on who looks.
pub(super) fn is_process(name: &[u8]) -> bool {
    name.iter().all(u8::is_ascii_digit) || name == b"self" || name == b"thread-self"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_name_of_a_trailing_path_trails() {
        let cut = |path: &[u8], trailing| -> Vec<(Vec<u8>, bool, bool)> {
            components(path, trailing)
                .into_iter()
                .map(|part| (part.name, part.slash, part.trailing))
                .collect()
        };
        assert_eq!(
            cut(b"//a/./b//", true),
            [
                (b"a".to_vec(), false, false),
                (b".".to_vec(), false, false),
                (b"b".to_vec(), true, true)
            ]
        );
        assert_eq!(cut(b"a", false), [(b"a".to_vec(), false, false)]);
        assert!(cut(b"/", true).is_empty());
    }

    #[test]
    fn processes_are_told_by_name() {
        assert!(is_process(b"1") && is_process(b"self") && is_process(b"thread-self"));
        assert!(!is_process(b"sys") && !is_process(b"1x"));
    }
}
