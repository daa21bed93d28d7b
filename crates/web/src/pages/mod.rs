//! The pages: one a file.

mod accuracy;
mod alerts;
mod flow;
mod health;
mod invite;
mod inviters;
mod invites;
mod join;
mod joins;
mod manage;
mod overview;
mod personal;
mod retention;
mod tree;

pub(crate) use self::{
    accuracy::accuracy,
    alerts::alerts,
    flow::Flow,
    health::health,
    invite::{invite, set_label},
    inviters::inviters,
    invites::invites,
    join::join,
    joins::joins,
    manage::{make_invite, new_invite, pause, revoke},
    overview::overview,
    personal::{make_personal, personal, personal_csv},
    retention::{question as retention_question, retention},
    tree::{question as tree_question, tree},
};
