//! What the tracker was told about one guild: the possible basis of its evidence.

use std::collections::{BTreeMap, BTreeSet};

use super::answers::Told;
use super::delay::Micros;
use super::guild::Guild;
use super::member::{Counted, TrueJoin};

#[derive(Clone, Debug)]
pub(super) struct List {
    /// When it arrived, in true time.
    pub(super) at: Micros,
    /// When it was requested and when it arrived, by our clock.
    pub(super) sent: Micros,
    pub(super) received: Micros,
    pub(super) uses: BTreeMap<String, Option<u64>>,
}

#[derive(Clone, Debug)]
pub(super) struct VanityAnswer {
    pub(super) at: Micros,
    pub(super) received: Micros,
    pub(super) code: Option<String>,
    pub(super) uses: u64,
}

type Row = (u64, u64, Option<String>, Option<u64>);

#[derive(Clone, Debug, Default)]
pub(super) struct Knowledge {
    pub(super) lists: Vec<List>,
    pub(super) vanity: Vec<VanityAnswer>,
    pub(super) rows: BTreeSet<Row>,
    pub(super) entries: BTreeSet<(u64, u64, Micros)>,
    /// Whether a list was ever denied, lacked uses, or did not arrive.
    pub(super) refused: bool,
    pub(super) hidden: bool,
    /// Whether events may ever have been missed.
    pub(super) missed: bool,
    /// Whether the bot was removed at any time.
    pub(super) removed: bool,
    /// The codes in INVITE_CREATE events.
    pub(super) created: BTreeSet<String>,
}

impl Knowledge {
    pub(super) fn learn(&mut self, at: Micros, sent: Micros, received: Micros, told: Told) {
        match told {
            Told::List(list) => {
                self.hidden |= list.iter().any(|(_, uses)| uses.is_none());
                let uses = list.into_iter().collect();
                self.lists.push(List {
                    at,
                    sent,
                    received,
                    uses,
                });
            }
            Told::ListRefused => self.refused = true,
            Told::Vanity(code, uses) => self.vanity.push(VanityAnswer {
                at,
                received,
                code,
                uses,
            }),
            Told::Rows(rows) => self.rows.extend(rows),
            Told::Entries(entries) => self.entries.extend(entries),
            Told::Nothing => {}
        }
    }

    /// Whether a list has shown the use of a join itself.
    pub(super) fn saw_use(&self, guild: &Guild, join: &TrueJoin) -> bool {
        match &join.counted {
            Some(Counted::Invite(code)) => {
                let Some(invite) = guild.invite(code) else {
                    return false;
                };
                let with = invite.base + invite.uses.partition_point(|at| *at <= join.shown) as u64;
                let mut before = false;
                for list in &self.lists {
                    let Some(Some(uses)) = list.uses.get(code) else {
                        continue;
                    };
                    if before && *uses >= with {
                        return true;
                    }
                    before |= *uses < with;
                }
                false
            }
            Some(Counted::Vanity(life)) => {
                let (base, uses) = &guild.vanity.lives[*life];
                let with = base + uses.partition_point(|at| *at <= join.shown) as u64;
                let code = guild
                    .vanity
                    .code
                    .all()
                    .flatten()
                    .find(|(_, other)| other == life)
                    .map(|(code, _)| code);
                let of_life = self.vanity.iter().filter(|told| told.code.as_ref() == code);
                let (mut low, mut high) = (false, false);
                for told in of_life {
                    high |= low && told.uses >= with;
                    low |= told.uses < with;
                }
                high
            }
            None => false,
        }
    }
}
