use guestlist_model::UserId;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// The users that an invite is restricted to, in Discord's CSV format.
///
/// ```
/// use guestlist_client::TargetUsers;
///
/// let users = TargetUsers::from_csv("user_id\n80351110224678912\n")?;
/// assert_eq!(users.len(), 1);
/// let error = TargetUsers::from_csv("user_id\n12x\n").unwrap_err();
/// assert_eq!(error.to_string(), "line 2: `12x` is not a user id");
/// # Ok::<(), guestlist_client::TargetUsersError>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(transparent)]
pub struct TargetUsers(Vec<UserId>);

/// The error for a CSV that is not a list of users.
///
/// ```
/// use guestlist_client::TargetUsers;
///
/// let error = TargetUsers::from_csv("user_id\nferris\n").unwrap_err();
/// assert_eq!(error.to_string(), "line 2: `ferris` is not a user id");
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetUsersError {
    /// A line does not contain a user id.
    #[error("line {line}: `{text}` is not a user id")]
    Line {
        /// The line number, counted from 1.
        line: usize,
        /// The text of the line, shortened.
        text: String,
    },
    /// The file contains no user.
    #[error("the file contains no user")]
    Empty,
    /// The bytes are not UTF-8.
    #[error("the file is not UTF-8 text")]
    Encoding,
}

impl TargetUsers {
    /// Parses a CSV with one column. It may have a header `user_id`, blank lines, quotes
    /// and a byte order mark.
    ///
    /// # Errors
    ///
    /// [`TargetUsersError`] if a line does not contain a user id, or the file contains
    /// none.
    pub fn from_csv(text: &str) -> Result<Self, TargetUsersError> {
        let users = Self::parse(text)?;
        if users.0.is_empty() {
            Err(TargetUsersError::Empty)
        } else {
            Ok(users)
        }
    }

    /// As [`from_csv`](Self::from_csv), but an invite may have nobody left.
    pub(crate) fn from_answer(body: &[u8]) -> Result<Self, TargetUsersError> {
        Self::parse(std::str::from_utf8(body).map_err(|_| TargetUsersError::Encoding)?)
    }

    fn parse(text: &str) -> Result<Self, TargetUsersError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut users = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let cell = line.trim().trim_matches('"');
            if cell.is_empty() || (index == 0 && cell.eq_ignore_ascii_case("user_id")) {
                continue;
            }
            let user = cell.parse().map_err(|_| TargetUsersError::Line {
                line: index + 1,
                text: cell.chars().take(40).collect(),
            })?;
            users.push(user);
        }
        Ok(Self(users))
    }

    /// The number of users.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no user.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The users, in the order of the file.
    #[must_use]
    pub fn as_slice(&self) -> &[UserId] {
        &self.0
    }

    /// The CSV, with its header.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut csv = String::from("user_id\n");
        for user in &self.0 {
            // Writing to a string cannot fail.
            let _ = writeln!(csv, "{user}");
        }
        csv
    }
}

impl From<Vec<UserId>> for TargetUsers {
    fn from(users: Vec<UserId>) -> Self {
        Self(users)
    }
}

impl FromIterator<UserId> for TargetUsers {
    fn from_iter<I: IntoIterator<Item = UserId>>(users: I) -> Self {
        Self(users.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{TargetUsers, TargetUsersError};

    #[test]
    fn what_spreadsheets_write_is_read() {
        let users = TargetUsers::from_csv("\u{feff}User_ID\r\n\"123\"\r\n\r\n 456 \r\n").unwrap();
        assert_eq!(users.to_csv(), "user_id\n123\n456\n");
        assert_eq!(TargetUsers::from_csv("7").unwrap().to_csv(), "user_id\n7\n");
    }

    #[test]
    fn what_is_no_list_names_its_line() {
        assert_eq!(
            TargetUsers::from_csv("user_id\n"),
            Err(TargetUsersError::Empty)
        );
        for (text, line) in [
            ("a", 1),
            ("1\n-5", 2),
            ("user_id\n1\n1,2", 3),
            ("user_id\n0", 2),
            ("1\nuser_id", 2),
        ] {
            assert!(
                matches!(TargetUsers::from_csv(text), Err(TargetUsersError::Line { line: found, .. }) if found == line),
                "{text:?}"
            );
        }
        assert_eq!(
            TargetUsers::from_answer(b"\xff"),
            Err(TargetUsersError::Encoding)
        );
        assert!(TargetUsers::from_answer(b"user_id\n").unwrap().is_empty());
    }
}
