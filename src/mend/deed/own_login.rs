//! A random password for the account that the product connects with: at the server, tried, and then in the
//! product's configuration. Refuses an account that is somebody else's already, and servers that would have
//! to be told the password itself. It stands in the configuration and, for undo, beside the journal; nowhere
//! else.

use crate::fix::edit::edited;
use crate::fix::{Action, Spot, php_text};
use crate::mend::apply::Work;
use crate::mend::change::Subject as _;
use crate::mend::database::account::{self, AccountOf, Accounts};
use crate::mend::database::row;
use crate::mend::place::{self, Links};
use crate::mend::{Surprise, content};
use crate::mysql::native_hash;
use crate::sql::{Deed, Definition, Level, On};
use crate::target::{php_files, php_limits};
use std::path::Path;

/// How long the password is, in hexadecimal digits: 160 bits.
const LENGTH: usize = 40;

/// Carries it out.
pub(super) fn own_login(work: &mut Work<'_, '_>, action: &Action) -> Result<(), Surprise> {
    let Action::OwnLogin {
        user,
        host,
        schema,
        privileges,
        path,
        name,
        password,
    } = action
    else {
        return Ok(());
    };
    if !work.world.writer()?.is_mariadb() {
        return Err(
            Surprise::new("only a MariaDB can be given a password by its hash")
                .remedy("do this step by hand, and leave it out with --skip"),
        );
    }
    work.world.database.spares(user, host, false)?;
    let at = AccountOf::new(user, Some(host));
    let before = at.see(work.world)?;
    let text = row::random(LENGTH)?;
    let clause = format!("IDENTIFIED BY PASSWORD '{}'", native_hash(&text));
    let here = match (&before.here, privileges.is_empty()) {
        (Some(now), true) => now.identified_by(&clause),
        (None, false) => made(&clause, user, host, schema, privileges)?,
        (Some(_), false) => {
            return Err(Surprise::new(format!("{} is there already", at.names())).remedy(
                "if it is the helpdesk's, name it in the configuration by hand; else make another",
            ));
        }
        (None, true) => return Err(Surprise::new(format!("{} is not there", at.names()))),
    };
    let shown = String::from_utf8_lossy(&text);
    let edits = [
        name.as_ref().map(|spot| (spot, user.as_str())),
        Some((password, &*shown)),
    ];
    let edits: Vec<_> = edits.into_iter().flatten().collect();
    let configured = configured(work, path, &edits)?;
    let after = Accounts {
        here: Some(here),
        there: None,
    };
    let change = account::change(at, before, after);
    work.change(change.clone())?;
    if let Err(why) = work.world.database.tries(user, &text, schema) {
        // The helpdesk still has the old one.
        change.back(work.world)?;
        return Err(why);
    }
    work.change(configured)
}

fn made(
    clause: &str,
    user: &str,
    host: &str,
    schema: &str,
    privileges: &[String],
) -> Result<Definition, Surprise> {
    let grant = Deed::Grant {
        user: user.to_owned(),
        host: Some(host.to_owned()),
        on: On {
            level: Level::Schema,
            schema: schema.to_owned(),
            name: String::new(),
        },
        privileges: privileges.to_vec(),
    };
    let bare = Definition::default().identified_by(clause);
    let granted = bare.after(&grant).map_err(Surprise::new)?;
    granted.ok_or_else(|| Surprise::new("a grant takes no account away"))
}

/// The configuration with these values in their places.
fn configured(
    work: &Work<'_, '_>,
    path: &str,
    edits: &[(&Spot, &str)],
) -> Result<crate::mend::Change, Surprise> {
    let host = work.world.host;
    let found = place::find(work.world, Path::new(path), Links::Followed)?;
    let gone = || Surprise::new(format!("{path} is not there"));
    let mut text = content::bytes(&found)?.ok_or_else(gone)?;
    let limits = php_limits(host, &work.world.install);
    for (spot, value) in edits {
        let edit = Action::Setting {
            path: path.to_owned(),
            setting: spot.setting.clone(),
            line: spot.line,
            value: Some(php_text(value).map_err(Surprise::new)?),
        };
        text = edited(&edit, &text, &php_files(host), &limits).map_err(Surprise::new)?;
    }
    content::change(work.world, &found, &text, None)
}
