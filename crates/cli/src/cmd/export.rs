//! `guestlist export`: everything of one kind, for other programs.

use guestlist::ledger::{
    BurstLimits, CertaintyKind, CohortBy, InviteStatus, JoinRow, Page, ProfileLimits, Reports,
    RetentionQuestion, Scope, SqliteLedger,
};
use guestlist_view::{Fields, SeenInvite, View};

use crate::args::{DbArgs, JoinFilterArgs, LedgerArgs, now};
use crate::error::{CliError, Exit};
use crate::output::{CsvOut, Out};
use crate::runtime::block_on;

/// Export all rows of one kind as CSV or JSON Lines
///
/// "joins" are the members who joined, with the invite, the label, and whether they are still
/// members. "invites" are the invites with their joins. "inviters" are the inviters with their
/// joins, the number of members who stayed, and what is unusual. "retention" is the number of
/// members of each cohort who stayed for 1, 7 and 30 days. "labels" are the labels with their
/// codes. "bursts" are unusual numbers of joins. "gaps" are the times in which joins may have been
/// missed.
///
/// Joins are read page by page, so a large ledger needs no more memory than a small one. Cells that
/// a spreadsheet would execute get a leading '.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist export joins > joins.csv
  guestlist export retention --by label --weekly > cohorts.csv
  guestlist export retention --by invite --since 90d --format jsonl
  guestlist export joins --label 'newsletter May' --format jsonl | jq -r .name
  guestlist export bursts --guild 613425648685547541 --since 30d")]
pub(crate) struct Args {
    /// joins, invites, inviters, retention, labels, bursts or gaps
    #[arg(value_name = "WHAT", value_enum, hide_possible_values = true)]
    what: What,
    /// csv, or jsonl: one JSON object per line
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "csv",
        hide_possible_values = true,
        help_heading = "Output"
    )]
    format: Format,
    /// The same as --format jsonl
    #[arg(long, conflicts_with = "format", help_heading = "Output")]
    json: bool,
    /// How retention groups joins into cohorts: everyone, invite, label, inviter or
    /// origin
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        default_value = "everyone",
        hide_possible_values = true
    )]
    by: By,
    /// Split cohorts by the week of the join
    #[arg(long)]
    weekly: bool,
    /// Only joins with this certainty
    #[arg(long, value_name = "HOW", help_heading = "Filters")]
    certainty: Option<CertaintyKind>,
    #[command(flatten)]
    db: DbArgs,
    #[command(flatten)]
    filter: LedgerArgs,
    #[command(flatten)]
    joins: JoinFilterArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    Joins,
    Invites,
    Inviters,
    Retention,
    Labels,
    Bursts,
    Gaps,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Csv,
    Jsonl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum By {
    Everyone,
    Invite,
    Label,
    Inviter,
    Origin,
}

impl From<By> for CohortBy {
    fn from(by: By) -> Self {
        match by {
            By::Everyone => Self::Everyone,
            By::Invite => Self::Invite,
            By::Label => Self::Label,
            By::Inviter => Self::Inviter,
            By::Origin => Self::Origin,
        }
    }
}

/// Joins that are read at once.
const PAGE: u32 = 2_000;

/// Writes it.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    if args.what != What::Retention && (args.weekly || args.by != By::Everyone) {
        return Err(CliError::Usage {
            message: "--by and --weekly only apply to retention".into(),
            help: "for example: guestlist export retention --by label --weekly".into(),
        });
    }
    let now = now();
    let mut scope = args.filter.scope_of_joins(&args.joins, now)?;
    scope.certainty = args.certainty;
    let format = if args.json {
        Format::Jsonl
    } else {
        args.format
    };
    block_on(async {
        let ledger = args.db.open_read_only().await?;
        let mut writing = Writing {
            out,
            format,
            left: args.filter.limit.map_or(usize::MAX, |limit| limit as usize),
        };
        match args.what {
            What::Joins => return writing.joins(&ledger, &scope).await,
            What::Invites => {
                let limit = args.filter.limit;
                let rows = ledger.invites(&scope, InviteStatus::Any, limit).await?;
                let seen = rows.into_iter().map(|row| SeenInvite { row, now });
                writing.all(&seen.collect::<Vec<_>>())
            }
            What::Inviters => {
                let limits = ProfileLimits::new(now);
                writing.all(&ledger.inviter_profiles(&scope, &limits).await?)
            }
            What::Retention => {
                let mut question = RetentionQuestion::new(now).by(args.by.into());
                question.weekly = args.weekly;
                writing.all(&ledger.retention(&scope, &question).await?)
            }
            What::Labels => writing.all(&ledger.labels(&scope).await?),
            What::Bursts => {
                let limits = BurstLimits::new(now);
                writing.all(&ledger.bursts(&scope, &limits).await?)
            }
            What::Gaps => writing.all(&ledger.gaps(&scope).await?),
        }
    })?;
    Ok(Exit::Ok)
}

struct Writing<'o> {
    out: &'o mut Out,
    format: Format,
    /// How many rows may still be written.
    left: usize,
}

impl Writing<'_> {
    fn all<R: View>(&mut self, rows: &[R]) -> Result<(), CliError> {
        let fields = Fields::new();
        self.header(&fields)?;
        self.rows(&fields, rows)
    }

    async fn joins(&mut self, ledger: &SqliteLedger, scope: &Scope) -> Result<(), CliError> {
        let fields = Fields::<JoinRow>::new();
        self.header(&fields)?;
        let mut page = Page::first(PAGE);
        while self.left > 0 {
            let rows = ledger.joins(scope, page).await?;
            self.rows(&fields, &rows)?;
            match rows.last() {
                Some(last) if rows.len() == PAGE as usize => page = page.after(last.join.key),
                _ => break,
            }
        }
        Ok(())
    }

    fn header<R: View>(&mut self, fields: &Fields<R>) -> Result<(), CliError> {
        if self.format == Format::Csv {
            let header: Vec<&str> = fields.names().collect();
            CsvOut::new(self.out, &header)?;
        }
        Ok(())
    }

    fn rows<R: View>(&mut self, fields: &Fields<R>, rows: &[R]) -> Result<(), CliError> {
        let rows = rows.get(..self.left.min(rows.len())).unwrap_or_default();
        self.left -= rows.len();
        for row in rows {
            match self.format {
                Format::Jsonl => self.out.json(&fields.record(row))?,
                Format::Csv => {
                    let cells: Vec<String> = fields.csv(row).collect();
                    self.out.raw(&crate::output::encode_csv(&cells)?)?;
                }
            }
        }
        Ok(())
    }
}
