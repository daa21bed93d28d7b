//! Cohorts, and how many of them stayed.

use std::sync::LazyLock;

use guestlist_ledger::{Cohort, Kept, RetentionRow};

use crate::person::person;
use crate::{Cell, Field, Fields, Of, Tone, Value, View, grouped, kinds::Count, moment, percent};

impl View for RetentionRow {
    const NOUN: &'static str = "cohort";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::time("week", |row: &Self| row.week.into())
                .column(10, "week of (UTC)", |row| {
                    let day = |at| {
                        moment(at)
                            .chars()
                            .take("2026-03-02".len())
                            .collect::<String>()
                    };
                    Cell::maybe(row.week.map(day)).whole()
                })
                .expendable(1),
            Field::id("guild_id", |row: &Self| match &row.cohort {
                Cohort::Invite(guild, _) => (*guild).into(),
                _ => Of::nothing(),
            }),
            Field::text("code", |row: &Self| match &row.cohort {
                Cohort::Invite(_, code) => code.as_str().into(),
                _ => Of::nothing(),
            }),
            Field::text("label", |row: &Self| match (&row.cohort, &row.label) {
                (Cohort::Label(label), _) | (_, Some(label)) => label.as_str().into(),
                _ => Of::nothing(),
            }),
            Field::id("inviter_id", |row: &Self| match row.cohort {
                Cohort::Inviter(user) => user.into(),
                _ => Of::nothing(),
            }),
            Field::text("inviter", |row: &Self| row.inviter_name.as_deref().into()),
            Field::text("origin", |row: &Self| match &row.cohort {
                Cohort::Origin(origin) => origin.as_str().into(),
                _ => Of::nothing(),
            })
            .column(20, "cohort", cohort),
            Field::count("joined", |row: &Self| row.joined.into())
                .column(30, "joined", |row| Cell::number(row.joined)),
            Field::count("here", |row: &Self| row.here.into())
                .column(40, "still here", |row| Cell::number(row.here))
                .expendable(2),
            Field::count("observed_1d", |row: &Self| observed(row, 1)),
            Field::count("stayed_1d", |row: &Self| stayed(row, 1)).column(
                50,
                "stayed 1 d",
                |row| share(row, 1),
            ),
            Field::count("observed_7d", |row: &Self| observed(row, 7)),
            Field::count("stayed_7d", |row: &Self| stayed(row, 7)).column(
                60,
                "stayed 7 d",
                |row| share(row, 7),
            ),
            Field::count("observed_30d", |row: &Self| observed(row, 30)),
            Field::count("stayed_30d", |row: &Self| stayed(row, 30)).column(
                70,
                "stayed 30 d",
                |row| share(row, 30),
            ),
            Field::records("kept", |row: &Self| {
                row.kept.iter().map(kept).collect::<Vec<_>>().into()
            })
            .parts(|| KEPT.kinds().collect()),
        ]
    }

    fn note(&self) -> Option<&'static str> {
        Some(
            "stayed: of the members who joined at least that long ago, the share who stayed; missed \
             leaves are counted once the list of members was compared",
        )
    }
}

fn cohort(row: &RetentionRow) -> Cell<'_> {
    match &row.cohort {
        Cohort::Everyone => Cell::new("everyone"),
        Cohort::Invite(_, code) => Cell::new(code.as_str()).whole(),
        Cohort::Label(label) => Cell::new(label.as_str()),
        Cohort::Inviter(user) => Cell::new(person(row.inviter_name.as_deref(), *user)),
        Cohort::Origin(origin) => Cell::new(origin.replace('_', " ")),
        Cohort::Rest => Cell::new("(none of these)").tone(Tone::Dim),
    }
}

fn of(row: &RetentionRow, days: u32) -> Option<&Kept> {
    row.kept.iter().find(|kept| kept.days == days)
}

fn observed(row: &RetentionRow, days: u32) -> Of<'static, Count> {
    of(row, days).map(Kept::known).into()
}

fn stayed(row: &RetentionRow, days: u32) -> Of<'static, Count> {
    of(row, days).map(|kept| kept.stayed).into()
}

fn share(row: &RetentionRow, days: u32) -> Cell<'static> {
    let kept = of(row, days);
    let text = kept.and_then(|kept| {
        let share = Some(kept.share()?);
        Some(format!("{} of {}", percent(share), grouped(kept.known())))
    });
    Cell::maybe(text).right()
}

/// The fields of how many stayed.
static KEPT: LazyLock<Fields<Kept>> = LazyLock::new(|| {
    Fields::from(vec![
        Field::count("days", |it: &Kept| u64::from(it.days).into()),
        Field::count("observed", |it: &Kept| it.observed.into()),
        Field::count("stayed", |it: &Kept| it.stayed.into()),
        Field::count("unsure", |it: &Kept| it.unsure.into()),
        Field::count("over_gap", |it: &Kept| it.over_gap.into()),
        Field::weight("share", |it: &Kept| it.share().into()),
    ])
});

fn kept(kept: &Kept) -> Value<'_> {
    let short = format!("{} d: {} of {}", kept.days, kept.stayed, kept.known());
    KEPT.within(kept, short)
}
