//! The attribution engine: who came in through which invite.
mod answers;
mod ask;
mod audit;
mod baseline;
mod clock;
mod config;
mod decide;
mod ended;
mod endpoint;
mod evidence;
mod facts;
mod flow;
mod gap;
mod guild;
mod io;
mod record;
mod snapshot;
mod solve;
mod stats;
mod time;
mod tracker;
mod window;

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
