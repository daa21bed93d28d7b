//! The attribution engine: who came in through which invite.
mod config;
mod evidence;
mod io;
mod record;
mod snapshot;
mod stats;
mod tracker;

pub use config::{Config, ConfirmPolicy, PhantomUses};
pub use evidence::Evidence;
pub use io::{Failure, MemberQuery, Request, RequestId, Response};
pub use record::{
    Attribution, Candidate, Certainty, Gap, InviteRecord, InviteState, Join, JoinKey, Leave,
    Observation, Origin, Reason, Record,
};
pub use snapshot::GuildSnapshot;
pub use stats::Stats;
pub use tracker::{Connection, Tracker};
