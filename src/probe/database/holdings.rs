//! The grants of the product's account, asked for line by line: its own, those of every role that it may
//! take on, those of everybody. What cannot be shown or read is said.

use crate::mysql::{Failure, Parameter, Session, Statement, statements};
use crate::sql::grants::{Account, Line, Powers, Privileges, parse};

/// The role of MariaDB that everybody has.
const EVERYBODY: &str = "PUBLIC";
/// No account has more roles.
const MOST_ROLES: usize = 200;

/// What an account holds.
pub(super) struct Holdings {
    /// The account.
    pub account: Account,
    /// Every line, and whose it is.
    pub lines: Vec<(Account, Line)>,
    /// The roles that it may take on, those of roles included.
    pub roles: Vec<Account>,
    /// Why there may be other lines.
    pub missed: Vec<String>,
}

impl Holdings {
    /// What the session's own account holds.
    pub(super) fn own(session: &mut Session, literal: bool) -> Result<Self, String> {
        let account = account_of(&session.account);
        let mut held = Self::empty(account);
        held.add(session, &statements::OWN_GRANTS, &[], literal)?;
        if session.is_mariadb() {
            held.take_on_each_role(session, literal);
        } else {
            held.use_each_role(session, literal);
        }
        Ok(held)
    }

    /// What another account holds, where we may see it.
    pub(super) fn other(
        session: &mut Session,
        account: &Account,
        literal: bool,
    ) -> Result<Self, String> {
        let mut held = Self::empty(account.clone());
        let named = Parameter::Account(account.user.clone(), account.host.clone());
        held.add(session, &statements::GRANTS_FOR, &[named], literal)?;
        held.follow_roles(session, literal);
        if session.is_mariadb() {
            let everybody = Parameter::Account(EVERYBODY.to_owned(), None);
            // Before 10.11 there is no such role.
            let _ = held.add(session, &statements::GRANTS_FOR, &[everybody], literal);
        }
        Ok(held)
    }

    const fn empty(account: Account) -> Self {
        Self {
            account,
            lines: Vec::new(),
            roles: Vec::new(),
            missed: Vec::new(),
        }
    }

    fn add(
        &mut self,
        session: &mut Session,
        statement: &Statement,
        parameters: &[Parameter],
        literal: bool,
    ) -> Result<(), String> {
        for line in lines(session, statement, parameters, literal)? {
            match line {
                Some(line) if self.lines.contains(&line) => {}
                Some(line) => self.lines.push(line),
                None => self.missed.push(
                    "a line of SHOW GRANTS is not understood (it may hold a hash and is not shown)"
                        .to_owned(),
                ),
            }
        }
        Ok(())
    }

    /// MariaDB shows the grants of the active role and of the roles that it holds, and no other's.
    fn take_on_each_role(&mut self, session: &mut Session, literal: bool) {
        let mut taken = false;
        while let Some(role) = self.new_role() {
            self.roles.push(role.clone());
            if self.lines.iter().any(|(holder, _)| *holder == role) {
                continue;
            }
            taken = true;
            let named = Parameter::Account(role.user.clone(), None);
            let shown = session
                .ask(&statements::TAKE_ROLE, &[named])
                .map_err(|failure| failure.to_string())
                .and_then(|_| self.add(session, &statements::OWN_GRANTS, &[], literal));
            self.not_shown(&role, shown);
        }
        if taken && session.ask(&statements::NO_ROLE, &[]).is_err() {
            self.missed
                .push("a role could not be laid down again".to_owned());
        }
    }

    fn not_shown(&mut self, role: &Account, shown: Result<(), String>) {
        if let Err(why) = shown {
            self.missed.push(format!(
                "the grants of the role {role} are not shown: {why}"
            ));
        }
    }

    /// Asks for the grants of every role, until no new role turns up.
    fn follow_roles(&mut self, session: &mut Session, literal: bool) {
        while let Some(role) = self.new_role() {
            self.roles.push(role.clone());
            // MariaDB shows an inherited role's lines with its heir's.
            if self.lines.iter().any(|(holder, _)| *holder == role) {
                continue;
            }
            let named = Parameter::Account(role.user.clone(), role.host.clone());
            let shown = self.add(session, &statements::GRANTS_FOR, &[named], literal);
            self.not_shown(&role, shown);
        }
    }

    /// In MySQL a role's own grants are shown to few; what a role adds to our own is shown to us.
    fn use_each_role(&mut self, session: &mut Session, literal: bool) {
        let own = self.lines.clone();
        while let Some(role) = self.new_role() {
            self.roles.push(role.clone());
            let named = Parameter::Account(role.user.clone(), role.host.clone());
            match lines(session, &statements::GRANTS_USING, &[named], literal) {
                Ok(found) => {
                    let more = found.into_iter().flatten();
                    let more = more.filter(|line| !own.contains(line));
                    self.lines
                        .extend(more.map(|(_, line)| (role.clone(), line)));
                }
                Err(why) => self.missed.push(format!(
                    "the grants of the role {role} are not shown: {why}"
                )),
            }
        }
    }

    /// A role that the account, or a role of it, holds and that was not looked at.
    fn new_role(&self) -> Option<Account> {
        if self.roles.len() >= MOST_ROLES {
            return None;
        }
        let found = self.lines.iter().filter_map(|(holder, line)| match line {
            Line::Roles { roles, .. } if self.is_ours(holder) => Some(roles),
            _ => None,
        });
        let mut found = found.flatten();
        found.find(|role| !self.roles.contains(role)).cloned()
    }

    fn is_ours(&self, holder: &Account) -> bool {
        *holder == self.account || self.roles.contains(holder) || is_everybody(holder)
    }

    /// The role of a line as a report names it; empty for the account's own.
    pub(super) fn role_of(&self, holder: &Account) -> String {
        if *holder == self.account {
            String::new()
        } else {
            holder.to_string()
        }
    }

    /// Which role of the account's own leads to a holder; empty where the account is it, or everybody has it.
    pub(super) fn way_to(&self, holder: &Account) -> String {
        if *holder == self.account || is_everybody(holder) {
            return String::new();
        }
        let own = self
            .lines
            .iter()
            .filter(|(whose, _)| *whose == self.account);
        let mut direct = own.flat_map(|(_, line)| match line {
            Line::Roles { roles, .. } => roles.as_slice(),
            _ => &[],
        });
        let way = direct.find(|role| self.below(role).contains(holder));
        way.map(ToString::to_string).unwrap_or_default()
    }

    /// What the lines amount to.
    pub(super) fn privileges(&self) -> Privileges {
        let of = |holders: &[Account]| {
            let lines = self.lines.iter();
            Powers::of(
                lines
                    .filter(|(holder, _)| holders.contains(holder) || is_everybody(holder))
                    .map(|(_, line)| line),
            )
        };
        Privileges {
            own: of(std::slice::from_ref(&self.account)),
            roles: self
                .roles
                .iter()
                .map(|role| (role.clone(), of(&self.below(role))))
                .collect(),
        }
    }

    /// A role and the roles that it holds.
    fn below(&self, role: &Account) -> Vec<Account> {
        let mut all = vec![role.clone()];
        let mut at = 0;
        while let Some(current) = all.get(at).cloned() {
            at += 1;
            for (holder, line) in &self.lines {
                if let (Line::Roles { roles, .. }, true) = (line, *holder == current) {
                    let new: Vec<Account> = roles
                        .iter()
                        .filter(|one| !all.contains(one))
                        .cloned()
                        .collect();
                    all.extend(new);
                }
            }
        }
        all
    }
}

fn is_everybody(holder: &Account) -> bool {
    holder.host.is_none() && holder.user == EVERYBODY
}

/// Whose line it is and what it says; `None` where it is not understood.
type Said = Option<(Account, Line)>;

fn lines(
    session: &mut Session,
    statement: &Statement,
    parameters: &[Parameter],
    literal: bool,
) -> Result<Vec<Said>, String> {
    let answer = session.ask(statement, parameters);
    let answer = answer.map_err(|failure: Failure| failure.to_string())?;
    let texts = answer.rows.iter().map(|row| row.text_at(0));
    texts.map(|text| Ok(parse(&text?, literal))).collect()
}

/// `user@host` as the server writes it; the host has no `@`.
pub(super) fn account_of(text: &str) -> Account {
    let (user, host) = text.rsplit_once('@').unwrap_or((text, ""));
    Account {
        user: user.to_owned(),
        host: Some(host.to_owned()),
    }
}
