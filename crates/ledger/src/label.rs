//! Labels that group the invite codes of a guild.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

use guestlist_model::{GuildId, InviteCode, Timestamp};

/// A name for a group of invite codes, such as "newsletter May".
///
/// It has 1 to 64 characters, without control characters, characters that change the
/// writing direction, or white space at either end. Labels are case-sensitive.
///
/// ```
/// use guestlist_ledger::Label;
///
/// let label: Label = "  newsletter May ".parse()?;
/// assert_eq!(label.as_str(), "newsletter May");
/// assert!("".parse::<Label>().is_err());
/// # Ok::<(), guestlist_ledger::NotALabel>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(String);

/// The maximum number of characters.
const LONGEST: usize = 64;

/// The start of a label that names a person.
const FOR: &str = "for ";

/// The error for a text that is not a label.
///
/// ```
/// use guestlist_ledger::{Label, NotALabel};
///
/// assert_eq!("".parse::<Label>(), Err(NotALabel::Empty));
/// assert_eq!("a".repeat(65).parse::<Label>(), Err(NotALabel::TooLong(65)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotALabel {
    /// The text is empty.
    #[error("a label must have at least one character")]
    Empty,
    /// The text is too long.
    #[error("a label can have at most 64 characters, not {0}")]
    TooLong(usize),
    /// The text contains a character that is not allowed.
    #[error(
        "a label cannot contain control characters or characters that change the writing direction"
    )]
    Hostile,
}

impl Label {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Creates the label of an invite for one person: `for ` and the name.
    ///
    /// It says for whom the invite was created, not who used it.
    ///
    /// # Errors
    ///
    /// [`NotALabel`] if the name is empty, longer than 60 characters, or contains characters
    /// that are not allowed.
    pub fn for_person(name: &str) -> Result<Self, NotALabel> {
        match name.trim() {
            "" => Err(NotALabel::Empty),
            name => format!("{FOR}{name}").parse(),
        }
    }

    /// The name of the person for whom the invite was created, if the label has this
    /// form.
    #[must_use]
    pub fn person(&self) -> Option<&str> {
        self.0.strip_prefix(FOR)
    }
}

impl FromStr for Label {
    type Err = NotALabel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let length = text.chars().count();
        if length == 0 {
            return Err(NotALabel::Empty);
        }
        if length > LONGEST {
            return Err(NotALabel::TooLong(length));
        }
        if text.chars().any(is_hostile) {
            return Err(NotALabel::Hostile);
        }
        Ok(Self(text.to_owned()))
    }
}

/// Invisible characters are not allowed either.
fn is_hostile(c: char) -> bool {
    guestlist_model::is_hostile(c) || matches!(c, '\u{200b}'..='\u{200d}' | '\u{feff}')
}

impl TryFrom<String> for Label {
    type Error = NotALabel;

    fn try_from(text: String) -> Result<Self, NotALabel> {
        text.parse()
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A code with its label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LabelRow {
    /// The guild.
    pub guild: GuildId,
    /// The guild's name, if known.
    pub guild_name: Option<String>,
    /// The code. The label applies to every invite with this code.
    pub code: InviteCode,
    /// The label.
    pub label: Label,
    /// When it was set.
    pub set_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_can_name_for_whom_an_invite_was_made() {
        let label = Label::for_person(" Ada Lovelace ").unwrap();
        assert_eq!(label.as_str(), "for Ada Lovelace");
        assert_eq!(label.person(), Some("Ada Lovelace"));
        let read: Label = label.as_str().parse().unwrap();
        assert_eq!(read.person(), Some("Ada Lovelace"));
        assert_eq!(Label::for_person(" "), Err(NotALabel::Empty));
        let other: Label = "forum".parse().unwrap();
        assert_eq!(other.person(), None);
        assert!(Label::for_person(&"a".repeat(60)).is_ok());
        assert!(Label::for_person(&"a".repeat(61)).is_err());
    }

    #[test]
    fn a_label_is_short_visible_text() {
        assert_eq!("a".repeat(64).parse::<Label>().unwrap().as_str().len(), 64);
        assert_eq!("é".repeat(65).parse::<Label>(), Err(NotALabel::TooLong(65)));
        assert_eq!(" \n ".parse::<Label>(), Err(NotALabel::Empty));
        for hostile in ["a\u{1b}[2J", "a\nb", "gpj.\u{202e}exe", "a\u{200b}b"] {
            assert_eq!(
                hostile.parse::<Label>(),
                Err(NotALabel::Hostile),
                "{hostile:?}"
            );
        }
    }
}
