//! The accounts whose rights one walk follows, each a bit: those with a role first, then every
//! other local account, then "anybody". Refuses more than fit a word: the rest is said to be missed.

use crate::access::Principal;

/// A set of watched principals.
pub(super) type Set = u128;

/// How many principals one walk follows.
const CAPACITY: usize = 128;

/// Why a principal is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Watch {
    /// Answers web requests.
    Web,
    /// Runs the scheduled task.
    Cron,
    /// Any account without rights of its own.
    Everybody,
    /// Some other local account.
    Account,
}

impl Watch {
    /// The word as it stands in facts.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Cron => "cron",
            Self::Everybody => "everybody",
            Self::Account => "account",
        }
    }
}

/// All watched principals.
pub(super) struct Principals {
    list: Vec<(Watch, Principal)>,
    /// Who is watched as what.
    pub(super) web: Set,
    /// Who is watched as web or scheduled task.
    pub(super) helpdesk: Set,
    /// The one bit of anybody.
    pub(super) everybody: Set,
    /// Local accounts that are not the helpdesk's own.
    pub(super) strangers: Set,
    /// Local accounts but root and the updater, the helpdesk's own included.
    pub(super) accounts: Set,
    /// Why there may be more.
    pub(super) missed: Option<String>,
}

impl Principals {
    /// Watches these; `own` names accounts (owner, updater) that are neither strangers nor asked.
    pub(super) fn new(
        web: Vec<Principal>,
        cron: Vec<Principal>,
        own: &[u32],
        accounts: Vec<Principal>,
    ) -> Self {
        let mut list: Vec<(Watch, Principal)> = vec![(Watch::Everybody, Principal::anybody())];
        list.extend(web.into_iter().map(|it| (Watch::Web, it)));
        list.extend(cron.into_iter().map(|it| (Watch::Cron, it)));
        let helpdesk: Vec<u32> = list.iter().map(|(_, it)| it.uid).collect();
        let others = accounts
            .into_iter()
            .filter(|it| it.uid != 0 && !helpdesk.contains(&it.uid));
        list.extend(others.map(|it| (Watch::Account, it)));
        let dropped = list.len().saturating_sub(CAPACITY);
        list.truncate(CAPACITY);
        let bits = |wanted: &dyn Fn(Watch, u32) -> bool| {
            list.iter()
                .enumerate()
                .fold(0, |set: Set, (index, (watch, it))| {
                    if wanted(*watch, it.uid) {
                        set | bit(index)
                    } else {
                        set
                    }
                })
        };
        Self {
            web: bits(&|watch, _| watch == Watch::Web),
            helpdesk: bits(&|watch, _| matches!(watch, Watch::Web | Watch::Cron)),
            everybody: bits(&|watch, _| watch == Watch::Everybody),
            strangers: bits(&|watch, uid| watch == Watch::Account && !own.contains(&uid)),
            accounts: bits(&|watch, uid| {
                watch != Watch::Everybody && uid != 0 && !own.contains(&uid)
            }),
            missed: (dropped > 0).then(|| {
                format!("{dropped} local accounts beyond the first {CAPACITY} were not followed")
            }),
            list,
        }
    }

    /// Every watched principal with its place.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Set, Watch, &Principal)> {
        self.list
            .iter()
            .enumerate()
            .map(|(index, (watch, it))| (bit(index), *watch, it))
    }

    /// The principals of a set, each with its place.
    pub(super) fn of(&self, set: Set) -> impl Iterator<Item = (u8, Watch, &Principal)> {
        let mut left = set;
        std::iter::from_fn(move || {
            let index = u8::try_from(left.trailing_zeros())
                .ok()
                .filter(|index| *index < 128)?;
            left &= left - 1;
            let (watch, it) = self.list.get(usize::from(index))?;
            Some((index, *watch, it))
        })
    }

    /// The account at a place.
    pub(super) fn name(&self, index: u8) -> &str {
        self.list
            .get(usize::from(index))
            .map_or("?", |(_, it)| it.name.as_str())
    }

    /// Those with this user id.
    pub(super) fn with_uid(&self, uid: u32) -> Set {
        self.iter()
            .filter(|(_, _, it)| it.uid == uid)
            .fold(0, |set, (bit, ..)| set | bit)
    }
}

const fn bit(index: usize) -> Set {
    1 << index
}
