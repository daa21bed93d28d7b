//! `guestlist inspect`: decode payloads, print them, check that nothing is lost.

mod check;
mod compare;
mod documents;

use std::path::PathBuf;

use guestlist::model::{AnyPayload, DecodeError, PayloadKind, decode_any};

use self::documents::Document;
use crate::describe;
use crate::error::{CliError, Exit, InputError, report};
use crate::output::{Out, clean};

/// Decode payloads that concern invites and print them, or check that decoding loses
/// nothing
///
/// Reads invites, lists of invites, gateway events (whole frames or their data), audit logs,
/// responses of the members search, and API errors. The kind of each document is detected
/// from its keys, or set with --as. A file may contain several documents, one after another.
///
/// If a file cannot be read or decoded, the error names the position in the JSON, and the other
/// files are still processed. The exit code is then 3, or 1 with --check.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist inspect invite.json
  curl -s https://discord.com/api/v10/invites/rust | guestlist inspect -
  guestlist inspect --as invite-create --json event.json
  guestlist inspect --check payloads/*.json")]
pub(crate) struct Args {
    /// The files; - reads standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Decode as this kind of payload instead of detecting the kind
    #[arg(long = "as", value_name = "KIND", value_parser = kind_parser())]
    kind: Option<PayloadKind>,
    /// Print each payload encoded again, as one line of JSON
    ///
    /// With --check, print one JSON object per document.
    #[arg(long)]
    json: bool,
    /// Encode each document again, compare it with the original, and print one line for
    /// each
    #[arg(long)]
    check: bool,
}

/// Accepts the names of the kinds, and lists them in the help.
fn kind_parser() -> impl clap::builder::TypedValueParser<Value = PayloadKind> {
    use clap::builder::{PossibleValuesParser, TypedValueParser};
    PossibleValuesParser::new(PayloadKind::ALL.iter().map(|kind| kind.name()))
        .try_map(|name| name.parse::<PayloadKind>())
}

/// Inspects all files.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let mut failed = false;
    let stdin_twice = args
        .files
        .iter()
        .filter(|file| file.as_os_str() == "-")
        .count()
        > 1;
    if stdin_twice {
        return Err(CliError::Usage {
            message: "standard input can be read only once".into(),
            help: "pass - only once".into(),
        });
    }
    for file in &args.files {
        let name = file.display().to_string();
        match documents::read(file) {
            Ok(documents) => {
                for document in documents {
                    failed |= !one(args, &name, &document, out)?;
                }
            }
            Err(error) => {
                failed = true;
                unreadable(args, &name, error, out)?;
            }
        }
        out.flush()?;
    }
    Ok(match (failed, args.check) {
        (false, _) => Exit::Ok,
        (true, true) => Exit::Negative,
        (true, false) => Exit::Input,
    })
}

/// Prints one document; whether it went well.
fn one(args: &Args, name: &str, document: &Document, out: &mut Out) -> Result<bool, CliError> {
    let name = match document.number {
        Some(number) => format!("{name}#{number}"),
        None => name.to_owned(),
    };
    let decoded = decode_any(args.kind, &document.bytes);
    if args.check {
        return check::print(&name, decoded, args.json, out);
    }
    let payload = match decoded {
        Ok(payload) => payload,
        Err(source) => {
            complain(args, name, source, out)?;
            return Ok(false);
        }
    };
    if args.json {
        out.line(payload.to_json())?;
    } else {
        print(&name, &payload, out)?;
    }
    // One odd element does not cost the others of a list.
    for (index, source) in payload.failed() {
        complain(args, format!("{name}[{index}]"), source.clone(), out)?;
    }
    Ok(payload.failed().is_empty())
}

fn print(name: &str, payload: &AnyPayload, out: &mut Out) -> Result<(), CliError> {
    // A single invite is told in full below.
    let header = match payload.kind() {
        PayloadKind::Invite => payload.kind().name().to_owned(),
        _ => payload.summary(),
    };
    out.line(format!("{}: {}", clean(name), clean(&header)))?;
    for invite in payload.invites() {
        out.line("")?;
        describe::invite(invite, out)?;
    }
    out.line("")
}

fn complain(args: &Args, path: String, source: DecodeError, out: &mut Out) -> Result<(), CliError> {
    out.flush()?;
    report(
        &InputError::Decode { path, source }.into(),
        args.json,
        out.choice(),
    );
    Ok(())
}

fn unreadable(args: &Args, name: &str, error: InputError, out: &mut Out) -> Result<(), CliError> {
    if args.check {
        check::print_unreadable(name, error, args.json, out)
    } else {
        out.flush()?;
        report(&error.into(), args.json, out.choice());
        Ok(())
    }
}
