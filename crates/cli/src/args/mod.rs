//! Arguments that several subcommands share.

mod when;

pub(crate) use when::When;
