//! All answers for a join.

use guestlist_ledger::JoinRow;
use guestlist_tracker::Attribution;
use serde::{Deserialize, Serialize};

use crate::{
    Answer, Answered, Cell, Detail, Field, View, answer_fields, guild_label, member_label, moment,
};

/// One of the answers for a join.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// The join, with this answer in place of the latest one.
    pub row: JoinRow,
}

impl Statement {
    /// Creates an answer for a join. The inviter's name is only known if the row's own
    /// answer has the same inviter.
    #[must_use]
    pub fn new(row: &JoinRow, attribution: Attribution) -> Self {
        let mut row = row.clone();
        let inviter = |it: &Attribution| it.certainty.origin().and_then(|it| it.inviter());
        if row.attribution.as_ref().and_then(inviter) != inviter(&attribution) {
            row.inviter_name = None;
        }
        row.attribution = Some(attribution);
        Self { row }
    }
}

impl Answered for Statement {
    fn answer(&self) -> Answer<'_> {
        self.row.answer()
    }
}

impl View for Statement {
    const NOUN: &'static str = "answer";

    fn fields() -> Vec<Field<Self>> {
        let mut fields = vec![
            Field::time("joined_at", |it: &Self| it.row.join.key.joined_at.into())
                .column(10, "joined (UTC)", |it| {
                    Cell::new(moment(it.row.join.key.joined_at)).whole()
                })
                .expendable(2),
            Field::id("guild_id", |it: &Self| it.row.join.key.guild.into()),
            Field::text("guild", |it: &Self| it.row.guild_name.as_deref().into())
                .column(20, "server", |it| Cell::new(guild_label(&it.row)))
                .expendable(1),
            Field::id("user_id", |it: &Self| it.row.join.key.user.into()),
            Field::text("name", |it: &Self| it.row.join.name.as_deref().into()).column(
                30,
                "member",
                |it| Cell::new(member_label(&it.row)),
            ),
        ];
        fields.extend(answer_fields(Detail::Grounds));
        fields
    }
}
