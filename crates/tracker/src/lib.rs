//! The attribution engine: who came into a Discord server through which invite.
//!
//! Discord does not say which invite a member used. This crate works it out from what
//! Discord does tell: joins, the uses of invites, the vanity link's count, the audit log,
//! and a search for members that names the way in. It does no I/O and reads no clock:
//! events, answers and the time go in, [`Record`]s to store and [`Request`]s to send come
//! out, and the same inputs give the same outputs. See [`Tracker`] for how to drive it.
//!
//! # What an answer means
//!
//! - [`Confirmed`](Certainty::Confirmed): Discord said so, by members-search or, of a bot,
//!   by the audit log. It never changes again.
//! - [`Deduced`](Certainty::Deduced): the evidence leaves one possibility. A later
//!   confirmation raises it.
//! - [`Ambiguous`](Certainty::Ambiguous): the candidates, with weights. An estimate is
//!   never called more than that.
//! - [`Unknown`](Certainty::Unknown): nothing to go by, and why.
//!
//! # How it is worked out
//!
//! A join asks for one list of invites; joins meanwhile share it, and there are never two
//! lists of one guild under way. Each list is compared with the one before: what rose,
//! what appeared, what vanished (used up, expired or revoked: that leaves a range). Such a
//! movement was caused by some of the joins that were told in time, so all movements and
//! all joins together are a flow problem, solved exactly: a join is deduced if it takes
//! the same invite in every assignment in which each movement is explained. A join may
//! always have come in without moving a count (integrations, discovery, invites that were
//! never listed), so it is never the absence of another candidate that proves an answer,
//! but that a count would stay unexplained without it.
//!
//! Some movements need nobody: an existing member may use an invite that grants roles, and
//! while events were missed anybody may have come and gone. These prove nothing.
//!
//! # What it rests on
//!
//! Events and counts come in no order that is documented. Three bounds are assumed, all in
//! [`Config`]: a join's event is handed over at most [`settle`](Config::settle) after a
//! list that counts it, a join is counted at most [`count_lag`](Config::count_lag) after
//! its event, and the audit log holds a deletion at most [`audit_lag`](Config::audit_lag)
//! after its event. While a connection is down, or nobody looked at the clock in time,
//! nothing is deduced. What is confirmed rests on no assumption.
//!
//! # What it costs
//!
//! Requests are scarce, 50 a second for all of a bot. A lone join takes one list, and one
//! search if [`ConfirmPolicy::Always`] is set; a burst takes one or two lists and a search
//! for each ten members, or one for all of them. Invites that end without a join and bots
//! take a page of the audit log, unless its entries come as events.

mod answers;
mod ask;
mod attribution;
mod audit;
mod barrier;
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
mod prune;
mod record;
mod say;
mod settle;
mod snapshot;
mod solve;
mod stats;
mod time;
mod tracker;
mod window;

pub use attribution::{Attribution, Candidate, Certainty, Origin, Reason};
pub use barrier::BarrierId;
pub use config::{Config, ConfirmPolicy, PhantomUses};
pub use evidence::Evidence;
pub use io::{Failure, MemberQuery, Request, RequestId, Response};
pub use record::{Gap, InviteRecord, InviteState, Join, JoinKey, Leave, Observation, Record};
pub use snapshot::GuildSnapshot;
pub use stats::Stats;
pub use tracker::{Connection, Tracker};
