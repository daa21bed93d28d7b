//! The accuracy of earlier answers.

use guestlist_ledger::{AccuracyRow, WeightRow};

use crate::{Cell, Field, Tone, View};

/// "19 of 20".
fn of(right: u64, all: u64) -> Cell<'static> {
    if all == 0 {
        return Cell::maybe(None::<String>);
    }
    Cell::new(format!("{right} of {all}")).right()
}

/// What was deduced has to be right.
fn deduced(row: &AccuracyRow) -> Cell<'static> {
    let tone = match row.deduced {
        0 => Tone::Dim,
        all if all == row.deduced_right => Tone::Good,
        _ => Tone::Warn,
    };
    of(row.deduced_right, row.deduced).tone(tone)
}

impl View for AccuracyRow {
    const NOUN: &'static str = "month";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::id("guild_id", |row: &Self| row.guild.into()),
            Field::text("guild", |row: &Self| row.guild_name.as_deref().into()).column(
                10,
                "server",
                |row| {
                    let name = row.guild_name.clone();
                    Cell::new(name.unwrap_or_else(|| row.guild.to_string()))
                },
            ),
            Field::text("month", |row: &Self| row.month.as_str().into()).column(
                20,
                "month",
                |row| Cell::new(row.month.clone()).whole(),
            ),
            Field::count("confirmed", |row: &Self| row.confirmed.into()).column(
                30,
                "confirmed",
                |row| Cell::number(row.confirmed),
            ),
            Field::count("deduced", |row: &Self| row.deduced.into()),
            Field::count("deduced_right", |row: &Self| row.deduced_right.into()).column(
                40,
                "deduced rightly",
                deduced,
            ),
            Field::count("ambiguous", |row: &Self| row.ambiguous.into()),
            Field::count("ambiguous_right", |row: &Self| row.ambiguous_right.into()).column(
                50,
                "ambiguous, likeliest right",
                |row| of(row.ambiguous_right, row.ambiguous),
            ),
            Field::count("provisional", |row: &Self| row.provisional.into()),
            Field::count("provisional_right", |row: &Self| {
                row.provisional_right.into()
            })
            .column(60, "provisional, likeliest right", |row| {
                of(row.provisional_right, row.provisional)
            }),
        ]
    }
}

impl View for WeightRow {
    const NOUN: &'static str = "row";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::text("certainty", |row: &Self| row.certainty.as_str().into()).column(
                10,
                "answers",
                |row| Cell::new(row.certainty.as_str()),
            ),
            Field::count("from_percent", |row: &Self| u64::from(row.from).into()).column(
                20,
                "weight",
                |row| Cell::new(format!("{} to {} %", row.from, row.from + 10)).whole(),
            ),
            Field::count("candidates", |row: &Self| row.candidates.into()).column(
                30,
                "candidates",
                |row| Cell::number(row.candidates),
            ),
            Field::weight("given", |row: &Self| row.given.into()).column(40, "given", |row| {
                Cell::new(format!("{:.1} %", row.given * 100.0)).right()
            }),
            Field::count("right", |row: &Self| row.right.into()),
            Field::weight("share", |row: &Self| row.share().into()).column(50, "true", |row| {
                let share = row.share().map(|share| format!("{:.1} %", share * 100.0));
                Cell::maybe(share).right()
            }),
        ]
    }
}
