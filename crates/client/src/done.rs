//! What came of a request that changes something.

use crate::AnswerError;

/// A change that Discord has made, and what it said about it.
#[derive(Clone, Debug)]
pub enum Done<T> {
    /// Discord answered with what was changed.
    Told(T),
    /// Discord answered 204 or with an empty body.
    Silent,
    /// Discord answered with something else. The change is made all the same.
    Odd(AnswerError),
}

impl<T> Done<T> {
    /// What was changed, if Discord said so.
    #[must_use]
    pub fn into_told(self) -> Option<T> {
        match self {
            Self::Told(answer) => Some(answer),
            Self::Silent | Self::Odd(_) => None,
        }
    }
}
