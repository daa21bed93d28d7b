//! Which ledger, which part of it, and how to print it.

use std::path::PathBuf;

use std::time::Duration;

use guestlist::ledger::{Label, ORIGINS, Scope, SqliteLedger};
use guestlist::model::{GuildId, Timestamp, UserId};

use super::{When, code, duration};
use crate::error::CliError;
use guestlist_view::moment;

/// Where the ledger is.
#[derive(Debug, clap::Args)]
pub(crate) struct DbArgs {
    /// The SQLite database that `guestlist track` writes
    #[arg(
        long,
        value_name = "PATH",
        env = "GUESTLIST_DB",
        hide_env_values = true,
        default_value = "guestlist.db"
    )]
    pub(crate) db: PathBuf,
}

impl DbArgs {
    /// Opens the ledger to read it. `track` may be writing it meanwhile.
    pub(crate) async fn open_read_only(&self) -> Result<SqliteLedger, CliError> {
        Ok(SqliteLedger::open_read_only(&self.db).await?)
    }
}

/// Which part of the ledger.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Filters")]
pub(crate) struct LedgerArgs {
    /// Only this server
    #[arg(long, value_name = "ID")]
    guild: Option<GuildId>,
    /// Only invites of this user, and joins through them
    #[arg(long, value_name = "USER_ID")]
    inviter: Option<UserId>,
    /// Only this invite, by code or link
    #[arg(long, value_name = "CODE", allow_hyphen_values = true)]
    code: Option<String>,
    /// Only invites with this label; `guestlist label` sets labels
    #[arg(long, value_name = "LABEL")]
    label: Option<Label>,
    /// Only at this time or later: 7d, 1d12h, 2026-03-01, '2026-03-01 18:30' (UTC)
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    since: Option<When>,
    /// Only before this time
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    until: Option<When>,
    /// Print at most this many rows
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: Option<u32>,
}

impl LedgerArgs {
    /// The scope of a report, seen from `now`.
    pub(crate) fn scope(&self, now: Timestamp) -> Result<Scope, CliError> {
        let (since, until) = self.span(now)?;
        let mut scope = Scope::new();
        scope.guild = self.guild;
        scope.inviter = self.inviter;
        scope.code = self.code.as_deref().map(code).transpose()?;
        scope.label = self.label.clone();
        scope.since = since;
        scope.until = until;
        Ok(scope)
    }

    /// The scope of a report about joins.
    pub(crate) fn scope_of_joins(
        &self,
        joins: &JoinFilterArgs,
        now: Timestamp,
    ) -> Result<Scope, CliError> {
        let mut scope = self.scope(now)?;
        scope.origin.clone_from(&joins.origin);
        scope.name.clone_from(&joins.name);
        scope.account_younger_than = joins.account_younger_than;
        scope.here = match (joins.here, joins.gone) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        Ok(scope)
    }

    /// One row more than is wanted, which tells whether there are more.
    pub(crate) fn one_more(&self) -> Option<u32> {
        self.limit.map(|limit| limit.saturating_add(1))
    }

    /// From when and until when, seen from `now`.
    fn span(&self, now: Timestamp) -> Result<Span, CliError> {
        span(self.since, self.until, now)
    }
}

/// From when and until when.
pub(crate) type Span = (Option<Timestamp>, Option<Timestamp>);

/// From when and until when, seen from `now`, if there is time between.
pub(crate) fn span(
    since: Option<When>,
    until: Option<When>,
    now: Timestamp,
) -> Result<Span, CliError> {
    let since = since.map(|when| when.resolve(now));
    let until = until.map(|when| when.resolve(now));
    match (since, until) {
        (Some(since), Some(until)) if since >= until => Err(CliError::Usage {
            message: format!(
                "the time span from {} until {} (UTC) is empty",
                moment(since),
                moment(until)
            ),
            help: "pass the earlier time to --since and the later one to --until".into(),
        }),
        span => Ok(span),
    }
}

/// Which joins, beyond what every report can be narrowed by.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Filters")]
pub(crate) struct JoinFilterArgs {
    /// Only joins of this kind: invite, vanity, bot, discovery, integration, hub,
    /// linked_lobby, manual_verification or other
    #[arg(long, value_name = "WAY", value_parser = clap::builder::PossibleValuesParser::new(ORIGINS), hide_possible_values = true)]
    origin: Option<String>,
    /// Only current members
    #[arg(long, conflicts_with = "gone")]
    here: bool,
    /// Only members who have left
    #[arg(long)]
    gone: bool,
    /// Only accounts that were younger than this when the member joined: 1d, 12h, 2w
    #[arg(long, value_name = "AGE", value_parser = duration)]
    account_younger_than: Option<Duration>,
    /// Only members with this text in their name, in any case, or with this id
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    name: Option<String>,
}

/// How to print rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// One JSON object a line.
    Json,
    /// Comma-separated, with a header.
    Csv,
}

/// `--json` and `--csv`.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct FormatArgs {
    /// Print one JSON object per line
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print CSV; cells that a spreadsheet would execute get a leading '
    #[arg(long)]
    csv: bool,
}

impl FormatArgs {
    /// Which one.
    pub(crate) fn format(&self) -> Format {
        if self.json {
            Format::Json
        } else if self.csv {
            Format::Csv
        } else {
            Format::Table
        }
    }
}
