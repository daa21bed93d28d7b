//! Many rows in one: each column as one text. A row of its own for each would take most of the
//! time.

use sqlx::SqliteConnection;

use super::{super::convert::Columns, Sql, rows};
use crate::LedgerError;

/// Each of these columns as one text, with a comma between its values; none if there is no row.
/// `push` adds the query, with the columns under the names that it gets.
pub(super) async fn texts<const N: usize>(
    at: &str,
    connection: &mut SqliteConnection,
    columns: [&str; N],
    push: impl FnOnce(&mut Sql, &str),
) -> Result<Option<[String; N]>, LedgerError> {
    let (mut outer, mut inner) = (String::new(), String::new());
    for (place, column) in columns.iter().enumerate() {
        let before = if place == 0 { "" } else { ", " };
        outer.push_str(&format!("{before}group_concat(c{place}) AS c{place}"));
        inner.push_str(&format!("{before}{column} AS c{place}"));
    }
    let mut sql = Sql::new(format!("SELECT count(*) AS number, {outer} FROM ("));
    push(&mut sql, &inner);
    sql.push(")");
    let found = rows(at, connection, sql).await?;
    let Some(row) = found.first().map(|row| Columns { at, row }) else {
        return Ok(None);
    };
    if row.count("number")? == 0 {
        return Ok(None);
    }
    let mut texts = [const { String::new() }; N];
    for (place, text) in texts.iter_mut().enumerate() {
        let column: Option<String> = row.get(&format!("c{place}"))?;
        *text = column.unwrap_or_default();
    }
    Ok(Some(texts))
}

/// The numbers of a column. One that is empty has one, which is none: there is a row.
pub(super) struct Numbers<'t>(Option<&'t [u8]>);

impl<'t> Numbers<'t> {
    pub(super) const fn of(text: &'t str) -> Self {
        Self(Some(text.as_bytes()))
    }

    pub(super) fn number(&mut self) -> Option<i64> {
        self.next().flatten()
    }
}

impl Iterator for Numbers<'_> {
    /// None for a word that is empty, or no number.
    type Item = Option<i64>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.0?;
        let (mut number, mut digits, mut sign) = (0_i64, 0, 1);
        for (place, byte) in text.iter().enumerate() {
            match byte {
                b',' => {
                    self.0 = text.get(place + 1..);
                    return Some((digits > 0).then_some(number));
                }
                b'-' if place == 0 => sign = -1,
                // Downwards for what is below zero: there is one number more.
                digit => {
                    let digit = i64::from(digit.wrapping_sub(b'0'));
                    number = number.wrapping_mul(10).wrapping_add(sign * digit);
                    digits += 1;
                }
            }
        }
        self.0 = None;
        Some((digits > 0).then_some(number))
    }
}
