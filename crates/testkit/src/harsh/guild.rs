//! One guild: the truth, and what Discord shows.

use std::collections::BTreeMap;

use super::delay::{Micros, SECOND};
use super::invite::{Invite, Vanity};
use super::member::{Entry, Row, TrueJoin};

/// What the bot sees in a list of invites.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Lists {
    Full,
    WithoutUses,
    Forbidden,
}

/// How the members search answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Search {
    Works,
    Forbidden,
    Absent,
    NotIndexed,
}

#[derive(Clone, Debug)]
pub(super) struct Channel {
    pub(super) id: u64,
    /// Whether the bot receives events about its invites.
    pub(super) visible: bool,
    pub(super) deleted: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Guild {
    pub(super) id: u64,
    pub(super) invites: Vec<Invite>,
    pub(super) by_code: BTreeMap<String, usize>,
    pub(super) vanity: Vanity,
    pub(super) channels: Vec<Channel>,
    pub(super) joins: Vec<TrueJoin>,
    /// The members, and the join of each.
    pub(super) present: BTreeMap<u64, usize>,
    /// Bots that were kicked.
    pub(super) kicked: Vec<u64>,
    pub(super) rows: Vec<Row>,
    pub(super) audit: Vec<Entry>,
    pub(super) lists: Lists,
    pub(super) audit_allowed: bool,
    pub(super) search: Search,
    /// Whether the bot may list the members.
    pub(super) members_allowed: bool,
    /// Whether the bot is a member.
    pub(super) bot_is_in: bool,
    /// When this began.
    pub(super) bot_since: Micros,
    pub(super) available: bool,
    /// When the latest GUILD_UPDATE is sent.
    pub(super) updated: Micros,
    /// The numbers of the next user, guild and entry.
    next: u64,
}

impl Guild {
    pub(super) fn new(id: u64) -> Self {
        let channels = (1..=3)
            .map(|number| Channel {
                id: id + number,
                visible: true,
                deleted: false,
            })
            .collect();
        Self {
            id,
            invites: Vec::new(),
            by_code: BTreeMap::new(),
            vanity: Vanity::none(),
            channels,
            joins: Vec::new(),
            present: BTreeMap::new(),
            kicked: Vec::new(),
            rows: Vec::new(),
            audit: Vec::new(),
            lists: Lists::Full,
            audit_allowed: true,
            search: Search::Works,
            members_allowed: true,
            bot_is_in: true,
            bot_since: -3600 * SECOND,
            available: true,
            updated: 0,
            next: 0,
        }
    }

    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(super) fn add(&mut self, invite: Invite) {
        self.by_code.insert(invite.code.clone(), self.invites.len());
        self.invites.push(invite);
    }

    pub(super) fn invite(&self, code: &str) -> Option<&Invite> {
        self.invites.get(*self.by_code.get(code)?)
    }

    pub(super) fn invite_mut(&mut self, code: &str) -> Option<&mut Invite> {
        self.invites.get_mut(*self.by_code.get(code)?)
    }

    /// The invites that can be used.
    pub(super) fn open(&self, now: Micros) -> Vec<String> {
        self.invites
            .iter()
            .filter(|invite| invite.is_open(now))
            .map(|invite| invite.code.clone())
            .collect()
    }

    /// Whether the bot receives events about a channel's invites.
    pub(super) fn sees(&self, channel: u64) -> bool {
        self.channels
            .iter()
            .any(|known| known.id == channel && known.visible)
    }

    /// The join of this user at this time by Discord's clock, in milliseconds.
    pub(super) fn join(&self, user: u64, millis: i64) -> Option<usize> {
        self.joins
            .iter()
            .position(|join| join.user == user && join.joined_at.div_euclid(1000) == millis)
    }
}
