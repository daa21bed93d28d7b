//! Arguments that several subcommands share.

mod api;
mod ledger;
mod when;

pub(crate) use api::ApiArgs;
pub(crate) use ledger::{DbArgs, Format, FormatArgs, LedgerArgs, code, link};
pub(crate) use when::{When, duration, now};
