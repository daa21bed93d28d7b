//! Reading the ledger, and computing the numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use guestlist_ledger::{
    Bucket, Burst, BurstLimits, Cohort, CohortBy, FactSheet, GapRow, InviteStatus, LedgerError,
    ProfileLimits, Reports, RetentionQuestion, RetentionRow, Scope,
};
use guestlist_model::{GuildId, Timestamp, UserId};
use guestlist_view::View;
use serde::{Deserialize, Serialize, Serializer};

use crate::line::Marks;
use crate::numbers::{Numbers, figures};
use crate::{Day, Figure, Line, Stay};

/// What to report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Wanted {
    /// The server.
    pub guild: GuildId,
    /// The start of the time span.
    pub since: Timestamp,
    /// The end of the time span.
    pub until: Timestamp,
    /// The current time.
    pub now: Timestamp,
    /// The maximum number of lines in each list.
    pub top: usize,
}

impl Wanted {
    /// Creates a query for the thirty days before `now`.
    #[must_use]
    pub fn new(guild: GuildId, now: Timestamp) -> Self {
        Self {
            guild,
            since: earlier(now, Duration::from_secs(30 * 86_400)),
            until: now,
            now,
            top: 10,
        }
    }

    /// Sets the time span.
    #[must_use]
    pub const fn span(mut self, since: Timestamp, until: Timestamp) -> Self {
        self.since = since;
        self.until = until;
        self
    }

    /// Sets the maximum number of lines in each list.
    #[must_use]
    pub const fn top(mut self, top: usize) -> Self {
        self.top = top;
        self
    }
}

fn earlier(at: Timestamp, by: Duration) -> Timestamp {
    let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(at.as_micros().saturating_sub(micros))
}

/// A report on one server.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The server.
    pub guild_id: GuildId,
    /// Its name, if known.
    pub guild: Option<String>,
    /// The start of the time span.
    pub since: Timestamp,
    /// The end of the time span.
    pub until: Timestamp,
    /// The start of the previous time span, which has the same length and ends at `since`.
    pub before_since: Timestamp,
    /// When the report was created.
    pub made_at: Timestamp,
    /// The key figures.
    pub figures: Vec<Figure>,
    /// How many members stayed.
    pub kept: Vec<Stay>,
    /// Joins and leaves by day (UTC), without empty days.
    pub days: Vec<Day>,
    /// By origin.
    pub origins: Vec<Line>,
    /// By invite.
    pub invites: Vec<Line>,
    /// By label.
    pub labels: Vec<Line>,
    /// By inviter.
    pub inviters: Vec<Line>,
    /// Bursts: unusual numbers of joins.
    #[serde(serialize_with = "records")]
    pub bursts: Vec<Burst>,
    /// Gaps in the observation.
    #[serde(serialize_with = "records")]
    pub gaps: Vec<GapRow>,
}

/// Rows with the fields that they have everywhere.
fn records<R: View, S: Serializer>(rows: &[R], serializer: S) -> Result<S::Ok, S::Error> {
    let fields = guestlist_view::Fields::new();
    serializer.collect_seq(rows.iter().map(|row| fields.record(row)))
}

impl Report {
    /// Reads the ledger and creates the report.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read.
    pub async fn read(
        reports: &(impl Reports + ?Sized),
        wanted: &Wanted,
    ) -> Result<Self, LedgerError> {
        let length = wanted
            .until
            .as_micros()
            .saturating_sub(wanted.since.as_micros());
        let before_since = Timestamp::from_micros(wanted.since.as_micros().saturating_sub(length));
        let scope = Scope::new().guild(wanted.guild);
        let both = scope.clone().since(before_since).until(wanted.until);
        let both = FactSheet::read(reports, &both).await?;
        let sheets = Sheets {
            now: both.within(wanted.since, wanted.until),
            before: both.within(before_since, wanted.since),
            wanted,
        };
        let span = scope.clone().since(wanted.since).until(wanted.until);
        let span_before = scope.clone().since(before_since).until(wanted.since);
        let days = days(reports, &span).await?;
        let leaves = days.iter().map(|day| day.leaves).sum();
        let missing = reports.totals(&span).await?.missing;
        let totals_before = reports.totals(&span_before).await?;
        let now = Numbers::of(&sheets.now, leaves, missing, wanted.now);
        let before = Numbers::of(
            &sheets.before,
            totals_before.leaves,
            totals_before.missing,
            wanted.now,
        );
        let mut report = Self {
            guild_id: wanted.guild,
            guild: guild_name(reports, wanted.guild).await?,
            since: wanted.since,
            until: wanted.until,
            before_since,
            made_at: wanted.now,
            figures: figures(&now, &before),
            kept: now.kept,
            days,
            origins: sheets.lines(CohortBy::Origin),
            invites: sheets.lines(CohortBy::Invite),
            labels: sheets.lines(CohortBy::Label),
            inviters: sheets.lines(CohortBy::Inviter),
            bursts: sheets.bursts(),
            gaps: reports.gaps(&span).await?,
        };
        if report.labels.iter().all(|line| line.key.is_none()) {
            report.labels.clear();
        }
        sheets.mark(&mut report.inviters);
        report.name_inviters(reports).await?;
        report.name_invites(reports, &scope).await?;
        Ok(report)
    }

    async fn name_inviters(
        &mut self,
        reports: &(impl Reports + ?Sized),
    ) -> Result<(), LedgerError> {
        let id = |line: &Line| line.key.as_deref()?.parse::<UserId>().ok();
        let users: Vec<UserId> = self.inviters.iter().filter_map(id).collect();
        let names = reports.names(&users).await?;
        for line in &mut self.inviters {
            line.name = id(line).and_then(|user| names.get(&user).cloned());
        }
        Ok(())
    }

    /// Who made them.
    async fn name_invites(
        &mut self,
        reports: &(impl Reports + ?Sized),
        scope: &Scope,
    ) -> Result<(), LedgerError> {
        for line in &mut self.invites {
            let Some(code) = line.key.as_deref().and_then(|code| code.parse().ok()) else {
                continue;
            };
            let scope = scope.clone().code(code);
            let lives = reports.invites(&scope, InviteStatus::Any, Some(1)).await?;
            line.name = (lives.into_iter().next()).and_then(|row| row.invite.inviter_name);
        }
        Ok(())
    }

    /// The server's name, or its id.
    #[must_use]
    pub fn server(&self) -> String {
        match &self.guild {
            Some(name) => name.clone(),
            None => format!("Server {}", self.guild_id),
        }
    }
}

async fn guild_name(
    reports: &(impl Reports + ?Sized),
    guild: GuildId,
) -> Result<Option<String>, LedgerError> {
    let names = reports.guild_names().await?;
    Ok(names
        .into_iter()
        .find(|(id, _)| *id == guild)
        .and_then(|(_, name)| name))
}

async fn days(reports: &(impl Reports + ?Sized), scope: &Scope) -> Result<Vec<Day>, LedgerError> {
    let mut days: BTreeMap<Timestamp, Day> = BTreeMap::new();
    for row in reports.series(scope, Bucket::DAY).await? {
        let day = days.entry(row.from).or_insert(Day {
            from: row.from,
            joins: 0,
            leaves: 0,
        });
        day.joins += row.joins;
        day.leaves += row.leaves;
    }
    Ok(days.into_values().collect())
}

/// The facts of both spans.
struct Sheets<'w> {
    now: FactSheet,
    before: FactSheet,
    wanted: &'w Wanted,
}

impl Sheets<'_> {
    fn lines(&self, by: CohortBy) -> Vec<Line> {
        let question = RetentionQuestion::new(self.wanted.now).by(by);
        let before: BTreeMap<Cohort, u64> = (self.before.retention(&question).into_iter())
            .map(|row| (row.cohort, row.joined))
            .collect();
        let mut rows = self.now.retention(&question);
        rows.truncate(self.wanted.top);
        rows.iter()
            .map(|row| line(row, before.get(&row.cohort).copied().unwrap_or(0)))
            .collect()
    }

    /// Marks what is unusual about inviters.
    fn mark(&self, lines: &mut [Line]) {
        let limits = ProfileLimits::new(self.wanted.now);
        let profiles = self.now.inviter_profiles(&limits);
        let marks: BTreeMap<String, Marks> = (profiles.iter())
            .map(|it| {
                let marks = Marks {
                    rejoined: it.rejoined,
                    young: it.young,
                    own: it.own,
                    quick: it.quick,
                };
                (it.inviter.to_string(), marks)
            })
            .collect();
        for line in lines {
            line.marks = line.key.as_ref().and_then(|key| marks.get(key).copied());
        }
    }

    fn bursts(&self) -> Vec<Burst> {
        let limits = BurstLimits::new(self.wanted.now);
        let (since, until) = (Some(self.wanted.since), Some(self.wanted.until));
        let mut bursts = self.now.bursts(since, until, &limits);
        bursts.truncate(self.wanted.top);
        bursts
    }
}

fn line(row: &RetentionRow, before: u64) -> Line {
    Line {
        key: match &row.cohort {
            Cohort::Everyone | Cohort::Rest => None,
            Cohort::Invite(_, code) => Some(code.to_string()),
            Cohort::Label(label) => Some(label.to_string()),
            Cohort::Inviter(user) => Some(user.to_string()),
            Cohort::Origin(origin) => Some(origin.clone()),
        },
        name: None,
        label: row.label.as_ref().map(ToString::to_string),
        joins: row.joined,
        before,
        here: row.here,
        kept: row.kept.iter().map(Stay::from).collect(),
        marks: None,
    }
}
