//! The subcommands, one file each.

pub(crate) mod accuracy;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod export;
pub(crate) mod forget;
pub(crate) mod guilds;
pub(crate) mod inspect;
pub(crate) mod invite;
pub(crate) mod inviters;
pub(crate) mod invites;
pub(crate) mod joins;
pub(crate) mod label;
pub(crate) mod man;
pub(crate) mod report;
mod rows;
pub(crate) mod sandbox;
pub(crate) mod track;
pub(crate) mod web;
