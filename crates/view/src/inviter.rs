//! Inviters.

use guestlist_ledger::InviterRow;

use crate::person::person;
use crate::{Cell, Field, Tone, View, moment};

impl View for InviterRow {
    const NOUN: &'static str = "inviter";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::id("inviter_id", |row: &Self| row.inviter.into()),
            Field::text("inviter", |row: &Self| row.name.as_deref().into()).column(
                10,
                "inviter",
                |row| match row.inviter {
                    Some(id) => Cell::new(person(row.name.as_deref(), id)),
                    None => Cell::new("(no inviter)").tone(Tone::Dim),
                },
            ),
            Field::count("joins", |row: &Self| row.joins().into())
                .column(20, "joins", |row| Cell::number(row.joins())),
            Field::count("confirmed", |row: &Self| row.confirmed.into())
                .column(30, "confirmed", |row| Cell::number(row.confirmed))
                .expendable(5),
            Field::count("deduced", |row: &Self| row.deduced.into())
                .column(40, "deduced", |row| Cell::number(row.deduced))
                .expendable(4),
            Field::count("ambiguous", |row: &Self| row.ambiguous.into()),
            Field::weight("expected", |row: &Self| row.expected.into()).column(
                50,
                "maybe",
                |row| Cell::new(format!("{:.1}", row.expected)).right(),
            ),
            Field::count("unknown", |row: &Self| row.unknown.into())
                .column(60, "unknown", |row| Cell::number(row.unknown))
                .expendable(2),
            Field::count("left", |row: &Self| row.left.into())
                .column(80, "left", |row| Cell::number(row.left))
                .expendable(3),
            Field::count("here", |row: &Self| row.here.into())
                .column(70, "still here", |row| Cell::number(row.here))
                .expendable(6),
            Field::time("last_join", |row: &Self| row.last_join.into())
                .column(90, "last join (UTC)", |row| {
                    Cell::maybe(row.last_join.map(moment)).whole()
                })
                .expendable(1),
        ]
    }

    fn counts(&self) -> bool {
        self.inviter.is_some()
    }
}
