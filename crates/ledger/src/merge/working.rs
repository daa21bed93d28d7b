//! A batch at work: what is stored, and what comes of it.

use std::collections::{BTreeMap, BTreeSet};

use guestlist_model::{GuildId, Timestamp, UserId};
use guestlist_tracker::{Attribution, Gap, InviteRecord, JoinKey, Leave, Record};

use super::{
    JoinNews, Membership, Oblivion, Rank, StoredInvite,
    forgetting::{Mention, mentioned, named, replace},
    may_end, millis,
};

/// Something stored, and what it has become.
#[derive(Clone, Debug, Default)]
pub(crate) struct Held<T> {
    pub(crate) stored: T,
    pub(crate) now: T,
}

impl<T: Clone> Held<T> {
    pub(crate) fn new(stored: T) -> Self {
        Self {
            now: stored.clone(),
            stored,
        }
    }
}

/// The lives of a code, by when they began.
pub(crate) type Lives = BTreeMap<Option<Timestamp>, Held<Option<StoredInvite>>>;
/// What makes a gap one: guild, noticed, closed.
pub(crate) type GapKey = (GuildId, Timestamp, Timestamp);

/// What a batch is about, so what has to be loaded for it.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    /// Everybody who is named, to see who of them was forgotten.
    pub(crate) users: BTreeSet<UserId>,
    pub(crate) members: BTreeSet<(GuildId, UserId)>,
    pub(crate) codes: BTreeSet<(GuildId, String)>,
    pub(crate) gaps: BTreeSet<GapKey>,
}

impl Needs {
    pub(crate) fn of(records: &[Record]) -> Self {
        let mut needs = Self::default();
        for record in records {
            needs.users.extend(named(record));
            match record {
                Record::Join(join) => {
                    needs.members.insert((join.key.guild, join.key.user));
                }
                Record::Leave(leave) => {
                    needs.members.insert((leave.guild, leave.user));
                }
                Record::Attribution(attribution) => {
                    let key = attribution.key;
                    needs.members.insert((key.guild, key.user));
                }
                Record::Invite(invite) => {
                    let code = invite.code.as_str().to_owned();
                    needs.codes.insert((invite.guild, code));
                }
                Record::Gap(gap) => {
                    needs.gaps.insert(gap_key(gap));
                }
                _ => {}
            }
        }
        needs
    }

    /// Adds what is needed besides because somebody was forgotten.
    pub(crate) fn widen(&mut self, records: &[Record], oblivion: &Oblivion) {
        let stand_ins: Vec<_> = (self.members.iter())
            .flat_map(|(guild, user)| oblivion.stand_ins(*user).map(|other| (*guild, other)))
            .collect();
        self.members.extend(stand_ins);
        for record in records {
            let Record::Attribution(attribution) = record else {
                continue;
            };
            let forgotten = |user: &UserId| oblivion.latest(*user).is_some();
            if !mentioned(attribution).iter().any(forgotten) {
                continue;
            }
            replace(&mut attribution.clone(), |user, mention| {
                if let Mention::Inviter(Some(code)) = mention {
                    self.codes.insert((attribution.key.guild, code.to_owned()));
                }
                user
            });
        }
    }
}

fn gap_key(gap: &Gap) -> GapKey {
    (gap.guild, gap.observed_at, gap.closed_at)
}

/// One entry of the feed, by the names of what it is about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entry {
    Join(JoinKey),
    Leave(Leave),
    Attribution(JoinKey, Rank),
    InviteSeen(GuildId, String, Option<Timestamp>),
    InviteEnded(GuildId, String, Option<Timestamp>),
    Gap(GapKey),
}

/// A record of a kind that this version does not know.
#[derive(Debug)]
pub(crate) struct Unknown;

/// What a batch is about, as stored and as it becomes.
#[derive(Debug, Default)]
pub(crate) struct Working {
    pub(crate) oblivion: Oblivion,
    pub(crate) members: BTreeMap<(GuildId, UserId), Held<Membership>>,
    pub(crate) invites: BTreeMap<(GuildId, String), Lives>,
    pub(crate) known_gaps: BTreeSet<GapKey>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) guilds: BTreeSet<GuildId>,
    pub(crate) names: BTreeMap<UserId, (Timestamp, String)>,
    /// What is new, in order.
    pub(crate) entries: Vec<Entry>,
}

impl Working {
    /// Takes in a record; true if it is news.
    pub(crate) fn apply(&mut self, record: &Record) -> Result<bool, Unknown> {
        self.guilds.insert(record.guild());
        Ok(match record {
            Record::Join(join) => {
                let user = self.oblivion.at(join.key.user, join.key.joined_at);
                if user == join.key.user
                    && let Some(name) = &join.name
                {
                    self.name(user, join.observed_at, name);
                }
                let key = JoinKey::new(join.key.guild, user, join.key.joined_at);
                let member = self.member(key.guild, user);
                let news = member.join(join);
                let stands = member.stated.get(&key.joined_at);
                let stands = stands.and_then(|stated| stated.keys().next_back().copied());
                if news == JoinNews::New {
                    self.entries.push(Entry::Join(key));
                    self.entries
                        .extend(stands.map(|rank| Entry::Attribution(key, rank)));
                }
                news != JoinNews::Nothing
            }
            Record::Leave(leave) => self.leave(leave),
            Record::Attribution(attribution) => self.attribution(attribution),
            Record::Invite(invite) => self.invite(invite),
            Record::Gap(gap) => {
                let key = gap_key(gap);
                let news = self.known_gaps.insert(key);
                if news {
                    self.gaps.push(gap.clone());
                    self.entries.push(Entry::Gap(key));
                }
                news
            }
            _ => return Err(Unknown),
        })
    }

    fn member(&mut self, guild: GuildId, user: UserId) -> &mut Membership {
        &mut self.members.entry((guild, user)).or_default().now
    }

    fn name(&mut self, user: UserId, seen_at: Timestamp, name: &str) {
        let seen = (seen_at, name.to_owned());
        let known = self.names.entry(user).or_insert_with(|| seen.clone());
        *known = seen.max(known.clone());
    }

    fn leave(&mut self, leave: &Leave) -> bool {
        let user = match leave.joined_at {
            Some(joined_at) => self.oblivion.at(leave.user, joined_at),
            None => match self.who_left(leave) {
                Some(user) => user,
                // Of somebody forgotten, of whom no join is known.
                None => return false,
            },
        };
        let news = self.member(leave.guild, user).leave(leave);
        if news {
            let joined_at = leave.joined_at.map(millis);
            let leave = Leave::new(leave.guild, user, joined_at, leave.observed_at)
                .joined_before(leave.joined_before)
                .since(leave.since);
            self.entries.push(Entry::Leave(leave));
        }
        news
    }

    /// Whom a leave that names no join is put down to: somebody who joined since they
    /// were forgotten, or whoever stands in for them.
    fn who_left(&self, leave: &Leave) -> Option<UserId> {
        let Some(stand_in) = self.oblivion.latest(leave.user) else {
            return Some(leave.user);
        };
        [leave.user, stand_in].into_iter().find(|user| {
            let member = self.members.get(&(leave.guild, *user));
            member.is_some_and(|member| {
                let before = leave.joined_before.map(millis);
                let mut joins = member.now.joins.iter();
                joins.any(|(at, join)| may_end(before, leave.observed_at, *at, join))
            })
        })
    }

    fn attribution(&mut self, told: &Attribution) -> bool {
        let user = self.oblivion.at(told.key.user, told.key.joined_at);
        let mut told = told.clone();
        told.key = JoinKey::new(told.key.guild, user, told.key.joined_at);
        let key = told.key;
        let (oblivion, invites) = (&self.oblivion, &self.invites);
        replace(&mut told, |user, mention| {
            let Some(latest) = oblivion.latest(user) else {
                return user;
            };
            let then = oblivion.at(user, key.joined_at);
            match mention {
                _ if then != user => then,
                Mention::Adder => user,
                Mention::Actor(at) => oblivion.at(user, at),
                // The invite may be older than the join. If it was made since they
                // were forgotten, the ledger has it as theirs.
                Mention::Inviter(code) => {
                    let lives = code.and_then(|code| invites.get(&(key.guild, code.to_owned())));
                    let mut lives = lives.into_iter().flat_map(BTreeMap::values);
                    let theirs = lives.any(|life| {
                        let inviter = life.now.as_ref().and_then(|invite| invite.inviter);
                        inviter == Some(user)
                    });
                    if theirs { user } else { latest }
                }
            }
        });
        let member = self.member(key.guild, user);
        let stands = member.attribution(&told);
        if stands && member.joins.contains_key(&key.joined_at) {
            self.entries.push(Entry::Attribution(key, Rank::of(&told)));
        }
        stands
    }

    fn invite(&mut self, told: &InviteRecord) -> bool {
        let mut told = told.clone();
        told.inviter = told.inviter.map(|user| match told.created_at {
            Some(at) => self.oblivion.at(user, at),
            None => self.oblivion.latest(user).unwrap_or(user),
        });
        let ended_at = told.ended_at.unwrap_or(told.observed_at);
        told.ended_by = told.ended_by.map(|user| self.oblivion.at(user, ended_at));
        let code = told.code.as_str().to_owned();
        let lives = self.invites.entry((told.guild, code.clone())).or_default();
        let life = lives.entry(told.created_at).or_default();
        let offered = StoredInvite::of(&told);
        let before = life.now.as_ref().map(|stored| stored.state);
        let (news, inviter, state) = match &mut life.now {
            Some(stored) => (stored.merge(&offered), stored.inviter, stored.state),
            empty => {
                let stored = empty.insert(offered);
                (true, stored.inviter, stored.state)
            }
        };
        // Whose name it is may have been forgotten.
        if let (Some(user), Some(name)) = (told.inviter, &told.inviter_name)
            && inviter == Some(user)
            && !crate::is_forgotten(user)
        {
            self.name(user, told.observed_at, name);
        }
        let (guild, at) = (told.guild, told.created_at);
        if before.is_none() {
            self.entries
                .push(Entry::InviteSeen(guild, code.clone(), at));
        }
        if state.has_ended() && before != Some(state) {
            self.entries.push(Entry::InviteEnded(guild, code, at));
        }
        news
    }
}
