//! How joins, invites and inviters are shown to people and programs.
//!
//! A kind of record implements [`View`]: a list of [`Field`]s, each with its name and a
//! function that reads it. JSON, CSV and tables are all created from this list, so they
//! always have the same fields.
//!
//! Names on Discord are untrusted text: they can contain control characters, reverse the
//! writing direction, or be a formula. [`Value`]s and [`Cell`]s contain them unchanged.
//! Escape them for the output with [`for_terminal`] or [`for_csv`]. Templates for HTML
//! escape automatically.
//!
//! ```
//! use guestlist_ledger::InviterRow;
//! use guestlist_view::Fields;
//!
//! let fields = Fields::<InviterRow>::new();
//! let mut row = InviterRow::default();
//! row.name = Some("=1+1".into());
//! row.confirmed = 2;
//! let json = serde_json::to_value(fields.record(&row))?;
//! assert_eq!(json["inviter"], "=1+1");
//! let named = fields.names().zip(fields.csv(&row));
//! assert!(named.into_iter().any(|cell| cell == ("inviter", "'=1+1".to_owned())));
//! # Ok::<(), serde_json::Error>(())
//! ```

mod accuracy;
mod answer;
mod cell;
mod field;
mod gap;
mod guild;
mod invite;
mod inviter;
mod join;
mod kind;
mod label;
mod names;
mod payload;
mod person;
mod profile;
mod retention;
mod statement;
mod text;
mod value;
mod when;

pub use crate::{
    answer::{Answer, Answered, Detail, answer_fields},
    cell::{Cell, Tone},
    field::{Column, Field, Fields, Part, Record, View},
    gap::missing,
    invite::SeenInvite,
    join::{guild_label, member_label},
    kind::{Kind, Of, kinds},
    names::{NamesError, names},
    payload::{channel_label, expiry_label, invite_lines, inviter_label},
    statement::Statement,
    text::{count, for_csv, for_terminal, grouped, is_hostile, moment, percent},
    value::Value,
    when::{When, duration},
};
