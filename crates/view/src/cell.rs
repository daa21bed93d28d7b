//! Cells of a table, independent of the output format.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

use crate::text::grouped;

/// The meaning of a text's colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Good, or certain.
    Good,
    /// Certain by reasoning.
    Fair,
    /// Needs attention.
    Warn,
    /// Wrong.
    Bad,
    /// Less important.
    Dim,
}

/// A cell: a text and its formatting. The text is not escaped yet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cell<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// The meaning of its colour.
    pub tone: Option<Tone>,
    /// Whether it is aligned to the right.
    pub right: bool,
    /// Whether it must not wrap.
    pub whole: bool,
}

impl<'a> Cell<'a> {
    /// Creates a cell with text.
    #[must_use]
    pub fn new(text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            text: text.into(),
            tone: None,
            right: false,
            whole: false,
        }
    }

    /// Creates a cell with text, or with a dash if there is none.
    #[must_use]
    pub fn maybe(text: Option<impl Into<Cow<'a, str>>>) -> Self {
        match text {
            Some(text) => Self::new(text),
            None => Self::new("–").tone(Tone::Dim),
        }
    }

    /// Creates a cell with a number, aligned to the right.
    #[must_use]
    pub fn number(number: u64) -> Self {
        Self::new(grouped(number)).right()
    }

    /// Aligns the cell to the right.
    #[must_use]
    pub fn right(mut self) -> Self {
        self.right = true;
        self.whole()
    }

    /// Prevents wrapping.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    /// Sets the colour.
    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = Some(tone);
        self
    }
}
