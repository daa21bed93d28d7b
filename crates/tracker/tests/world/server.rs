//! Discord's side: invites, members, the audit log, and the truth.

use std::collections::BTreeMap;

use guestlist_model::{AuditLog, JoinSource, MemberSearch, Timestamp, UserId, Vanity};
use guestlist_tracker::{Failure, JoinKey, MemberQuery, Origin, Request, Response};

use super::json;

/// The way in, in truth.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum How {
    Invite(String),
    Vanity,
    Bot,
    Integration,
    Discovery,
    /// By hand, through this invite; whether that is a use of it is not known.
    Verified(String, bool),
}

impl How {
    pub(crate) fn counted(&self) -> bool {
        matches!(
            self,
            Self::Invite(_) | Self::Vanity | Self::Verified(_, true)
        )
    }

    /// Whether an answer says this.
    pub(crate) fn is(&self, origin: &Origin) -> bool {
        match (self, origin) {
            // Who used the invite and was let in by hand did use it.
            (Self::Invite(text) | Self::Verified(text, true), Origin::Invite { code, .. }) => {
                code == text.as_str()
            }
            (Self::Vanity, Origin::Vanity { .. })
            | (Self::Bot, Origin::Bot { .. })
            | (Self::Integration, Origin::Integration)
            | (Self::Discovery, Origin::Discovery)
            | (Self::Verified(..), Origin::ManualVerification) => true,
            _ => false,
        }
    }

    pub(crate) fn source(&self) -> JoinSource {
        match self {
            Self::Invite(_) => JoinSource::Invite,
            Self::Vanity => JoinSource::Vanity,
            Self::Bot => JoinSource::Bot,
            Self::Integration => JoinSource::Integration,
            Self::Discovery => JoinSource::Discovery,
            Self::Verified(..) => JoinSource::ManualVerification,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Invite {
    pub(crate) code: String,
    pub(crate) inviter: Option<u64>,
    pub(crate) max_uses: u64,
    /// What lists show.
    pub(crate) uses: u64,
    /// How often it was accepted.
    pub(crate) accepted: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) roles: bool,
    /// Its INVITE_CREATE tells neither roles nor flags.
    pub(crate) terse: bool,
}

impl Invite {
    pub(crate) fn new(code: &str) -> Self {
        Self {
            code: code.to_owned(),
            inviter: Some(77),
            max_uses: 0,
            uses: 0,
            accepted: 0,
            created_at: Timestamp::from_secs(1_600_000_000),
            expires_at: None,
            roles: false,
            terse: false,
        }
    }

    pub(crate) fn max_uses(mut self, max: u64) -> Self {
        self.max_uses = max;
        self
    }

    pub(crate) fn used(mut self, uses: u64) -> Self {
        self.uses = uses;
        self.accepted = uses;
        self
    }

    pub(crate) fn expires(mut self, at: Timestamp) -> Self {
        self.expires_at = Some(at);
        self
    }

    pub(crate) fn grants_roles(mut self) -> Self {
        self.roles = true;
        self
    }

    pub(crate) fn terse(mut self) -> Self {
        self.terse = true;
        self
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Ended {
    UsedUp,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Lists {
    Full,
    WithoutUses,
    Forbidden,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Permissions {
    pub(crate) lists: Lists,
    pub(crate) search: bool,
    pub(crate) audit: bool,
    pub(crate) manage_channels: bool,
}

pub(crate) struct Member {
    pub(crate) joined_at: Timestamp,
    pub(crate) how: How,
    pub(crate) indexed_at: Timestamp,
}

pub(crate) struct Entry {
    pub(crate) id: u64,
    pub(crate) action: u64,
    pub(crate) by: u64,
    pub(crate) target: Option<u64>,
    pub(crate) code: Option<String>,
    pub(crate) shown_at: Timestamp,
}

pub(crate) struct Server {
    pub(crate) invites: BTreeMap<String, Invite>,
    pub(crate) vanity: Option<(String, u64)>,
    pub(crate) members: BTreeMap<UserId, Member>,
    pub(crate) truth: BTreeMap<JoinKey, How>,
    pub(crate) audit: Vec<Entry>,
    pub(crate) permissions: Permissions,
    /// The search answers 202 so many more times.
    pub(crate) not_indexed: u64,
    /// Every search is answered with 404.
    pub(crate) absent: bool,
    /// Discovery is told with a code of the vanity link and source 5.
    pub(crate) vanity_as_invite: bool,
    /// The search does not tell the code of the vanity link.
    pub(crate) vanity_unnamed: bool,
    users: u64,
    entries: u64,
}

impl Server {
    pub(crate) fn new() -> Self {
        Self {
            invites: BTreeMap::new(),
            vanity: None,
            members: BTreeMap::new(),
            truth: BTreeMap::new(),
            audit: Vec::new(),
            permissions: Permissions {
                lists: Lists::Full,
                search: true,
                audit: true,
                manage_channels: true,
            },
            not_indexed: 0,
            absent: false,
            vanity_as_invite: false,
            vanity_unnamed: false,
            users: 1000,
            entries: 0,
        }
    }

    pub(crate) fn next_user(&mut self) -> u64 {
        self.users += 1;
        self.users
    }

    /// The invites that can be accepted.
    pub(crate) fn acceptable(&self, now: Timestamp) -> Vec<String> {
        self.invites
            .values()
            .filter(|invite| invite.max_uses == 0 || invite.accepted < invite.max_uses)
            .filter(|invite| invite.expires_at.is_none_or(|at| now < at))
            .map(|invite| invite.code.clone())
            .collect()
    }

    pub(crate) fn add(&mut self, invite: Invite) {
        self.invites.insert(invite.code.clone(), invite);
    }

    pub(crate) fn join(&mut self, key: JoinKey, how: &How, indexed_at: Timestamp) -> Option<Ended> {
        self.truth.insert(key, how.clone());
        let member = Member {
            joined_at: key.joined_at,
            how: how.clone(),
            indexed_at,
        };
        self.members.insert(key.user, member);
        match how {
            How::Invite(code) => {
                let invite = self.invites.get_mut(code)?;
                invite.accepted += 1;
                (invite.accepted == invite.max_uses).then_some(Ended::UsedUp)
            }
            How::Bot => {
                self.entry(key.joined_at, 28, Some(key.user.get()), None);
                None
            }
            _ => None,
        }
    }

    /// A join shows in the counts.
    pub(crate) fn count(&mut self, how: &How) {
        match how {
            How::Invite(code) | How::Verified(code, true) => {
                if let Some(invite) = self.invites.get_mut(code) {
                    invite.uses += 1;
                    if invite.uses == invite.max_uses {
                        self.invites.remove(code);
                    }
                }
            }
            How::Vanity => {
                if let Some((_, uses)) = &mut self.vanity {
                    *uses += 1;
                }
            }
            _ => {}
        }
    }

    /// Somebody did something to an invite.
    pub(crate) fn audit_invite(
        &mut self,
        action: u64,
        code: &str,
        at: Timestamp,
        shown_at: Timestamp,
    ) {
        self.entry(at, action, None, Some(code.to_owned()));
        if let Some(entry) = self.audit.last_mut() {
            entry.shown_at = shown_at;
        }
    }

    fn entry(&mut self, at: Timestamp, action: u64, target: Option<u64>, code: Option<String>) {
        self.entries += 1;
        let millis = u64::try_from(at.as_millis() - 1_420_070_400_000).unwrap();
        self.audit.push(Entry {
            id: (millis << 22) + self.entries,
            action,
            by: 88,
            target,
            code,
            shown_at: at,
        });
    }

    pub(crate) fn answer(
        &mut self,
        request: &Request,
        now: Timestamp,
    ) -> Result<Response, Failure> {
        match request {
            Request::ListInvites { .. } => {
                if self.permissions.lists == Lists::Forbidden {
                    return Err(Failure::MissingPermission);
                }
                let uses = self.permissions.lists == Lists::Full;
                let list = self
                    .invites
                    .values()
                    .filter(|invite| invite.expires_at.is_none_or(|at| now < at))
                    .map(|invite| json::invite(invite, uses))
                    .collect();
                Ok(Response::Invites(list))
            }
            Request::VanityUrl { .. } => {
                if self.permissions.lists != Lists::Full {
                    return Err(Failure::MissingPermission);
                }
                let vanity = self.vanity.clone();
                let code = vanity.as_ref().map(|(code, _)| code.parse().unwrap());
                Ok(Response::Vanity(Vanity::new(
                    code,
                    Some(vanity.map_or(0, |(_, uses)| uses)),
                )))
            }
            Request::SearchMembers { query, limit, .. } => {
                if !self.permissions.search {
                    return Err(Failure::MissingPermission);
                }
                if self.absent {
                    return Err(Failure::NotFound);
                }
                if self.not_indexed > 0 {
                    self.not_indexed -= 1;
                    return Err(Failure::NotReady {
                        retry_after: std::time::Duration::from_secs(2),
                    });
                }
                let found: Vec<String> = self
                    .members
                    .iter()
                    .filter(|(_, member)| member.indexed_at <= now)
                    .filter(|(user, member)| match query {
                        MemberQuery::Users(users) => {
                            assert!(users.len() <= 10, "a search names at most ten");
                            users.contains(user)
                        }
                        MemberQuery::JoinedBetween { from, to } => {
                            let at = member.joined_at.as_millis();
                            at >= from.as_millis() && to.is_none_or(|to| at <= to.as_millis())
                        }
                        other => panic!("{other:?}"),
                    })
                    .map(|(user, member)| json::searched(self, *user, member))
                    .collect();
                let total = found.len();
                let found: Vec<String> = found.into_iter().take(usize::from(*limit)).collect();
                let body = format!(
                    r#"{{"guild_id":"1","members":[{}],"page_result_count":{},"total_result_count":{total}}}"#,
                    found.join(","),
                    found.len()
                );
                Ok(Response::Members(
                    MemberSearch::from_slice(body.as_bytes()).unwrap(),
                ))
            }
            Request::AuditLog { limit, .. } => {
                if !self.permissions.audit {
                    return Err(Failure::MissingPermission);
                }
                let shown = self.audit.iter().filter(|entry| entry.shown_at <= now);
                let newest = shown.rev().take(usize::from(*limit));
                let entries: Vec<String> = newest.map(json::entry).collect();
                let body = format!(
                    r#"{{"audit_log_entries":[{}],"users":[]}}"#,
                    entries.join(",")
                );
                Ok(Response::AuditLog(
                    AuditLog::from_slice(body.as_bytes()).unwrap(),
                ))
            }
            other => panic!("{other:?}"),
        }
    }
}
