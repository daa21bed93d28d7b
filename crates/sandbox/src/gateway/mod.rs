//! The gateway: sessions, and the sockets they come through.
//!
//! See Discord Docs/Gateway.

mod content;
mod encode;
mod line;
mod session;
mod socket;

pub(crate) use self::{
    session::{Outgoing, Sessions, Which, frame},
    socket::serve,
};

/// Reasons for which the gateway closes a connection.
///
/// See Discord Docs/Opcodes and Status Codes#gateway-close-event-codes.
pub(crate) mod close {
    pub(crate) type Close = (u16, &'static str);

    pub(crate) const UNKNOWN_OPCODE: Close = (4001, "Unknown opcode.");
    pub(crate) const DECODE_ERROR: Close = (4002, "Error while decoding payload.");
    pub(crate) const NOT_AUTHENTICATED: Close = (4003, "Not authenticated.");
    pub(crate) const AUTHENTICATION_FAILED: Close = (4004, "Authentication failed.");
    pub(crate) const ALREADY_AUTHENTICATED: Close = (4005, "Already authenticated.");
    pub(crate) const INVALID_SEQUENCE: Close = (4007, "Invalid seq.");
    pub(crate) const RATE_LIMITED: Close = (4008, "You have been rate limited.");
    pub(crate) const SESSION_TIMED_OUT: Close = (4009, "Session timed out.");
    pub(crate) const INVALID_SHARD: Close = (4010, "Invalid shard.");
    pub(crate) const SHARDING_REQUIRED: Close = (4011, "Sharding required.");
    pub(crate) const INVALID_VERSION: Close = (4012, "Invalid API version.");
    pub(crate) const INVALID_INTENTS: Close = (4013, "Invalid intent(s).");
    pub(crate) const DISALLOWED_INTENTS: Close = (4014, "Disallowed intent(s).");
}
