//! The pages: one a file.

mod flow;
mod health;
mod inviters;
mod invites;
mod join;
mod joins;
mod overview;

pub(crate) use self::{
    health::health, inviters::inviters, invites::invites, join::join, joins::joins,
    overview::overview,
};
