//! Everything that reaches standard output goes through [`Out`].
//!
//! One place decides on colour and width, keeps control characters out of the
//! terminal, and turns a reader who hung up (`guestlist joins | head`) into a
//! quiet end instead of a panic, or into silence where there is work to finish.

mod csv;
mod json;
mod table;

use std::io::{self, BufWriter, IsTerminal, Write};

use clap::ValueEnum;
use serde::Serialize;
use terminal_size::{Height, Width, terminal_size_of};

pub(crate) use self::csv::{CsvOut, encode as encode_csv};
pub(crate) use guestlist_view::{Cell, Tone, count, for_terminal as clean};
pub(crate) use json::json_line;
pub(crate) use table::{Paint, Table};

use crate::error::CliError;

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always, for a pager such as `less -R`.
    Always,
    /// Never.
    Never,
}

impl ColorChoice {
    /// Whether to colour a stream that is a terminal or not.
    pub(crate) fn enabled(self, terminal: bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
                let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
                terminal && !set("NO_COLOR") && !dumb
            }
        }
    }
}

/// Standard output.
pub(crate) struct Out {
    writer: BufWriter<Box<dyn Write + Send>>,
    choice: ColorChoice,
    color: bool,
    terminal: bool,
    outlives_reader: bool,
}

impl Out {
    /// Standard output, coloured as asked.
    pub(crate) fn stdout(choice: ColorChoice) -> Self {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal();
        // Whether to colour is decided here, by the options first and NO_COLOR second.
        crossterm::style::force_color_output(true);
        Self {
            writer: BufWriter::new(Box::new(stdout)),
            choice,
            color: choice.enabled(terminal),
            terminal,
            outlives_reader: false,
        }
    }

    /// Whether a person is looking.
    pub(crate) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Columns and lines of the terminal, if there is one that knows them.
    pub(crate) fn size(&self) -> Option<(u16, u16)> {
        // Some terminals say that they are 0 by 0, which comes out as none.
        let (Width(width), Height(height)) = terminal_size_of(io::stdout())?;
        self.terminal.then_some((width, height))
    }

    /// Whether colours are wanted.
    pub(crate) fn color(&self) -> bool {
        self.color
    }

    /// When to colour, for standard error.
    pub(crate) fn choice(&self) -> ColorChoice {
        self.choice
    }

    /// From now on, what a reader who hung up would have read is dropped: the
    /// command changes something and has to finish it unheard.
    pub(crate) fn outlive_reader(&mut self) {
        self.outlives_reader = true;
    }

    /// Writes a line of text. Control characters are the caller's business:
    /// put what came from Discord or a file through [`clean`] first.
    pub(crate) fn line(&mut self, text: impl AsRef<str>) -> Result<(), CliError> {
        let text = text.as_ref();
        self.write(|w| {
            w.write_all(text.as_bytes())?;
            w.write_all(b"\n")
        })
    }

    /// Writes text as it is.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        self.write(|w| w.write_all(bytes))
    }

    /// Writes one value as one line of JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), CliError> {
        let line = json_line(value)
            .map_err(|error| CliError::Internal(format!("encode the output as JSON: {error}")))?;
        self.raw(&line)
    }

    /// Writes a table, as wide as the terminal, or as wide as it needs.
    pub(crate) fn table(&mut self, table: &Table) -> Result<(), CliError> {
        let width = self.size().map(|(width, _)| width);
        let text = table.render(width, self.color);
        self.line(text)
    }

    /// Hands everything written so far to the reader.
    pub(crate) fn flush(&mut self) -> Result<(), CliError> {
        self.write(|w| w.flush())
    }

    fn write(
        &mut self,
        write: impl FnOnce(&mut BufWriter<Box<dyn Write + Send>>) -> io::Result<()>,
    ) -> Result<(), CliError> {
        match write(&mut self.writer) {
            Err(error) if self.outlives_reader && error.kind() == io::ErrorKind::BrokenPipe => {
                self.writer = BufWriter::new(Box::new(io::sink()));
                Ok(())
            }
            result => result.map_err(CliError::Output),
        }
    }
}
