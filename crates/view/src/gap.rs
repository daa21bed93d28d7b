//! Times in which joins may have been missed.

use guestlist_ledger::GapRow;
use guestlist_tracker::Gap;

use crate::{Cell, Field, Tone, View, grouped, moment};

impl View for GapRow {
    const NOUN: &'static str = "gap";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::id("guild_id", |row: &Self| row.gap.guild.into()),
            Field::text("guild", |row: &Self| row.guild_name.as_deref().into()).column(
                30,
                "server",
                |row| match &row.guild_name {
                    Some(name) => Cell::new(name),
                    None => Cell::new(row.gap.guild.to_string()),
                },
            ),
            Field::time("last_known", |row: &Self| row.gap.last_known.into()).column(
                10,
                "from (UTC)",
                |row| Cell::maybe(row.gap.last_known.map(moment)).whole(),
            ),
            Field::time("observed_at", |row: &Self| row.gap.observed_at.into()).column(
                20,
                "until (UTC)",
                |row| Cell::new(moment(row.gap.observed_at)).whole(),
            ),
            Field::time("closed_at", |row: &Self| row.gap.closed_at.into()),
            Field::count("joins_found", |row: &Self| row.gap.joins_found.into()).column(
                40,
                "joins found",
                |row| Cell::number(row.gap.joins_found),
            ),
            Field::count("joins_missing", |row: &Self| row.gap.joins_missing.into()).column(
                45,
                "missing",
                |row| {
                    let cell = Cell::new(missing(&row.gap)).right();
                    if row.gap.joins_missing_at_most != Some(0) {
                        cell.tone(Tone::Warn)
                    } else {
                        cell
                    }
                },
            ),
            Field::count("joins_missing_at_most", |row: &Self| {
                row.gap.joins_missing_at_most.into()
            }),
            Field::count("leaves_found", |row: &Self| row.gap.leaves_found.into())
                .column(47, "leaves found", |row| {
                    let cell = Cell::number(row.gap.leaves_found);
                    if row.gap.compared {
                        cell
                    } else {
                        cell.tone(Tone::Warn)
                    }
                })
                .expendable(2),
            Field::flag("compared", |row: &Self| row.gap.compared.into()),
            Field::flag("caught_up", |row: &Self| row.gap.caught_up.into()).column(
                60,
                "complete",
                |row| {
                    if row.gap.caught_up {
                        Cell::new("yes").tone(Tone::Good)
                    } else {
                        Cell::new("no").tone(Tone::Warn)
                    }
                },
            ),
            Field::count("uses_moved", |row: &Self| row.gap.uses_moved.into())
                .column(50, "uses counted", |row| match row.gap.uses_moved {
                    Some(uses) => Cell::number(uses),
                    None => Cell::maybe(None::<&str>).right(),
                })
                .expendable(1),
        ]
    }

    fn note(&self) -> Option<&'static str> {
        Some(
            "missing: the minimum and maximum number of joins that were not found but that the number \
             of members and the uses of invites show, mostly of members who joined and left in the \
             gap; joins through the vanity link, an invite that expired, or without an invite can \
             come on top; leaves found: stored members who are no longer in the server; complete: \
             the search was read to its end, and nothing proves further joins",
        )
    }
}

/// How many joins of a gap are missing, such as "3", "1–4", or "2+" if the maximum is not known.
#[must_use]
pub fn missing(gap: &Gap) -> String {
    let least = grouped(gap.joins_missing);
    match gap.joins_missing_at_most {
        Some(most) if most > gap.joins_missing => format!("{least}–{}", grouped(most)),
        Some(_) => least,
        None => format!("{least}+"),
    }
}
