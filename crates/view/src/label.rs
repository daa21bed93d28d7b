//! Labels of codes.

use guestlist_ledger::LabelRow;

use crate::{Cell, Field, View, moment};

impl View for LabelRow {
    const NOUN: &'static str = "label";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::id("guild_id", |row: &Self| row.guild.into()),
            Field::text("guild", |row: &Self| row.guild_name.as_deref().into())
                .column(30, "server", |row| match &row.guild_name {
                    Some(name) => Cell::new(name),
                    None => Cell::new(row.guild.to_string()),
                })
                .expendable(2),
            Field::text("label", |row: &Self| row.label.as_str().into()).column(
                10,
                "label",
                |row| Cell::new(row.label.as_str()),
            ),
            Field::text("code", |row: &Self| row.code.as_str().into())
                .column(20, "code", |row| Cell::new(row.code.as_str()).whole()),
            Field::time("set_at", |row: &Self| row.set_at.into())
                .column(40, "set (UTC)", |row| Cell::new(moment(row.set_at)).whole())
                .expendable(1),
        ]
    }
}
