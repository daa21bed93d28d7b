//! Servers, and how much the ledger holds about them.

use guestlist_ledger::{CertaintyKind, GuildRow};

use crate::{Cell, Field, View, moment};

/// How many of the joins have a certainty.
fn of(row: &GuildRow, kind: CertaintyKind) -> u64 {
    let counts = CertaintyKind::ALL.into_iter().zip(row.totals.by_certainty);
    counts
        .filter(|(it, _)| *it == kind)
        .map(|(_, count)| count)
        .sum()
}

impl View for GuildRow {
    const NOUN: &'static str = "server";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::new("guild_id", |row: &Self| row.guild.into()),
            Field::new("guild", |row: &Self| row.name.as_deref().into()).column(
                10,
                "server",
                |row| match &row.name {
                    Some(name) => Cell::new(name),
                    None => Cell::new(row.guild.to_string()),
                },
            ),
            Field::new("joins", |row: &Self| row.totals.joins.into())
                .column(20, "joins", |row| Cell::number(row.totals.joins)),
            Field::new("confirmed", |row: &Self| {
                of(row, CertaintyKind::Confirmed).into()
            })
            .column(30, "confirmed", |row| {
                Cell::number(of(row, CertaintyKind::Confirmed))
            })
            .expendable(7),
            Field::new("deduced", |row: &Self| {
                of(row, CertaintyKind::Deduced).into()
            })
            .column(40, "deduced", |row| {
                Cell::number(of(row, CertaintyKind::Deduced))
            })
            .expendable(6),
            Field::new("ambiguous", |row: &Self| {
                of(row, CertaintyKind::Ambiguous).into()
            })
            .column(50, "ambiguous", |row| {
                Cell::number(of(row, CertaintyKind::Ambiguous))
            })
            .expendable(5),
            Field::new("unknown", |row: &Self| {
                of(row, CertaintyKind::Unknown).into()
            })
            .column(60, "unknown", |row| {
                Cell::number(of(row, CertaintyKind::Unknown))
            })
            .expendable(4),
            Field::new("waiting", |row: &Self| row.totals.waiting.into()),
            Field::new("leaves", |row: &Self| row.totals.leaves.into())
                .column(70, "leaves", |row| Cell::number(row.totals.leaves))
                .expendable(3),
            Field::new("invites", |row: &Self| row.totals.invites.into())
                .column(80, "invites", |row| Cell::number(row.totals.invites))
                .expendable(2),
            Field::new("gaps", |row: &Self| row.gaps.into())
                .column(90, "gaps", |row| Cell::number(row.gaps)),
            Field::new("last_join", |row: &Self| row.last_join.into())
                .column(100, "last join (UTC)", |row| {
                    Cell::maybe(row.last_join.map(moment)).whole()
                })
                .expendable(1),
        ]
    }
}
