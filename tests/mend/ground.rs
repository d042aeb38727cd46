//! A folder that stands for a host, and plans carried out on it.

use crate::picture::Picture;
use deskguard::check::Risk;
use deskguard::fix::{Action, FixOf, Phase, Plan, Planned};
use deskguard::host::Host;
use deskguard::mend::{Applied, Surprise, Undone, World, apply, undo};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

pub(crate) const WEB: u32 = 33;
pub(crate) const OWNER: u32 = 34;

const PASSWD: &str = "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/bin/false\ndeskpro:x:34:34::/:/bin/false\nlist:x:38:38::/:/bin/false\n";
const GROUP: &str = "root:x:0:\nwww-data:x:33:\ndeskpro:x:34:\nlist:x:38:\n";

pub(crate) struct Ground {
    folder: tempfile::TempDir,
    journals: tempfile::TempDir,
}

impl Ground {
    /// A host with accounts and an install in `/srv/dp`.
    pub(crate) fn new() -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "these tests make files of several owners: run them as root (sudo -E cargo test)"
        );
        let ground = Self {
            folder: tempfile::tempdir().unwrap(),
            journals: tempfile::tempdir().unwrap(),
        };
        for (directory, mode) in [
            ("", 0o755),
            ("etc", 0o755),
            ("srv", 0o755),
            ("srv/dp", 0o755),
            ("root", 0o700),
        ] {
            ground.dir(directory, 0, mode);
        }
        ground.file("etc/passwd", 0, 0o644, PASSWD);
        ground.file("etc/group", 0, 0o644, GROUP);
        ground
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(path)
    }

    pub(crate) fn dir(&self, path: &str, owner: u32, mode: u32) {
        let at = self.at(path);
        fs::create_dir_all(&at).unwrap();
        self.dress(&at, owner, mode);
    }

    pub(crate) fn file(&self, path: &str, owner: u32, mode: u32, text: impl AsRef<[u8]>) {
        let at = self.at(path);
        fs::write(&at, text).unwrap();
        self.dress(&at, owner, mode);
    }

    fn dress(&self, at: &Path, owner: u32, mode: u32) {
        chown(at, Some(owner), Some(owner)).unwrap();
        fs::set_permissions(at, fs::Permissions::from_mode(mode)).unwrap();
    }

    pub(crate) fn host(&self) -> Host {
        Host::at(self.at(""))
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.journals.path().canonicalize().unwrap().join("journal")
    }

    /// Everything on the host, as it is now.
    pub(crate) fn picture(&self) -> Picture {
        Picture::of(&self.at(""))
    }

    pub(crate) fn apply(&self, actions: &[Action]) -> Result<Applied, Surprise> {
        let host = self.host();
        let mut world = World::new(&host, "/srv/dp".into(), "2026-01-01T00:00:00Z");
        apply(&mut world, &plan(actions), &self.journal(), &mut |_| {})
    }

    pub(crate) fn undo(&self) -> Result<Undone, Surprise> {
        let host = self.host();
        let mut world = World::new(&host, "/srv/dp".into(), "2026-01-01T00:00:00Z");
        undo(&mut world, &self.journal(), &mut |_| {})
    }

    pub(crate) fn undo_leaving_what_changed(&self) -> Result<Undone, Surprise> {
        let host = self.host();
        let mut world = World::new(&host, "/srv/dp".into(), "2026-01-01T00:00:00Z");
        world.leave_changed = true;
        undo(&mut world, &self.journal(), &mut |_| {})
    }

    /// Carries it out, and takes it back, after which everything must be as it was.
    pub(crate) fn there_and_back(&self, actions: &[Action], there: impl FnOnce()) {
        let before = self.picture();
        let applied = self.apply(actions).unwrap();
        there();
        assert!(applied.changes > 0, "nothing was changed by {actions:?}");
        let again = self.journals.path().join("again");
        let host = self.host();
        let mut world = World::new(&host, "/srv/dp".into(), "2026-01-01T00:00:00Z");
        let second = apply(&mut world, &plan(actions), &again, &mut |_| {}).unwrap();
        assert_eq!(
            second.changes, 0,
            "a second run changes something: {actions:?}"
        );
        self.undo().unwrap();
        before.compare(&self.picture());
        let twice = self.undo().unwrap_err().to_string();
        assert!(twice.contains("was undone already"), "{twice}");
    }
}

pub(crate) fn plan(actions: &[Action]) -> Plan {
    Plan {
        steps: vec![Planned {
            fixes: vec![FixOf {
                check: "files/some-check".to_owned(),
                number: 0,
            }],
            phase: Phase::Entries,
            title: String::new(),
            risk: Risk::None,
            touches: Vec::new(),
            verify: Vec::new(),
            notes: Vec::new(),
            actions: actions.to_vec(),
        }],
        ..Plan::default()
    }
}
