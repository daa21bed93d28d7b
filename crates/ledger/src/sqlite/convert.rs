//! Rust values as SQLite columns, and back.

use guestlist_model::{Id, Timestamp};
use sqlx::{Row, sqlite::SqliteRow};

use super::error::from_sqlx;
use crate::{CertaintyKind, Label, LedgerError};

/// An id, bit for bit.
pub(super) fn id<M>(id: Id<M>) -> i64 {
    id.get().cast_signed()
}

pub(super) fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn undecodable(
    at: &str,
    what: &'static str,
    detail: &dyn std::fmt::Display,
) -> LedgerError {
    LedgerError::Undecodable {
        at: at.to_owned(),
        what,
        detail: detail.to_string(),
    }
}

/// Reads columns by name, with the ledger's errors.
pub(super) struct Columns<'a> {
    pub(super) at: &'a str,
    pub(super) row: &'a SqliteRow,
}

impl Columns<'_> {
    pub(super) fn get<'r, T>(&'r self, column: &str) -> Result<T, LedgerError>
    where
        T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
    {
        self.row
            .try_get(column)
            .map_err(|error| from_sqlx(self.at, &error))
    }

    pub(super) fn id<M>(&self, column: &'static str) -> Result<Id<M>, LedgerError> {
        self.optional_id(column)?
            .ok_or_else(|| undecodable(self.at, column, &"an id is missing"))
    }

    pub(super) fn optional_id<M>(
        &self,
        column: &'static str,
    ) -> Result<Option<Id<M>>, LedgerError> {
        let Some(stored) = self.get::<Option<i64>>(column)? else {
            return Ok(None);
        };
        match Id::new_checked(stored.cast_unsigned()) {
            Some(id) => Ok(Some(id)),
            None => Err(undecodable(self.at, column, &"an id is zero")),
        }
    }

    pub(super) fn time(&self, column: &str) -> Result<Timestamp, LedgerError> {
        Ok(Timestamp::from_micros(self.get(column)?))
    }

    pub(super) fn optional_time(&self, column: &str) -> Result<Option<Timestamp>, LedgerError> {
        Ok(self.get::<Option<i64>>(column)?.map(Timestamp::from_micros))
    }

    pub(super) fn count(&self, column: &str) -> Result<u64, LedgerError> {
        Ok(u64::try_from(self.get::<i64>(column)?).unwrap_or(0))
    }

    pub(super) fn optional_count(&self, column: &str) -> Result<Option<u64>, LedgerError> {
        Ok(self
            .get::<Option<i64>>(column)?
            .map(|count| u64::try_from(count).unwrap_or(0)))
    }

    pub(super) fn label(&self, column: &'static str) -> Result<Option<Label>, LedgerError> {
        let text: Option<String> = self.get(column)?;
        let label = text.map(|text| {
            text.parse()
                .map_err(|error| undecodable(self.at, "label", &error))
        });
        label.transpose()
    }

    /// How sure, by its number.
    pub(super) fn kind(&self, column: &'static str) -> Result<Option<CertaintyKind>, LedgerError> {
        let Some(number) = self.get::<Option<i64>>(column)? else {
            return Ok(None);
        };
        let place = usize::try_from(number).ok();
        let kind = place.and_then(|place| CertaintyKind::ALL.get(place));
        match kind {
            Some(kind) => Ok(Some(*kind)),
            None => Err(undecodable(self.at, "certainty", &number)),
        }
    }
}
