//! Arguments that several subcommands share.

mod api;
mod code;
mod ledger;
mod web;
mod when;

pub(crate) use api::{ApiArgs, BaseArgs};
pub(crate) use code::{CodeArg, code};
pub(crate) use ledger::{DbArgs, Format, FormatArgs, JoinFilterArgs, LedgerArgs, span};
pub(crate) use web::WebArgs;
pub(crate) use when::{When, duration, now};
