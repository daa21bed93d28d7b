//! The attribution engine: which invite each member of a Discord server used.
//!
//! Discord does not say which invite a member used. This crate determines it from
//! other data: joins, the uses of invites, the vanity link's count, the audit log, and a
//! members search that says how a member joined. It performs no I/O and reads no clock.
//! Events, responses and the time go in; [`Record`]s to store and [`Request`]s to send
//! come out. The same inputs give the same outputs. See [`Tracker`] for how to use it.
//!
//! # What an answer means
//!
//! - [`Confirmed`](Certainty::Confirmed): Discord said so, through the members search or,
//!   for a bot, through the audit log. A confirmed answer never changes again.
//! - [`Deduced`](Certainty::Deduced): the evidence leaves one possibility. A later
//!   confirmation replaces it.
//! - [`Ambiguous`](Certainty::Ambiguous): several candidates, with estimated weights.
//! - [`Provisional`](Certainty::Provisional): the same, stated right after the join and
//!   before the evidence is complete. One of the other answers follows.
//! - [`Unknown`](Certainty::Unknown): no answer, and the reason.
//!
//! # How an answer is found
//!
//! A join triggers a request for the list of invites. A guild can have three such requests
//! in progress; further joins share the next one. Each list is compared with the previous one:
//! counts that rose, invites that appeared, and invites that disappeared (used up, expired
//! or revoked, which leaves a range of uses). Every such change was caused by some of the
//! joins whose events arrived in time. Together, all changes and all joins form a flow
//! problem, which is solved exactly: an answer is deduced if the join takes the same invite
//! in every assignment that explains all changes. Any member may have joined without
//! changing a count (integrations, discovery, invites that were never listed). Therefore the
//! absence of other candidates never proves an answer. The proof is that without this join,
//! no member would explain a count that rose.
//!
//! Some changes may have no join: an existing member can use an invite that grants roles,
//! and while events were missed, anyone may have joined and left. Such changes prove
//! nothing.
//!
//! # Assumptions
//!
//! Discord documents no order between events and counts. The tracker assumes three bounds, all
//! in [`Config`]: a join's event arrives at most [`settle`](Config::settle) after a list that
//! counts it, a join is counted at most [`count_lag`](Config::count_lag) after its event, and
//! the audit log contains a deletion at most [`audit_lag`](Config::audit_lag) after its event.
//! While a connection is down, or if timers were handled too late, nothing is deduced.
//! Confirmed answers are based on none of these assumptions.
//!
//! # The number of requests
//!
//! Requests are scarce: Discord allows a bot 50 per second in total. A single join
//! costs one list, and one search if [`ConfirmPolicy::Always`] is set. A burst costs up to
//! [`Config::list_burst`] lists and then one per [`Config::list_interval`], and one search
//! per ten members or one for all of them. A bot that joins, or an invite that ends without a
//! join, costs a page of the audit log, unless its entries arrive as events.

mod attribution;
mod barrier;
mod brief;
mod clock;
mod config;
mod counts;
mod delays;
mod endpoints;
mod ends;
mod evidence;
mod facts;
mod gap;
mod guild;
mod http;
mod io;
mod joins;
mod page;
mod presence;
mod record;
mod revision;
mod shares;
mod solve;
mod state;
mod stats;
mod tagged;
mod time;
mod tracker;
mod vanity;

pub use attribution::{Attribution, Candidate, Certainty, Origin, Reason};
pub use barrier::BarrierId;
pub use config::{Config, ConfirmPolicy, PhantomUses};
pub use evidence::Evidence;
pub use http::{HttpRequest, Method};
pub use io::{Failure, MemberQuery, Request, RequestId, Response};
pub use page::MemberPage;
pub use record::{Gap, InviteRecord, InviteState, Join, JoinKey, Leave, Observation, Record};
pub use state::{GuildChange, GuildState, PartChange, StateError};
pub use stats::Stats;
pub use tracker::Tracker;
