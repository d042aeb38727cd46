//! What a fix does to a host, as data: one small deed with everything that it needs. A plan orders
//! deeds, the script and the playbook spell them, `mend` carries them out and takes them back. Refuses
//! to be a shell command: what is not here is done by hand.

use crate::sql::Deed;
use serde::{Deserialize, Serialize};

/// One deed. Paths are absolute, accounts are named; nothing is quoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// The entry itself, no link followed, belongs to this account; its group stays where none is
    /// named (chown -h).
    Own {
        /// The entry.
        path: String,
        /// The account.
        user: String,
        /// The group.
        #[serde(default)]
        group: Option<String>,
    },
    /// Mode bits of what is no link: four octal digits, or clauses that take or give bits of a class
    /// (`go-w`, `u-s,g-s`), as chmod(1) reads them.
    Mode {
        /// The entry.
        path: String,
        /// The new mode, or the change.
        mode: String,
    },
    /// Every ACL of the entry goes; the group class gets what the owning group had (setfacl -b).
    StripAcl {
        /// The entry.
        path: String,
    },
    /// An account's own entry in the ACL, besides what is there (setfacl -m).
    GrantAcl {
        /// The entry.
        path: String,
        /// The account.
        user: String,
        /// Of `rwx`.
        rights: String,
        /// Whether what is made below a directory inherits it.
        #[serde(default)]
        inherit: bool,
    },
    /// A whole tree, itself included: entries of `from` go to `user`, and what is no link loses the
    /// bits of `mode`. Where a group is named, entries of `from` go to it as well, and it may read and
    /// enter what their owner could (`g=u,g-w`), so that `from` loses nothing but writing. What stands
    /// in `except`, and all below it, is left alone.
    CloseTree {
        /// The directory.
        path: String,
        /// Directories that keep what they have.
        except: Vec<String>,
        /// Whose entries change their owner.
        from: String,
        /// The account that they go to.
        user: String,
        /// The group that they go to.
        #[serde(default)]
        group: Option<String>,
        /// Bits that go, as clauses of chmod(1).
        mode: String,
    },
    /// A directory with this owner and mode; made where it is missing, its parent must be there
    /// (install -d).
    Directory {
        /// The directory.
        path: String,
        /// The account.
        user: String,
        /// The group.
        group: String,
        /// Four octal digits.
        mode: String,
    },
    /// A file of root's that holds exactly this.
    Write {
        /// The file.
        path: String,
        /// All of its text.
        content: String,
        /// Four octal digits.
        mode: String,
        /// The server that reads it: what a reload of that server refuses is taken back.
        #[serde(default)]
        server: Option<Server>,
    },
    /// An entry goes into a directory of root's that nobody else can enter, which is made where it is
    /// missing; the name stays, and nothing is replaced.
    PutAway {
        /// The entry.
        path: String,
        /// The directory.
        into: String,
    },
    /// A symbolic link goes; what it leads to stays.
    Unlink {
        /// The link.
        path: String,
    },
    /// A directory with all that it holds goes to another place, where nothing is yet. Onto another file
    /// system it is copied with owners, modes, ACLs and times, and the first goes when the copy is whole.
    MoveTree {
        /// The directory.
        path: String,
        /// Where it goes.
        to: String,
    },
    /// A system account without a home and without a shell, where it is missing.
    Account {
        /// Its name.
        user: String,
    },
    /// A line of the product's own PHP configuration: set to an expression, or taken out of effect
    /// where none is given.
    Setting {
        /// The file.
        path: String,
        /// The setting as facts name it: `$DP_CONFIG['debug']`, a constant's name.
        setting: String,
        /// The line, from 1, where it stands now; 0 where it stands nowhere.
        #[serde(default)]
        line: u32,
        /// A PHP expression.
        #[serde(default)]
        value: Option<String>,
    },
    /// A key of an ini file (php.ini, a pool of PHP-FPM's, my.cnf).
    Ini {
        /// The file.
        path: String,
        /// The section without brackets; the first where none is named.
        #[serde(default)]
        section: Option<String>,
        /// The key.
        key: String,
        /// Its value as it is to stand there.
        value: String,
    },
    /// Lines of a web server's configuration, put at the start of a block.
    Snippet {
        /// Whose configuration.
        server: Server,
        /// The file.
        path: String,
        /// The line on which the block opens, from 1.
        line: u32,
        /// What stands on that line now, without the space around it.
        expected: String,
        /// The lines.
        text: String,
    },
    /// One line of a web server's configuration becomes other lines, or none.
    Line {
        /// Whose configuration.
        server: Server,
        /// The file.
        path: String,
        /// The line, from 1.
        line: u32,
        /// What stands there now, without the space around it.
        expected: String,
        /// What is to stand there; nothing takes the line out.
        text: String,
    },
    /// A line of a crontab goes out of effect, or runs as another account.
    CronLine {
        /// The crontab.
        path: String,
        /// The line, from 1.
        line: u32,
        /// The account, in a crontab that names one on each line; none takes the line out of effect.
        #[serde(default)]
        user: Option<String>,
    },
    /// A change of the helpdesk's settings or of the database's accounts.
    Sql(Deed),
    /// A random password for the account that the product connects with, at the server and in the
    /// product's configuration in one go, and tried. Shown nowhere.
    OwnLogin {
        /// The account's name.
        user: String,
        /// Its host.
        host: String,
        /// The product's schema.
        schema: String,
        /// What the account gets on it; one that is not there is made. None: it is there and keeps what
        /// it has.
        #[serde(default)]
        privileges: Vec<String>,
        /// The product's PHP configuration.
        path: String,
        /// Where that names the account; none where the name stays.
        #[serde(default)]
        name: Option<Spot>,
        /// Where it has the password.
        password: Spot,
    },
    /// A server tests its configuration, and if that is sound, takes it up. Plans put one in where
    /// other deeds ask for it.
    Reload {
        /// Which.
        server: Server,
        /// What starts a database server anew: a unit of systemd's by its whole name (`mariadb.service`),
        /// or an init script's name. None: a person does.
        #[serde(default)]
        service: Option<String>,
    },
}

/// A place in a PHP configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spot {
    /// The setting as facts name it.
    pub setting: String,
    /// The line, from 1, where it stands now; 0 where it stands nowhere.
    pub line: u32,
}

/// A server that takes up its configuration anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Server {
    /// nginx
    Nginx,
    /// Apache httpd
    Apache,
    /// PHP-FPM
    PhpFpm,
    /// MariaDB or MySQL, which must be started anew
    Database,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_deed_of_the_database_is_told_by_its_statement() {
        let written =
            json!({"action": "sql", "statement": "drop-account", "user": "", "host": "%"});
        let action: Action = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(&action).unwrap(), written);
        let misspelt =
            json!({"action": "sql", "statement": "drop-account", "user": "", "hots": "%"});
        assert!(serde_json::from_value::<Action>(misspelt).is_err());
    }
}
