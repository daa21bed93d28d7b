//! Current troubles: logged once and then counted, and reported in the status.

use std::{collections::BTreeMap, fmt};

use guestlist_client::{Cause, CauseKind, Repeated};
use guestlist_model::{GuildId, ShardId, Timestamp};
use guestlist_tracker::{Evidence, Failure, Record, Request};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// Something that does not work at present, with its reason.
///
/// The same troubles are in the log, in [`Status::troubles`](crate::Status::troubles), on
/// the dashboard's page Health and in `/health`.
///
/// ```no_run
/// # async fn example(running: guestlist_service::Running) -> Result<(), std::convert::Infallible> {
/// for trouble in &running.status().borrow().troubles {
///     println!("{trouble}, since {}", trouble.since);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Trouble {
    /// What does not work.
    pub about: Affected,
    /// The reason.
    pub cause: Cause,
    /// When it started.
    pub since: Timestamp,
    /// How many attempts have failed since then.
    pub times: u64,
}

/// What a [`Trouble`] is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Affected {
    /// The start: the bot's application or the gateway's address cannot be requested.
    Start,
    /// The connection of a shard.
    Shard(ShardId),
    /// Requests of one kind for a guild.
    Requests {
        /// The guild.
        guild: GuildId,
        /// The kind, such as `list_invites`.
        kind: String,
    },
}

impl fmt::Display for Affected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("start"),
            Self::Shard(shard) => write!(f, "shard {shard}"),
            Self::Requests { guild, kind } => write!(f, "{kind} of server {guild}"),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.about, self.cause)
    }
}

/// The troubles of a service. At most [`MOST`](Self::MOST) are remembered one by one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Troubles {
    present: BTreeMap<Affected, Trouble>,
    /// Whether anything has changed since the last call of [`news`](Self::news).
    changed: bool,
}

impl Troubles {
    const MOST: usize = 64;

    /// Notes that something does not work.
    pub(crate) fn begin(&mut self, about: Affected, cause: Cause, now: Timestamp) {
        if let Some(trouble) = self.present.get_mut(&about) {
            trouble.cause = cause;
            trouble.times += 1;
        } else if self.present.len() < Self::MOST {
            let trouble = Trouble {
                about: about.clone(),
                cause,
                since: now,
                times: 1,
            };
            self.present.insert(about, trouble);
        } else {
            return;
        }
        self.changed = true;
    }

    /// Notes that something works. Returns whether it did not work before.
    pub(crate) fn end(&mut self, about: &Affected) -> bool {
        let ended = !self.present.is_empty() && self.present.remove(about).is_some();
        self.changed |= ended;
        ended
    }

    /// Returns all troubles if any has changed since the last call.
    pub(crate) fn news(&mut self) -> Option<Vec<Trouble>> {
        std::mem::take(&mut self.changed).then(|| self.present.values().cloned().collect())
    }
}

/// The subject of a request.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct About {
    guild: GuildId,
    label: &'static str,
}

impl About {
    pub(crate) fn new(request: &Request) -> Self {
        Self {
            guild: request.guild(),
            label: request.label(),
        }
    }

    pub(crate) const fn label(self) -> &'static str {
        self.label
    }
}

impl From<About> for Affected {
    fn from(about: About) -> Self {
        Self::Requests {
            guild: about.guild,
            kind: about.label.to_owned(),
        }
    }
}

/// A kind of repeated log message.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Kind {
    /// A request failed, for any guild.
    Failed(&'static str, Cause),
    /// Requests succeed again, for any guild.
    Succeeded(&'static str),
    /// An event could not be decoded.
    Undecodable(String),
    SessionStarted(ShardId),
    SessionLost(ShardId),
    SessionResumed(ShardId),
}

/// The log of a service.
#[derive(Debug, Default)]
pub(crate) struct Log(Repeated<Kind>);

impl Log {
    /// A request failed.
    pub(crate) fn failed(&self, about: About, cause: &Cause) {
        let About { guild, label } = about;
        match self.0.note(Kind::Failed(label, cause.clone())) {
            Some(times) => tracing::warn!(
                %guild,
                request = label,
                failure = %cause,
                "a request failed; joins may stay without an answer{times}"
            ),
            None => tracing::debug!(%guild, request = label, failure = %cause, "a request failed"),
        }
    }

    /// Requests succeed that failed before.
    pub(crate) fn succeeded(&self, about: About) {
        let About { guild, label } = about;
        if let Some(times) = self.0.note(Kind::Succeeded(label)) {
            tracing::info!(%guild, request = label, "requests succeed again{times}");
        }
    }

    /// An event is skipped.
    pub(crate) fn undecodable(&self, shard: ShardId, name: Option<&str>, reason: &str) {
        let name = name.unwrap_or("none");
        let cause = Cause::new(CauseKind::Malformed, &format!("{name}: {reason}"));
        match self.0.note(Kind::Undecodable(cause.text.clone())) {
            Some(times) => tracing::warn!(
                %shard,
                event = %cause,
                "skipped an event that cannot be decoded{times}"
            ),
            None => tracing::debug!(%shard, event = %cause, "skipped an event"),
        }
    }

    pub(crate) fn session_started(&self, shard: ShardId) {
        if let Some(times) = self.0.note(Kind::SessionStarted(shard)) {
            tracing::info!(%shard, "a session started{times}");
        }
    }

    pub(crate) fn session_lost(&self, shard: ShardId) {
        if let Some(times) = self.0.note(Kind::SessionLost(shard)) {
            tracing::warn!(%shard, "the session is lost; searching for missed joins{times}");
        }
    }

    pub(crate) fn session_resumed(&self, shard: ShardId) {
        if let Some(times) = self.0.note(Kind::SessionResumed(shard)) {
            tracing::info!(%shard, "the session was resumed{times}");
        }
    }

    /// Logs counts that are due although nothing new occurred.
    pub(crate) fn catch_up(&self) {
        for (kind, times) in self.0.take_due() {
            match kind {
                Kind::Failed(request, cause) => {
                    tracing::warn!(request, failure = %cause, "requests failed{times}");
                }
                Kind::Succeeded(request) => {
                    tracing::info!(request, "requests succeed again{times}");
                }
                Kind::Undecodable(event) => {
                    tracing::warn!(event, "skipped events that cannot be decoded{times}");
                }
                Kind::SessionStarted(shard) => tracing::info!(%shard, "sessions started{times}"),
                Kind::SessionLost(shard) => tracing::warn!(%shard, "sessions were lost{times}"),
                Kind::SessionResumed(shard) => {
                    tracing::info!(%shard, "the session was resumed{times}");
                }
            }
        }
    }

    /// When [`catch_up`](Self::catch_up) has something to log.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.0.due()
    }
}

/// Returns the cause of a failed request if it says something about the setup or the server.
/// Common failures do not.
pub(crate) fn cause(failure: &Failure) -> Option<Cause> {
    let kind = match failure {
        Failure::NotFound
        | Failure::Unavailable
        | Failure::NotReady { .. }
        | Failure::RateLimited { .. } => return None,
        Failure::MissingPermission | Failure::MissingAccess => CauseKind::Forbidden,
        Failure::Transport(_) => CauseKind::Unreachable,
        _ => CauseKind::Other,
    };
    Some(Cause::new(kind, &failure.to_string()))
}

/// Logs a warning if a deduced answer was wrong.
pub(crate) fn warn_if_contradicted(record: &Record) {
    let Record::Attribution(said) = record else {
        return;
    };
    for evidence in &said.evidence {
        if let Evidence::Contradicts { deduced } = evidence {
            tracing::warn!(
                guild = %said.key.guild,
                user = %said.key.user,
                %deduced,
                now = %said.certainty,
                "a deduced answer was wrong; counts in this server prove nothing for a week"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use guestlist_model::Id;
    use guestlist_tracker::{Attribution, Certainty, JoinKey, Origin};

    use super::*;

    #[test]
    fn a_false_deduction_is_warned_about_with_what_is_true() {
        let log = guestlist_testkit::Log::default();
        let collector = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(log.clone())
            .finish();
        let key = JoinKey::new(
            Id::new_checked(7).unwrap(),
            Id::new_checked(8).unwrap(),
            Timestamp::from_millis(1_700_000_000_000),
        );
        let said = |evidence| {
            let true_way = Certainty::Confirmed(Origin::Discovery);
            let said = Attribution::new(key, true_way, key.joined_at);
            Record::Attribution(said.with_evidence(evidence))
        };
        let deduced = Origin::Invite {
            code: "aB3dE".parse().unwrap(),
            inviter: None,
            channel: None,
        };
        tracing::subscriber::with_default(collector, || {
            warn_if_contradicted(&said(Vec::new()));
            assert_eq!(log.text(), "");
            warn_if_contradicted(&said(vec![Evidence::Contradicts { deduced }]));
        });
        let log = log.text();
        assert_eq!(log.lines().count(), 1, "{log}");
        for part in [
            "WARN",
            "guild=7",
            "user=8",
            "aB3dE",
            "discovery",
            "was wrong",
        ] {
            assert!(log.contains(part), "no {part} in {log}");
        }
    }

    fn about() -> About {
        About::new(&Request::ListInvites {
            guild: Id::new_checked(1).unwrap(),
        })
    }

    #[test]
    fn a_trouble_is_told_until_it_is_over() {
        let mut troubles = Troubles::default();
        let now = Timestamp::from_secs(1_700_000_000);
        assert!(cause(&Failure::NotFound).is_none());
        let why = cause(&Failure::MissingPermission).unwrap();
        assert_eq!(why.kind, CauseKind::Forbidden);
        for _ in 0..3 {
            troubles.begin(about().into(), why.clone(), now);
        }
        let told = troubles.news().unwrap();
        assert_eq!((told.len(), told[0].times, told[0].since), (1, 3, now));
        assert_eq!(
            told[0].to_string(),
            "list_invites of server 1: the bot does not have the permission"
        );
        assert!(troubles.news().is_none(), "nothing changed");
        assert!(troubles.end(&about().into()));
        assert_eq!(troubles.news(), Some(Vec::new()));
        assert!(!troubles.end(&about().into()));
        for guild in 1..=1000 {
            let guild = Id::new_checked(guild).unwrap();
            let about = About::new(&Request::ListInvites { guild });
            troubles.begin(about.into(), why.clone(), now);
        }
        assert_eq!(troubles.news().unwrap().len(), Troubles::MOST);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_logged_once_and_then_counted() {
        let written = guestlist_testkit::Log::default();
        let collector = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::INFO)
            .with_ansi(false)
            .with_writer(written.clone())
            .finish();
        let _guard = tracing::subscriber::set_default(collector);
        let log = Log::default();
        let why = cause(&Failure::Transport("a \u{1b}[31mpage\r\nx".to_owned())).unwrap();
        for guild in 1..=300 {
            let guild = Id::new_checked(guild).unwrap();
            log.failed(About::new(&Request::ListInvites { guild }), &why);
            log.undecodable(ShardId::ONE, None, "it is no JSON");
            log.session_lost(ShardId::ONE);
        }
        let lines = |text: &str| text.lines().count();
        assert_eq!(lines(&written.text()), 3, "{}", written.text());
        assert!(!written.text().contains('\u{1b}'), "{}", written.text());
        tokio::time::advance(Duration::from_secs(60)).await;
        log.catch_up();
        let text = written.text();
        assert_eq!(lines(&text), 6, "{text}");
        assert_eq!(
            text.matches("299 times in the last minute").count(),
            3,
            "{text}"
        );
    }
}
