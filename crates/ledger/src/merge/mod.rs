//! How records that say different things about one join, leave or invite come
//! together: pure, and such that the order of their arrival does not matter.
//! A backend loads what [`Needs`] names into a [`Working`], applies the records of a
//! batch, and stores what changed.

mod forgetting;
mod invite;
mod membership;
mod working;

pub(crate) use self::{
    forgetting::{Oblivion, digest, replace},
    invite::{StoredInvite, state_from_word},
    membership::{JoinNews, Membership, Rank, Standing, StoredJoin, StoredLeave, may_end, millis},
    working::{Entry, Held, Needs, Working},
};
