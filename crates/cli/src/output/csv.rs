//! CSV that a spreadsheet will not execute.

use guestlist_view::for_csv;

use super::Out;
use crate::error::CliError;

/// Writes rows of CSV, each cell made harmless by [`for_csv`].
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
        .write_record(cells.iter().map(|cell| for_csv(cell.as_ref()).into_owned()))
        .map_err(|error| internal(&error))?;
    writer.into_inner().map_err(|error| internal(&error))
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
