//! Labels that group the invite codes of a guild.

use std::fmt;
use std::str::FromStr;

use guestlist_model::{GuildId, InviteCode, Timestamp};

/// A name for a group of invite codes, such as "newsletter May".
///
/// It has 1 to 64 characters, none of them a control character or one that changes the
/// writing direction, and no white space at its ends. Two labels are the same if their
/// characters are.
///
/// ```
/// use guestlist_ledger::Label;
///
/// let label: Label = "  newsletter May ".parse()?;
/// assert_eq!(label.as_str(), "newsletter May");
/// assert!("".parse::<Label>().is_err());
/// # Ok::<(), guestlist_ledger::NotALabel>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(String);

/// How many characters a label may have.
const LONGEST: usize = 64;

/// How a label begins that names a person.
const FOR: &str = "for ";

/// A text that cannot be a label.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotALabel {
    /// There is nothing in it.
    #[error("a label has at least one character")]
    Empty,
    /// It is too long.
    #[error("a label has at most 64 characters, this one has {0}")]
    TooLong(usize),
    /// It has a character that a label may not have.
    #[error("a label has no control characters and none that change the writing direction")]
    Hostile,
}

impl Label {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The label of an invite that was made for one person: `for ` and the name.
    ///
    /// It says for whom the invite was made, and nothing of who uses it.
    ///
    /// # Errors
    ///
    /// If the name is empty, longer than 60 characters, or has characters in it that a label
    /// may not have.
    pub fn for_person(name: &str) -> Result<Self, NotALabel> {
        match name.trim() {
            "" => Err(NotALabel::Empty),
            name => format!("{FOR}{name}").parse(),
        }
    }

    /// The name of the person for whom an invite with this label was made.
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

/// Nor may a label have what nobody sees.
fn is_hostile(c: char) -> bool {
    guestlist_model::is_hostile(c) || matches!(c, '\u{200b}'..='\u{200d}' | '\u{feff}')
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A code with its label.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LabelRow {
    /// The guild whose code it is.
    pub guild: GuildId,
    /// The guild's name, if known.
    pub guild_name: Option<String>,
    /// The code, in all its lives.
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
