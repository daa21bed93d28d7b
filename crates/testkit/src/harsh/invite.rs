//! An invite: the truth, and what lists show of it.

use super::brief;
use super::delay::Micros;

/// The true reason why an invite ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    UsedUp,
    /// By this moderator.
    Revoked(u64),
    /// Its channel was deleted.
    Channel,
}

/// A value that changes at known times.
#[derive(Clone, Debug)]
pub(super) struct History<T>(Vec<(Micros, T)>);

impl<T: Clone> History<T> {
    pub(super) fn new(value: T) -> Self {
        Self(vec![(Micros::MIN, value)])
    }

    pub(super) fn set(&mut self, at: Micros, value: T) {
        self.0.push((at, value));
        self.0.sort_by_key(|(at, _)| *at);
    }

    pub(super) fn at(&self, at: Micros) -> &T {
        let later = self.0.partition_point(|(from, _)| *from <= at);
        &self.0[later.max(1) - 1].1
    }

    pub(super) fn last(&self) -> &T {
        &self.0[self.0.len() - 1].1
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(_, value)| value)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Invite {
    pub(super) code: String,
    pub(super) channel: u64,
    pub(super) inviter: Option<u64>,
    pub(super) max_uses: u64,
    pub(super) temporary: bool,
    /// When it was created.
    pub(super) made: Micros,
    /// The same as Discord reports it, in microseconds since 1970.
    pub(super) created_at: Micros,
    /// When it expires, in true time.
    pub(super) expires: History<Option<Micros>>,
    /// The error of Discord's clock in this time.
    pub(super) expires_skew: Micros,
    pub(super) roles: History<bool>,
    pub(super) guest: bool,
    /// Its INVITE_CREATE contains neither roles nor flags.
    pub(super) terse: bool,
    /// Uses before the world began.
    pub(super) base: u64,
    /// When each use becomes visible, ascending.
    pub(super) uses: Vec<Micros>,
    /// How often it was used, whether visible or not.
    pub(super) accepted: u64,
    pub(super) shown_from: Micros,
    pub(super) hidden_from: Option<Micros>,
    pub(super) ended: Option<(Micros, End)>,
    /// The latest time at which the event of a join by it can arrive.
    pub(super) told_until: Micros,
}

impl Invite {
    /// A short description of the truth.
    pub(super) fn tell(&self) -> String {
        let limit = self.max_uses;
        let expires = self.expires.last().map(brief::seconds);
        format!(
            "invite {} of {:?} (at most {limit}, {} before, accepted {}, listed from {}, expires \
             {expires:?}, roles {}, guest {}, ended {:?})",
            self.code,
            self.inviter,
            self.base,
            self.accepted,
            brief::seconds(self.shown_from),
            self.roles.last(),
            self.guest,
            self.ended
        )
    }

    pub(super) fn is_phantom(&self, at: Micros) -> bool {
        self.guest || *self.roles.at(at)
    }

    /// Whether somebody can use it.
    pub(super) fn is_open(&self, now: Micros) -> bool {
        self.ended.is_none()
            && self.expires.at(now).is_none_or(|at| now < at)
            && (self.max_uses == 0 || self.accepted < self.max_uses)
    }

    /// Whether it has expired.
    pub(super) fn is_expired(&self, now: Micros) -> bool {
        self.ended.is_none() && self.expires.last().is_some_and(|at| at <= now)
    }

    /// Adds a use, which is visible from `shown` on. Returns its number, from 1.
    pub(super) fn use_once(&mut self, now: Micros, shown: Micros) -> u64 {
        self.accepted += 1;
        let place = self.uses.partition_point(|at| *at <= shown);
        self.uses.insert(place, shown);
        if self.max_uses > 0 && self.accepted == self.max_uses {
            self.ended = Some((now, End::UsedUp));
        }
        self.base + place as u64 + 1
    }

    /// Its uses in a list that is read at this time; `None` if the list lacks the invite.
    pub(super) fn shown(&self, view: Micros) -> Option<u64> {
        let uses = self.base + self.uses.partition_point(|at| *at <= view) as u64;
        let there = self.shown_from <= view
            && self.hidden_from.is_none_or(|hidden| view < hidden)
            && self.expires.at(view).is_none_or(|at| view < at)
            && (self.max_uses == 0 || uses < self.max_uses);
        there.then_some(uses)
    }
}

/// The vanity link.
#[derive(Clone, Debug)]
pub(super) struct Vanity {
    /// The code, and the number of its current life.
    pub(super) code: History<Option<(String, usize)>>,
    /// For each life, its first count and when each use becomes visible.
    pub(super) lives: Vec<(u64, Vec<Micros>)>,
}

impl Vanity {
    pub(super) fn none() -> Self {
        Self {
            code: History::new(None),
            lives: Vec::new(),
        }
    }

    /// Sets the code from `at` on.
    pub(super) fn set(&mut self, at: Micros, code: Option<String>, base: u64) {
        let life = code.map(|code| {
            self.lives.push((base, Vec::new()));
            (code, self.lives.len() - 1)
        });
        self.code.set(at, life);
    }

    /// Adds a use of the current code. Returns the count that includes it.
    pub(super) fn use_once(&mut self, shown: Micros) -> Option<(usize, u64)> {
        let (_, life) = self.code.last().clone()?;
        let (base, uses) = &mut self.lives[life];
        let place = uses.partition_point(|at| *at <= shown);
        uses.insert(place, shown);
        Some((life, *base + place as u64 + 1))
    }

    /// The code, its life and its count if read at this time.
    pub(super) fn shown(&self, view: Micros) -> Option<(&str, usize, u64)> {
        let (code, life) = self.code.at(view).as_ref()?;
        let (base, uses) = &self.lives[*life];
        let count = *base + uses.partition_point(|at| *at <= view) as u64;
        Some((code, *life, count))
    }
}
