//! Servers, and how much the ledger holds about them.

use guestlist_ledger::{CertaintyKind, GuildRow};

use crate::{Cell, Field, View, moment};

impl View for GuildRow {
    const NOUN: &'static str = "server";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::id("guild_id", |row: &Self| row.guild.into()),
            Field::text("guild", |row: &Self| row.name.as_deref().into()).column(
                10,
                "server",
                |row| match &row.name {
                    Some(name) => Cell::new(name),
                    None => Cell::new(row.guild.to_string()),
                },
            ),
            Field::count("joins", |row: &Self| row.totals.joins.into()).column(
                20,
                "joins",
                |row| Cell::number(row.totals.joins),
            ),
            Field::count("confirmed", |row: &Self| {
                row.totals.of(CertaintyKind::Confirmed).into()
            })
            .column(30, "confirmed", |row| {
                Cell::number(row.totals.of(CertaintyKind::Confirmed))
            })
            .expendable(7),
            Field::count("deduced", |row: &Self| {
                row.totals.of(CertaintyKind::Deduced).into()
            })
            .column(40, "deduced", |row| {
                Cell::number(row.totals.of(CertaintyKind::Deduced))
            })
            .expendable(6),
            Field::count("ambiguous", |row: &Self| {
                row.totals.of(CertaintyKind::Ambiguous).into()
            })
            .column(50, "ambiguous", |row| {
                Cell::number(row.totals.of(CertaintyKind::Ambiguous))
            })
            .expendable(5),
            Field::count("unknown", |row: &Self| {
                row.totals.of(CertaintyKind::Unknown).into()
            })
            .column(60, "unknown", |row| {
                Cell::number(row.totals.of(CertaintyKind::Unknown))
            })
            .expendable(4),
            Field::count("waiting", |row: &Self| row.totals.waiting.into()),
            Field::count("leaves", |row: &Self| row.totals.leaves.into())
                .column(70, "leaves", |row| Cell::number(row.totals.leaves))
                .expendable(3),
            Field::count("invites", |row: &Self| row.totals.invites.into())
                .column(80, "invites", |row| Cell::number(row.totals.invites))
                .expendable(2),
            Field::count("missing", |row: &Self| row.totals.missing.into()),
            Field::count("gaps", |row: &Self| row.gaps.into())
                .column(90, "gaps", |row| Cell::number(row.gaps)),
            Field::time("last_join", |row: &Self| row.last_join.into())
                .column(100, "last join (UTC)", |row| {
                    Cell::maybe(row.last_join.map(moment)).whole()
                })
                .expendable(1),
        ]
    }
}
