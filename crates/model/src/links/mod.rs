//! Links to invites.

mod find;
mod link;

pub use find::{Disguise, FoundInvite, find_invites};
pub use link::{InviteLink, LinkError};
