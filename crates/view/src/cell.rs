//! Cells of a table, before anything is drawn.

use std::borrow::Cow;

use crate::text::grouped;

/// What a text's colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it should be, or certain.
    Good,
    /// Certain by reasoning.
    Fair,
    /// Look at it.
    Warn,
    /// Wrong.
    Bad,
    /// Of less interest.
    Dim,
}

/// One cell: a text and how it is to be set. The text is not yet fit for any target.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cell<'a> {
    /// What is in it.
    pub text: Cow<'a, str>,
    /// What its colour says.
    pub tone: Option<Tone>,
    /// Whether it is set to the right.
    pub right: bool,
    /// Whether it must not be broken over lines.
    pub whole: bool,
}

impl<'a> Cell<'a> {
    /// Text.
    #[must_use]
    pub fn new(text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            text: text.into(),
            tone: None,
            right: false,
            whole: false,
        }
    }

    /// Text, or a dash that says that nothing is known.
    #[must_use]
    pub fn maybe(text: Option<impl Into<Cow<'a, str>>>) -> Self {
        match text {
            Some(text) => Self::new(text),
            None => Self::new("–").tone(Tone::Dim),
        }
    }

    /// A number, set to the right.
    #[must_use]
    pub fn number(number: u64) -> Self {
        Self::new(grouped(number)).right()
    }

    /// Set to the right, as numbers are.
    #[must_use]
    pub fn right(mut self) -> Self {
        self.right = true;
        self.whole()
    }

    /// Never broken over lines, as times and numbers.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    /// In a colour.
    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = Some(tone);
        self
    }
}
