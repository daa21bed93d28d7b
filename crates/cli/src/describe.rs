//! Payloads as people read them: a label, a value, a line each.

use std::io::Write;

use guestlist::client::Done;
use guestlist::model::Invite;
use guestlist_view::invite_lines;

use crate::error::CliError;
use crate::output::{Out, Paint, Tone, clean};

/// Prints an invite.
pub(crate) fn invite(invite: &Invite, out: &mut Out) -> Result<(), CliError> {
    lines(&invite_lines(invite), out)
}

/// Prints labels and values, lined up.
pub(crate) fn lines(lines: &[(&str, String)], out: &mut Out) -> Result<(), CliError> {
    let width = lines
        .iter()
        .map(|(label, _)| label.chars().count())
        .max()
        .unwrap_or_default();
    for (label, value) in lines {
        let padding = " ".repeat(width - label.chars().count());
        let label = Tone::Dim.paint(label, out.color());
        out.line(format!("{label}{padding}  {}", clean(value)))?;
    }
    Ok(())
}

/// Says something on standard error that is no failure.
pub(crate) fn warn(text: &str) {
    let _ = writeln!(std::io::stderr(), "warning: {}", clean(text));
}

/// Says so where Discord's answer to a change is not the one that is documented. The
/// change is made, so this is no failure.
pub(crate) fn warn_if_odd<T>(done: &Done<T>) {
    if let Done::Odd(error) = done {
        warn(&format!(
            "done, but Discord's response has an unexpected form: {error}"
        ));
    }
}
