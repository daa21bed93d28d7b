//! Inviters in more detail, and times in which unusually many came.

use guestlist_ledger::{Burst, BurstKind, InviterProfile};

use crate::person::person;
use crate::{Cell, Field, Of, View, moment};

impl View for InviterProfile {
    const NOUN: &'static str = "inviter";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::id("inviter_id", |row: &Self| row.inviter.into()),
            Field::text("inviter", |row: &Self| row.name.as_deref().into()).column(
                10,
                "inviter",
                |row| Cell::new(person(row.name.as_deref(), row.inviter)),
            ),
            Field::count("joined", |row: &Self| row.joined.into())
                .column(20, "joined", |row| Cell::number(row.joined)),
            Field::count("here", |row: &Self| row.here.into())
                .column(30, "still here", |row| Cell::number(row.here)),
            Field::count("left", |row: &Self| row.left.into())
                .column(40, "left", |row| Cell::number(row.left))
                .expendable(5),
            Field::count("rejoined", |row: &Self| row.rejoined.into())
                .column(60, "again", |row| Cell::number(row.rejoined))
                .expendable(2),
            Field::count("young", |row: &Self| row.young.into())
                .column(70, "young", |row| Cell::number(row.young))
                .expendable(4),
            Field::count("own", |row: &Self| row.own.into())
                .column(80, "own", |row| Cell::number(row.own))
                .expendable(1),
            Field::count("quick", |row: &Self| row.quick.into())
                .column(90, "quick", |row| Cell::number(row.quick))
                .expendable(3),
            Field::count("observed", |row: &Self| row.kept.known().into()),
            Field::count("stayed", |row: &Self| row.kept.stayed.into()).column(
                50,
                "stayed",
                |row| Cell::number(row.kept.stayed),
            ),
            Field::time("last_join", |row: &Self| row.last_join.into()),
        ]
    }

    fn note(&self) -> Option<&'static str> {
        Some(
            "again: had joined before; young: account younger than a week; own: joined through \
             their own invite; quick: left within an hour; stayed: for a week",
        )
    }
}

impl View for Burst {
    const NOUN: &'static str = "burst";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::id("guild_id", |row: &Self| row.guild.into()),
            Field::text("what", |row: &Self| {
                match row.kind {
                    BurstKind::Invite(_) => "invite",
                    BurstKind::YoungAccounts => "young_accounts",
                }
                .into()
            }),
            Field::text("code", |row: &Self| match &row.kind {
                BurstKind::Invite(code) => code.as_str().into(),
                BurstKind::YoungAccounts => Of::nothing(),
            })
            .column(10, "what", |row| match &row.kind {
                BurstKind::Invite(code) => Cell::new(format!("invite {code}")),
                BurstKind::YoungAccounts => Cell::new("young accounts"),
            }),
            Field::time("from", |row: &Self| row.from.into())
                .column(20, "from (UTC)", |row| Cell::new(moment(row.from)).whole()),
            Field::time("until", |row: &Self| row.until.into())
                .column(30, "until (UTC)", |row| {
                    Cell::new(moment(row.until)).whole()
                })
                .expendable(1),
            Field::count("joins", |row: &Self| row.joins.into())
                .column(40, "joins", |row| Cell::number(row.joins)),
            Field::weight("usual", |row: &Self| row.usual.into())
                .column(50, "usual", |row| {
                    Cell::new(format!("{:.1}", row.usual)).right()
                })
                .expendable(2),
            Field::count("young", |row: &Self| row.young.into())
                .column(60, "young", |row| Cell::number(row.young)),
            Field::count("here", |row: &Self| row.here.into())
                .column(70, "still here", |row| Cell::number(row.here)),
        ]
    }
}
