//! `guestlist label`: group invite codes.

use guestlist::ledger::{Label, Labels, Reports, Scope, SqliteLedger};
use guestlist::model::GuildId;
use serde::Serialize;

use super::rows;
use crate::args::{CodeArg, DbArgs, FormatArgs, code, now};
use crate::error::{CliError, Exit};
use crate::output::{Out, clean};
use crate::runtime::block_on;

/// Group invite codes under labels, such as "newsletter May"
///
/// A code has at most one label, and a label can have any number of codes. Every report has the
/// filter --label, and `guestlist report` counts by label. A label can be set before the code is
/// used. It belongs to a code of a server, and stays if the invite is deleted and created again.
///
/// `guestlist track` can run on the same database at the same time.
#[derive(Debug, clap::Args)]
#[command(
    subcommand_required = true,
    after_help = "\
Examples:
  guestlist label set --guild 613425648685547541 'newsletter May' hB6mWNqr https://discord.gg/rust
  guestlist label remove --guild 613425648685547541 hB6mWNqr
  guestlist label list
  guestlist joins --label 'newsletter May'"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Set(SetArgs),
    Remove(RemoveArgs),
    List(ListArgs),
}

/// Set the label of codes, replacing any earlier label
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist label set --guild 613425648685547541 'newsletter May' hB6mWNqr
  guestlist label set --guild 613425648685547541 posters rust-berlin rust-paris --json")]
struct SetArgs {
    /// The label: 1 to 64 characters
    #[arg(value_name = "LABEL")]
    label: Label,
    /// The codes or links; put -- before a code that begins with -
    #[arg(value_name = "CODE", required = true)]
    codes: Vec<String>,
    /// The server of the codes
    #[arg(long, value_name = "ID")]
    guild: GuildId,
    /// Print one JSON object for each code
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    db: DbArgs,
}

/// Remove the label of a code
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist label remove --guild 613425648685547541 hB6mWNqr
  guestlist label remove --guild 613425648685547541 https://discord.gg/rust --json")]
struct RemoveArgs {
    #[command(flatten)]
    code: CodeArg,
    /// The server of the code
    #[arg(long, value_name = "ID")]
    guild: GuildId,
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    db: DbArgs,
}

/// List the labels with their codes
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist label list
  guestlist label list --guild 613425648685547541 --label 'newsletter May'
  guestlist label list --json | jq -r .code")]
struct ListArgs {
    /// Only this server
    #[arg(long, value_name = "ID")]
    guild: Option<GuildId>,
    /// Only this label
    #[arg(long, value_name = "LABEL")]
    label: Option<Label>,
    #[command(flatten)]
    db: DbArgs,
    #[command(flatten)]
    format: FormatArgs,
}

/// What was done with a code.
#[derive(Serialize)]
struct Done<'a> {
    event: &'static str,
    guild_id: String,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    changed: bool,
}

/// Sets, removes or lists labels.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    match &args.command {
        Command::Set(args) => set(args, out),
        Command::Remove(args) => remove(args, out),
        Command::List(args) => list(args, out),
    }?;
    Ok(Exit::Ok)
}

fn set(args: &SetArgs, out: &mut Out) -> Result<(), CliError> {
    let codes = (args.codes.iter())
        .map(|text| code(text))
        .collect::<Result<Vec<_>, _>>()?;
    out.outlive_reader();
    let changed = block_on(async {
        let ledger = SqliteLedger::open_beside(&args.db.db).await?;
        let mut changed = Vec::new();
        for code in &codes {
            let set = ledger.set_label(args.guild, code, &args.label, now());
            changed.push(set.await?);
        }
        ledger.close().await;
        Ok(changed)
    })?;
    for (code, changed) in codes.iter().zip(changed) {
        if args.json {
            out.json(&Done {
                event: "label_set",
                guild_id: args.guild.to_string(),
                code: code.as_str(),
                label: Some(args.label.as_str()),
                changed,
            })?;
        } else {
            let label = clean(args.label.as_str());
            let had = if changed { "now has" } else { "already had" };
            out.line(format!("{code} {had} the label {label}"))?;
        }
    }
    Ok(())
}

fn remove(args: &RemoveArgs, out: &mut Out) -> Result<(), CliError> {
    let code = args.code.code()?;
    out.outlive_reader();
    let changed = block_on(async {
        let ledger = SqliteLedger::open_beside(&args.db.db).await?;
        let changed = ledger.remove_label(args.guild, &code).await;
        ledger.close().await;
        Ok(changed?)
    })?;
    if args.json {
        return out.json(&Done {
            event: "label_removed",
            guild_id: args.guild.to_string(),
            code: code.as_str(),
            label: None,
            changed,
        });
    }
    out.line(if changed {
        format!("{code} no longer has a label")
    } else {
        format!("{code} had no label")
    })
}

fn list(args: &ListArgs, out: &mut Out) -> Result<(), CliError> {
    let mut scope = Scope::new();
    scope.guild = args.guild;
    scope.label.clone_from(&args.label);
    let rows = block_on(async {
        let ledger = args.db.open_read_only().await?;
        Ok(ledger.labels(&scope).await?)
    })?;
    rows::print(rows, None, &args.format, out)
}
