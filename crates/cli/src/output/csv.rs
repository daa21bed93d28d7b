//! CSV that a spreadsheet will not execute.

use crate::error::CliError;

use super::{Out, clean};

/// Writes rows of CSV.
///
/// A cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return is a
/// formula to a spreadsheet; such cells get a leading apostrophe, which
/// spreadsheets hide, and control characters are replaced. Names are whatever
/// somebody typed.
pub(crate) struct CsvOut<'a> {
    out: &'a mut Out,
}

impl<'a> CsvOut<'a> {
    /// Writes the header.
    pub(crate) fn new(out: &'a mut Out, header: &[&str]) -> Result<Self, CliError> {
        let mut csv = Self { out };
        csv.row(header)?;
        Ok(csv)
    }

    /// Writes a row.
    pub(crate) fn row(&mut self, cells: &[impl AsRef<str>]) -> Result<(), CliError> {
        self.out.raw(&encode(cells)?)
    }
}

/// One row, with its line end.
pub(crate) fn encode(cells: &[impl AsRef<str>]) -> Result<Vec<u8>, CliError> {
    let internal = |error: &dyn std::fmt::Display| {
        CliError::Internal(format!("encode the output as CSV: {error}"))
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(cells.iter().map(|cell| defuse(cell.as_ref())))
        .map_err(|error| internal(&error))?;
    writer.into_inner().map_err(|error| internal(&error))
}

fn defuse(cell: &str) -> String {
    let dangerous = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = clean(cell);
    if dangerous {
        format!("'{cell}")
    } else {
        cell.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused_and_commas_quoted() {
        let row = encode(&["=HYPERLINK(\"http://x\")", "a,b", "plain", "-1"]).unwrap();
        assert_eq!(
            String::from_utf8(row).unwrap(),
            "\"'=HYPERLINK(\"\"http://x\"\")\",\"a,b\",plain,'-1\n"
        );
    }
}
