//! Discord's responses.

use std::time::Duration;

use guestlist_model::{AuditLog, MemberSearch, UserId, Vanity, decode_invites};
use guestlist_tracker::{Failure, MemberQuery, Request, Response};

use super::delay::Micros;
use super::guild::{Guild, Lists, Search};
use super::member::{Entry, Row, TrueJoin};
use super::payload;
use super::switch::{Switch, Switches};
use super::weather::Weather;
use crate::Random;

/// What a response said, for the judge.
#[derive(Clone, Debug)]
pub(super) enum Told {
    /// The codes and their uses.
    List(Vec<(String, Option<u64>)>),
    ListRefused,
    Vanity(Option<String>, u64),
    /// User, source, code, inviter.
    Rows(Vec<(u64, u64, Option<String>, Option<u64>)>),
    /// Action, who, when.
    Entries(Vec<(u64, u64, Micros)>),
    Nothing,
}

pub(super) type Answer = (Result<Response, Failure>, Told);

pub(super) struct Desk<'a> {
    pub(super) switches: Switches,
    pub(super) weather: &'a Weather,
    pub(super) random: &'a mut Random,
    pub(super) now: Micros,
}

impl Desk<'_> {
    pub(super) fn answer(&mut self, guild: &Guild, request: &Request) -> Answer {
        if !guild.bot_is_in {
            let told = match request {
                Request::ListInvites { .. } => Told::ListRefused,
                _ => Told::Nothing,
            };
            return (Err(Failure::MissingAccess), told);
        }
        match request {
            Request::ListInvites { .. } => self.list(guild),
            Request::VanityUrl { .. } => self.vanity(guild),
            Request::SearchMembers { query, limit, .. } => self.search(guild, query, *limit),
            Request::AuditLog { limit, .. } => self.audit(guild, *limit),
            Request::ListMembers { after, limit, .. } => {
                self.members(guild, request, *after, *limit)
            }
            other => panic!("a request that is not known here: {other:?}"),
        }
    }

    fn list(&mut self, guild: &Guild) -> Answer {
        if guild.lists == Lists::Forbidden {
            return (Err(Failure::MissingPermission), Told::ListRefused);
        }
        let view = self.now - self.weather.staleness(self.random);
        let lacking = self.switches.has(Switch::MissingInvites) && self.random.chance(100);
        let mut told = Vec::new();
        let mut texts = Vec::new();
        for invite in &guild.invites {
            let Some(uses) = invite.shown(view) else {
                continue;
            };
            if lacking && self.random.chance(150) {
                continue;
            }
            let uses = (guild.lists == Lists::Full).then_some(uses);
            texts.push(payload::listed(guild.id, invite, view, uses));
            told.push((invite.code.clone(), uses));
        }
        let body = format!("[{}]", texts.join(","));
        let list =
            decode_invites(body.as_bytes()).unwrap_or_else(|error| panic!("{error}: {body}"));
        assert!(list.failed.is_empty(), "{:?}: {body}", list.failed);
        (Ok(Response::Invites(list.invites)), Told::List(told))
    }

    fn vanity(&mut self, guild: &Guild) -> Answer {
        if guild.lists != Lists::Full {
            return (Err(Failure::MissingPermission), Told::Nothing);
        }
        let view = self.now - self.weather.staleness(self.random);
        let told = guild.vanity.shown(view);
        let body = payload::vanity(told.map(|(code, _, uses)| (code, uses)));
        let vanity = Vanity::from_slice(body.as_bytes()).unwrap();
        let told = Told::Vanity(
            told.map(|(code, ..)| code.to_owned()),
            told.map_or(0, |(.., uses)| uses),
        );
        (Ok(Response::Vanity(vanity)), told)
    }

    fn search(&mut self, guild: &Guild, query: &MemberQuery, limit: u16) -> Answer {
        match guild.search {
            Search::Works => {}
            Search::Forbidden => return (Err(Failure::MissingPermission), Told::Nothing),
            Search::Absent => return (Err(Failure::NotFound), Told::Nothing),
            Search::NotIndexed => {
                let body = payload::not_indexed();
                let search = MemberSearch::from_slice(body.as_bytes()).unwrap();
                return (Ok(Response::Members(search)), Told::Nothing);
            }
        }
        let flaky = self.switches.has(Switch::FlakyRows);
        let mut found: Vec<(&TrueJoin, &Row)> = guild
            .rows
            .iter()
            .filter(|row| row.from <= self.now && self.now < row.until)
            .map(|row| (&guild.joins[row.join], row))
            .filter(|(join, row)| match query {
                MemberQuery::Users(users) => {
                    assert!(users.len() <= 10, "a search names at most ten users");
                    users.iter().any(|user| user.get() == join.user)
                }
                MemberQuery::JoinedBetween { from, to } => {
                    let at = row.joined_at.div_euclid(1000);
                    at >= from.as_millis() && to.is_none_or(|to| at <= to.as_millis())
                }
                other => panic!("a query that is not known here: {other:?}"),
            })
            .filter(|_| !(flaky && self.random.chance(50)))
            .collect();
        // The newest first.
        found.sort_by_key(|(_, row)| std::cmp::Reverse(row.joined_at));
        if flaky && self.random.chance(100) && !found.is_empty() {
            found.insert(0, found[found.len() - 1]);
        }
        let total = found.len();
        found.truncate(usize::from(limit));
        let body = payload::searched(guild.id, &found, total);
        let search = MemberSearch::from_slice(body.as_bytes())
            .unwrap_or_else(|error| panic!("{error}: {body}"));
        let told = found
            .iter()
            .map(|(join, row)| (join.user, row.source, row.code.clone(), row.inviter))
            .collect();
        (Ok(Response::Members(search)), Told::Rows(told))
    }

    /// A page of the members, in the order of their ids.
    fn members(
        &mut self,
        guild: &Guild,
        request: &Request,
        after: Option<UserId>,
        limit: u16,
    ) -> Answer {
        if !guild.members_allowed {
            return (Err(Failure::MissingAccess), Told::Nothing);
        }
        let view = self.now - self.weather.staleness(self.random);
        let mut members: Vec<&TrueJoin> = guild
            .joins
            .iter()
            .filter(|join| join.at <= view && join.left.is_none_or(|left| view < left))
            .filter(|join| after.is_none_or(|after| join.user > after.get()))
            .collect();
        members.sort_by_key(|join| join.user);
        members.truncate(usize::from(limit));
        let body = payload::members(&members);
        let answer = request.read_answer(200, body.as_bytes());
        (answer, Told::Nothing)
    }

    fn audit(&mut self, guild: &Guild, limit: u16) -> Answer {
        if !guild.audit_allowed {
            return (Err(Failure::MissingPermission), Told::Nothing);
        }
        let mut shown: Vec<&Entry> = guild
            .audit
            .iter()
            .filter(|entry| entry.shown <= self.now)
            .collect();
        shown.sort_by_key(|entry| std::cmp::Reverse(entry.id));
        shown.truncate(usize::from(limit));
        let body = payload::audit_log(&shown);
        let log = AuditLog::from_slice(body.as_bytes()).unwrap();
        let told = shown
            .iter()
            .map(|entry| (entry.action, entry.by, entry.at))
            .collect();
        (Ok(Response::AuditLog(log)), Told::Entries(told))
    }

    /// A failure instead of the response.
    pub(super) fn failure(&mut self) -> Failure {
        match self.random.below(4) {
            0 => Failure::Transport(String::from("connection reset")),
            1 => Failure::RateLimited {
                retry_after: Duration::from_millis(200 + self.random.below(4000)),
            },
            2 => Failure::Other {
                status: 500,
                code: 0,
                message: String::from("internal"),
            },
            _ => Failure::Transport(String::from("timed out")),
        }
    }
}
