//! Invites of the ledger.

use guestlist_ledger::{InviteRow, Label};
use guestlist_model::Timestamp;
use guestlist_tracker::InviteState;
use serde::{Deserialize, Serialize};

use crate::person::person;
use crate::{Cell, Field, Tone, View, moment};

/// An invite of the ledger at a point in time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeenInvite {
    /// The invite and its joins.
    pub row: InviteRow,
    /// The point in time.
    pub now: Timestamp,
}

impl SeenInvite {
    /// Its state at that time. Discord sends no event when an invite expires, so the
    /// ledger may not know yet.
    #[must_use]
    pub fn state(&self) -> InviteState {
        let invite = &self.row.invite;
        let over = invite.expires_at.is_some_and(|at| at <= self.now);
        match invite.state {
            InviteState::Active if over => InviteState::Expired,
            state => state,
        }
    }

    fn expires(&self) -> Cell<'_> {
        let invite = &self.row.invite;
        match invite.expires_at {
            None if invite.max_age == Some(0) => Cell::new("never"),
            at => Cell::maybe(at.map(moment)),
        }
    }

    /// "3/10", "3", or a dash where the count is not known.
    fn uses(&self) -> String {
        let invite = &self.row.invite;
        let uses = invite
            .uses
            .map_or_else(|| "–".to_owned(), |uses| uses.to_string());
        match invite.max_uses {
            Some(max) if max > 0 => format!("{uses}/{max}"),
            _ => uses,
        }
    }
}

impl View for SeenInvite {
    const NOUN: &'static str = "invite";

    fn fields() -> Vec<Field<Self>> {
        vec![
            Field::id("guild_id", |it: &Self| it.row.invite.guild.into()),
            Field::text("guild", |it: &Self| it.row.guild_name.as_deref().into())
                .column(20, "server", |it| match &it.row.guild_name {
                    Some(name) => Cell::new(name),
                    None => Cell::new(it.row.invite.guild.to_string()),
                })
                .expendable(3),
            Field::text("code", |it: &Self| it.row.invite.code.as_str().into()).column(
                10,
                "code",
                |it| Cell::new(it.row.invite.code.as_str()).whole(),
            ),
            Field::text("label", |it: &Self| {
                it.row.label.as_ref().map(Label::as_str).into()
            })
            .column(15, "label", |it| {
                Cell::maybe(it.row.label.as_ref().map(Label::as_str))
            })
            .expendable(8),
            Field::id("channel_id", |it: &Self| it.row.invite.channel.into()),
            Field::id("inviter_id", |it: &Self| it.row.invite.inviter.into()),
            Field::text("inviter", |it: &Self| {
                it.row.invite.inviter_name.as_deref().into()
            })
            .column(30, "inviter", |it| {
                let invite = &it.row.invite;
                let name = invite.inviter_name.as_deref();
                Cell::maybe(invite.inviter.map(|id| person(name, id)))
            })
            .expendable(6),
            Field::time("created_at", |it: &Self| it.row.invite.created_at.into())
                .column(40, "created (UTC)", |it| {
                    Cell::maybe(it.row.invite.created_at.map(moment)).whole()
                })
                .expendable(2),
            Field::time("expires_at", |it: &Self| it.row.invite.expires_at.into())
                .column(50, "expires (UTC)", |it| it.expires().whole())
                .expendable(5),
            Field::count("max_uses", |it: &Self| it.row.invite.max_uses.into()),
            Field::count("uses", |it: &Self| it.row.invite.uses.into())
                .column(60, "uses", |it| Cell::new(it.uses()).right())
                .expendable(7),
            Field::flag("temporary", |it: &Self| it.row.invite.temporary.into()),
            Field::text("state", |it: &Self| it.state().label().into()).column(70, "state", |it| {
                let state = it.state();
                Cell::new(state.label()).tone(if state.has_ended() {
                    Tone::Dim
                } else {
                    Tone::Good
                })
            }),
            Field::time("ended_at", |it: &Self| it.row.invite.ended_at.into()),
            Field::id("ended_by", |it: &Self| it.row.invite.ended_by.into()),
            Field::count("joins", |it: &Self| it.row.joins().into())
                .column(80, "joins", |it| Cell::number(it.row.joins())),
            Field::count("confirmed", |it: &Self| it.row.confirmed.into()),
            Field::count("deduced", |it: &Self| it.row.deduced.into()),
            Field::count("ambiguous", |it: &Self| it.row.ambiguous.into()),
            Field::count("left", |it: &Self| it.row.left.into()),
            Field::count("here", |it: &Self| it.row.here.into())
                .column(90, "still here", |it| Cell::number(it.row.here))
                .expendable(4),
            Field::time("last_join", |it: &Self| it.row.last_join.into())
                .column(100, "last join (UTC)", |it| {
                    Cell::maybe(it.row.last_join.map(moment)).whole()
                })
                .expendable(1),
        ]
    }
}
