//! `.htaccess` files that were understood for earlier requests: the same bytes of the same file under
//! the same `AllowOverride` say the same. Keeps little, since whoever may write to a folder may fill
//! one, and nothing that asks the disk while it is read.

use super::perdir::PerDir;
use super::say::Allowed;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// All texts together, in bytes; what is longer makes the oldest go.
const MOST_BYTES: usize = 64 << 10;

/// What is remembered.
#[derive(Debug, Default)]
pub(super) struct Remembered(Mutex<VecDeque<Understood>>);

#[derive(Debug)]
struct Understood {
    file: PathBuf,
    allowed: Allowed,
    text: Vec<u8>,
    says: Arc<PerDir>,
}

impl Remembered {
    /// What the text came to before.
    pub(super) fn find(&self, file: &Path, allowed: &Allowed, text: &[u8]) -> Option<Arc<PerDir>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known
            .iter()
            .find(|each| each.file == file && each.allowed == *allowed && each.text == text)?;
        Some(Arc::clone(&found.says))
    }

    /// Keeps what a text came to.
    pub(super) fn keep(&self, file: &Path, allowed: &Allowed, text: &[u8], says: &Arc<PerDir>) {
        let asks_the_disk = text
            .windows(6)
            .any(|word| word.eq_ignore_ascii_case(b"iffile"));
        if asks_the_disk || text.len() > MOST_BYTES {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.push_back(Understood {
            file: file.to_owned(),
            allowed: allowed.clone(),
            text: text.to_owned(),
            says: Arc::clone(says),
        });
        while known.iter().map(|each| each.text.len()).sum::<usize>() > MOST_BYTES {
            known.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(classes: u8) -> Allowed {
        Allowed {
            classes,
            options: 0,
            list: Vec::new(),
            nonfatal: (false, false),
        }
    }

    #[test]
    fn the_same_bytes_under_the_same_override_are_remembered() {
        let remembered = Remembered::default();
        let file = Path::new("/www/.htaccess");
        let says = Arc::new(PerDir::default());
        remembered.keep(file, &allowed(1), b"Deny from all", &says);
        let found = |classes, text: &[u8]| remembered.find(file, &allowed(classes), text);
        assert!(found(1, b"Deny from all").is_some_and(|found| Arc::ptr_eq(&found, &says)));
        assert!(found(2, b"Deny from all").is_none());
        assert!(found(1, b"Allow from all").is_none());
        assert!(
            remembered
                .find(Path::new("/x/.htaccess"), &allowed(1), b"Deny from all")
                .is_none()
        );
    }

    #[test]
    fn little_is_kept_and_nothing_that_asks_the_disk() {
        let remembered = Remembered::default();
        let file = Path::new("/www/.htaccess");
        let says = Arc::new(PerDir::default());
        let found = |text: &[u8]| remembered.find(file, &allowed(1), text).is_some();
        remembered.keep(file, &allowed(1), b"<IFFILE x>\n</IFFILE>", &says);
        assert!(!found(b"<IFFILE x>\n</IFFILE>"));
        remembered.keep(file, &allowed(1), b"old", &says);
        remembered.keep(file, &allowed(1), &vec![b'#'; MOST_BYTES - 3], &says);
        assert!(found(b"old"));
        remembered.keep(file, &allowed(1), b"new", &says);
        assert!(!found(b"old") && found(b"new"));
    }
}
