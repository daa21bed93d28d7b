//! Discord's side: invites, members, the audit log, and the truth.

use std::collections::BTreeMap;

use guestlist_model::{AuditLog, JoinSource, MemberSearch, Timestamp, UserId, Vanity};
use guestlist_tracker::{Failure, JoinKey, MemberQuery, Origin, Request, Response};

use super::json;

/// The true way in.
#[derive(Clone, Debug, PartialEq)]
pub enum How {
    /// By this invite.
    Invite(String),
    /// By the vanity link.
    Vanity,
    /// It is a bot that somebody added.
    Bot,
    /// By an integration.
    Integration,
    /// By server discovery.
    Discovery,
    /// By hand, through this invite; whether that is a use of it is not known.
    Verified(String, bool),
}

impl How {
    /// Whether a count moves for it.
    pub fn counted(&self) -> bool {
        matches!(
            self,
            Self::Invite(_) | Self::Vanity | Self::Verified(_, true)
        )
    }

    /// Whether an answer says this.
    pub fn is(&self, origin: &Origin) -> bool {
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

    /// What Discord calls it.
    pub fn source(&self) -> JoinSource {
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

/// An invite.
#[derive(Clone, Debug)]
pub struct Invite {
    /// Its code.
    pub code: String,
    /// Who made it.
    pub inviter: Option<u64>,
    /// How often it may be used; 0 is without limit.
    pub max_uses: u64,
    /// What lists show.
    pub uses: u64,
    /// How often it was accepted.
    pub accepted: u64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it expires; `None` is never.
    pub expires_at: Option<Timestamp>,
    /// Whether it grants roles.
    pub roles: bool,
    /// Its INVITE_CREATE contains neither roles nor flags.
    pub terse: bool,
}

impl Invite {
    /// An invite without limits that nobody has used.
    pub fn new(code: &str) -> Self {
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

    /// The same, but it may be used only so often.
    pub fn max_uses(mut self, max: u64) -> Self {
        self.max_uses = max;
        self
    }

    /// The same, used this often already.
    pub fn used(mut self, uses: u64) -> Self {
        self.uses = uses;
        self.accepted = uses;
        self
    }

    /// The same, but it expires.
    pub fn expires(mut self, at: Timestamp) -> Self {
        self.expires_at = Some(at);
        self
    }

    /// The same, but it grants roles.
    pub fn grants_roles(mut self) -> Self {
        self.roles = true;
        self
    }

    /// The same, but its INVITE_CREATE tells neither roles nor flags.
    pub fn terse(mut self) -> Self {
        self.terse = true;
        self
    }
}

/// How an invite ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ended {
    /// It was used as often as it might be.
    UsedUp,
}

/// What a list of invites shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lists {
    /// All.
    Full,
    /// The invites without their uses.
    WithoutUses,
    /// Nothing: the bot lacks the permission.
    Forbidden,
}

/// What the bot may do.
#[derive(Clone, Copy, Debug)]
pub struct Permissions {
    /// What the bot sees of the invites.
    pub lists: Lists,
    /// Whether the bot may search for members.
    pub search: bool,
    /// Whether the bot may list the members.
    pub members: bool,
    /// Whether the bot may read the audit log.
    pub audit: bool,
    /// Whether the bot is told of invites made and deleted.
    pub manage_channels: bool,
}

/// A member of the guild.
pub struct Member {
    /// When they joined.
    pub joined_at: Timestamp,
    /// The way in, as the search tells it: the true one, unless a story says otherwise.
    pub told: How,
    /// Whether they had been here before.
    pub rejoined: bool,
    /// From when on the search finds them.
    pub indexed_at: Timestamp,
}

/// An entry of the audit log.
pub struct Entry {
    /// A snowflake: it tells when.
    pub id: u64,
    /// The kind of entry.
    pub action: u64,
    /// Who did it.
    pub by: u64,
    /// To whom, where the entry names somebody.
    pub target: Option<u64>,
    /// The code of the invite, where the entry names one.
    pub code: Option<String>,
    /// How often that invite had been used, where the entry tells that.
    pub uses: Option<u64>,
    /// From when on the log shows it.
    pub shown_at: Timestamp,
}

/// Discord's side: what it knows, what it shows, and the truth.
pub struct Server {
    /// The invites by their codes.
    pub invites: BTreeMap<String, Invite>,
    /// The vanity code and its count.
    pub vanity: Option<(String, u64)>,
    /// The present members.
    pub members: BTreeMap<UserId, Member>,
    /// The way in of every join there ever was.
    pub truth: BTreeMap<JoinKey, How>,
    /// Whether the bot may read the audit log.
    pub audit: Vec<Entry>,
    /// What the bot may do.
    pub permissions: Permissions,
    /// The search answers 202 so many more times.
    pub not_indexed: u64,
    /// Every search is answered with 404.
    pub absent: bool,
    /// Discovery is told with a code of the vanity link and source 5.
    pub vanity_as_invite: bool,
    /// The search does not tell the code of the vanity link.
    pub vanity_unnamed: bool,
    users: u64,
    entries: u64,
}

impl Default for Server {
    /// An empty guild; the bot may do everything.
    fn default() -> Self {
        Self {
            invites: BTreeMap::new(),
            vanity: None,
            members: BTreeMap::new(),
            truth: BTreeMap::new(),
            audit: Vec::new(),
            permissions: Permissions {
                lists: Lists::Full,
                search: true,
                members: true,
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
}

impl Server {
    /// The id of a user who was never here.
    pub fn next_user(&mut self) -> u64 {
        self.users += 1;
        self.users
    }

    /// The invites that can be accepted.
    pub fn acceptable(&self, now: Timestamp) -> Vec<String> {
        self.invites
            .values()
            .filter(|invite| invite.max_uses == 0 || invite.accepted < invite.max_uses)
            .filter(|invite| invite.expires_at.is_none_or(|at| now < at))
            .map(|invite| invite.code.clone())
            .collect()
    }

    /// Adds an invite.
    pub fn add(&mut self, invite: Invite) {
        self.invites.insert(invite.code.clone(), invite);
    }

    /// Somebody joins. Tells whether that used an invite up.
    pub fn join(&mut self, key: JoinKey, how: &How, indexed_at: Timestamp) -> Option<Ended> {
        let rejoined = self.has_been_here(key.user);
        self.truth.insert(key, how.clone());
        let member = Member {
            joined_at: key.joined_at,
            told: how.clone(),
            rejoined,
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

    /// Whether a user has ever joined.
    pub fn has_been_here(&self, user: UserId) -> bool {
        self.truth.keys().any(|key| key.user == user)
    }

    /// A join shows in the counts.
    pub fn count(&mut self, how: &How) {
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

    /// Somebody did something to an invite that had been used so often.
    pub fn audit_invite(
        &mut self,
        action: u64,
        code: &str,
        uses: Option<u64>,
        at: Timestamp,
        shown_at: Timestamp,
    ) {
        self.entry(at, action, None, Some(code.to_owned()));
        if let Some(entry) = self.audit.last_mut() {
            entry.shown_at = shown_at;
            entry.uses = uses;
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
            uses: None,
            shown_at: at,
        });
    }

    /// Answers a request.
    pub fn answer(&mut self, request: &Request, now: Timestamp) -> Result<Response, Failure> {
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
            Request::ListMembers { after, limit, .. } => {
                if !self.permissions.members {
                    return Err(Failure::MissingAccess);
                }
                let members = self.members.iter();
                let members = members.filter(|(user, _)| Some(**user) > *after);
                let page = members.take(usize::from(*limit));
                let page: Vec<_> = page
                    .map(|(user, member)| json::member(*user, member))
                    .collect();
                request.read_answer(200, format!("[{}]", page.join(",")).as_bytes())
            }
            other => panic!("{other:?}"),
        }
    }
}
