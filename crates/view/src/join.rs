//! Joins.

use std::borrow::Cow;

use guestlist_ledger::{JoinRow, Label};

use crate::person::person;
use crate::{Answer, Answered, Cell, Detail, Field, View, answer_fields, moment};

impl Answered for JoinRow {
    fn answer(&self) -> Answer<'_> {
        Answer::new(self.attribution.as_ref(), self.inviter_name.as_deref())
    }
}

impl View for JoinRow {
    const NOUN: &'static str = "join";

    fn fields() -> Vec<Field<Self>> {
        let mut fields = vec![
            Field::time("joined_at", |row: &Self| row.join.joined_at.into())
                .column(10, "joined (UTC)", |row| {
                    Cell::new(moment(row.join.joined_at)).whole()
                })
                .expendable(4),
            Field::id("guild_id", |row: &Self| row.join.key.guild.into()),
            Field::text("guild", |row: &Self| row.guild_name.as_deref().into())
                .column(20, "server", |row| Cell::new(guild_label(row)))
                .expendable(2),
            Field::id("user_id", |row: &Self| row.join.key.user.into()),
            Field::text("name", |row: &Self| row.join.name.as_deref().into()).column(
                30,
                "member",
                |row| Cell::new(member_label(row)),
            ),
            Field::flag("bot", |row: &Self| row.join.bot.into()),
            Field::flag("pending", |row: &Self| row.join.pending.into()),
            Field::flag("rejoined", |row: &Self| rejoined(row).into()),
            Field::flag("guest", |row: &Self| row.join.guest.into()),
        ];
        fields.extend(answer_fields(Detail::Answer));
        fields.push(Field::text("label", |row: &Self| {
            row.label.as_ref().map(Label::as_str).into()
        }));
        fields.extend([
            Field::time("left_at", |row: &Self| row.left_at.into())
                .column(70, "left", |row| {
                    // Between two times, if no event told of it.
                    let at = row.left_at.map(|at| match row.left_after {
                        Some(_) => format!("before {}", moment(at)),
                        None => moment(at),
                    });
                    Cell::maybe(at).whole()
                })
                .expendable(1),
            Field::time("left_after", |row: &Self| row.left_after.into()),
            Field::flag("here", |row: &Self| row.here.into()),
        ]);
        fields
    }

    fn note(&self) -> Option<&'static str> {
        self.answer().note()
    }
}

/// Whether the member has joined before: what the ledger knows, else what Discord says.
fn rejoined(row: &JoinRow) -> Option<bool> {
    if row.joined_before {
        Some(true)
    } else {
        row.join.rejoined
    }
}

/// The member's name, else the id; `(forgotten)` for a stand-in.
#[must_use]
pub fn member_label(row: &JoinRow) -> Cow<'_, str> {
    let name = person(row.join.name.as_deref(), row.join.key.user);
    match (row.join.bot, rejoined(row)) {
        (true, _) => format!("{name} (bot)").into(),
        (false, Some(true)) => format!("{name} (rejoined)").into(),
        (false, Some(false) | None) => name,
    }
}

/// The server's name, else its id.
#[must_use]
pub fn guild_label(row: &JoinRow) -> Cow<'_, str> {
    match &row.guild_name {
        Some(name) => Cow::Borrowed(name),
        None => row.join.key.guild.to_string().into(),
    }
}
