//! ACLs of the product's configuration over an edit by Ansible, which puts a new file in the place of the
//! old one and knows of none. Refuses paths that cannot stand in a line of shell: such an edit has no task.

use super::scalar;
use crate::fix::action::Action;
use crate::fix::shell;
use serde_json::Value;

/// The file of the product's configuration that a deed edits.
pub(super) fn edited(action: &Action) -> Option<&str> {
    match action {
        Action::Setting { path, .. } => Some(path),
        _ => None,
    }
}

/// Ansible puts a new file in the place of one that it edits, with its owner and mode and without its ACL,
/// by which the scheduled task may read the configuration: it is noted before.
pub(super) fn noted(path: &str) -> String {
    let Ok(file) = shell::absolute(path) else {
        return String::new();
    };
    let line = format!("! command -v getfacl >/dev/null || getfacl -cp -- {file}");
    format!(
        "    - name: {}\n      ansible.builtin.shell:\n        cmd: {}\n      register: acl\n      changed_when: false\n      check_mode: false\n",
        scalar(&Value::String(format!("Note the ACL of {path}"))),
        scalar(&Value::String(line)),
    )
}

/// And is given back after the last edit.
pub(super) fn given_back(path: &str) -> String {
    let Ok(file) = shell::absolute(path) else {
        return String::new();
    };
    let now = format!("\"$(getfacl -cp -- {file})\"");
    let line = format!(
        "before={now}; setfacl --set-file=- -- {file} && [ \"$before\" = {now} ] || echo changed"
    );
    format!(
        "    - name: {}\n      ansible.builtin.shell:\n        cmd: {}\n        stdin: \"{{{{ acl.stdout }}}}\"\n      when: acl.stdout != ''\n      register: it\n      changed_when: it.stdout != ''\n",
        scalar(&Value::String(format!("Keep the ACL of {path}"))),
        scalar(&Value::String(line)),
    )
}
