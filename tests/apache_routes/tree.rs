//! The small install that each case serves. Every file says its own name, and says another thing
//! when PHP runs it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

/// Files below a case's folder.
pub(crate) const FILES: &[&str] = &[
    "www/index.php",
    "www/a.php",
    "www/a.php.jpg",
    "www/a.php.bak",
    "www/a.php.xyz",
    "www/b.txt",
    "www/b.html",
    "www/noext",
    "www/.htpasswd",
    "www/.git/config",
    "www/x.phtml",
    "www/y.PHP",
    "www/z.phps",
    "www/.php",
    "www/up.phar",
    "www/config.php",
    "www/data/secret.txt",
    "www/data/up.php",
    "www/data/img.php.jpg",
    "www/data/sub/deep.php",
    "www/data/sub/deep.txt",
    "www/admin/index.php",
    "www/admin/x.txt",
    "www/sp ace/f.txt",
    "www/d.php/inner.txt",
    "www/d.php/index.html",
    "www/empty/.keep",
    "www/closed/f.txt",
    "www/shut.txt",
    "www/shut.php",
    "out/o.php",
    "out/o.txt",
    "out/in/p.php",
    "out/index.html",
];

/// Makes the tree. The folder above must be open to all.
pub(crate) fn plant(case: &Path) {
    for file in FILES {
        let path = case.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = format!(
            "IS {} <?php echo 'RAN ', __FILE__, \"\\n\"; ?>\n",
            path.display()
        );
        fs::write(&path, text).unwrap();
    }
    symlink("b.txt", case.join("www/link.txt")).unwrap();
    symlink("../out", case.join("www/linkdir")).unwrap();
    symlink("nowhere", case.join("www/dangling")).unwrap();
    symlink("a.php", case.join("www/link.php")).unwrap();
    for (path, mode) in [
        ("www/closed", 0o700),
        ("www/shut.txt", 0o600),
        ("www/shut.php", 0o600),
    ] {
        fs::set_permissions(case.join(path), fs::Permissions::from_mode(mode)).unwrap();
    }
}
