//! Discord invites and what surrounds them.
//!
//! This crate decodes what Discord sends about invites, stores it compactly, and encodes
//! it again without loss. It performs no I/O and reads no clock.
//!
//! - [`Invite`] is an invite in any form; [`decode_invites`] reads a list of them, and
//!   [`Decoder`] reads many payloads and shares what repeats between them.
//! - [`InviteCode`] and [`InviteLink`] parse what people paste; [`find_invites`] finds
//!   invites in a text, including disguised ones.
//! - [`Event`] is a gateway event about invites, members or guilds; [`Envelope`] is the
//!   outer part of any frame. [`ShardId`] names a connection to the gateway.
//! - [`Vanity`], [`AuditLog`], [`MemberSearch`], [`TargetUsersJob`], [`Incidents`] and
//!   [`ApiErrorBody`] are responses of the REST API.
//! - [`Cache`] resolves users, channels and guilds that earlier payloads contained.
//!
//! The feature `twilight` adds the module `twilight`, which converts to and from
//! twilight's types.
//!
//! If a payload cannot be decoded, the [`DecodeError`] names the JSON path.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod api_error;
mod audit_log;
mod cache;
mod cdn;
mod channel;
mod code;
mod entity;
mod event;
mod field;
mod guild;
mod hostile;
mod id;
mod incidents;
mod invite;
pub mod json;
mod links;
mod member;
mod member_search;
mod parts;
mod payload;
mod serde_text;
mod shard;
mod target_users;
mod timestamp;
#[cfg(feature = "twilight")]
pub mod twilight;
mod user;
mod vanity;
mod widget;

pub use api_error::{ApiErrorBody, FieldError};
pub use audit_log::{AuditAction, AuditChange, AuditLog, AuditLogEntry, InviteAudit};
pub use cache::Cache;
pub use cdn::{ImageError, ImageFormat, ImageSize, ImageUrl, Mention};
pub use channel::{InviteChannel, Recipient};
pub use code::{CodeError, InviteCode};
pub use event::{
    AuditLogEntryEvent, ChannelEvent, Envelope, Event, Frame, GuildCreate, GuildDelete,
    InviteCreate, InviteDelete, MemberAdd, MemberRemove, MemberUpdate, RawFrame, Ready,
};
pub use field::Field;
pub use guild::InviteGuild;
pub use hostile::{for_terminal, is_hostile};
pub use id::{
    ApplicationId, AuditLogEntryId, ChannelId, EventId, GuildId, Id, IdError, MessageId, RoleId,
    UserId, marker,
};
pub use incidents::Incidents;
pub use invite::{
    Decoder, Expiry, Invite, InviteBuilder, InviteFlags, InviteKind, InviteList, PartialInvite,
    Remaining, TargetType, Unnamed, decode_invites,
};
pub use json::{DecodeError, ErrorKind, PathSegment};
pub use links::{Disguise, FindInvites, FoundInvite, InviteLink, LinkError, find_invites};
pub use member::{Member, MemberFlags, decode_members};
pub use member_search::{
    JoinDetails, JoinSource, MemberSearch, MemberSupplemental, SearchedMember,
};
pub use parts::{InviteApplication, InviteRole, InviteStage, ScheduledEvent};
pub use payload::{AnyPayload, Content, PayloadKind, UnknownKind, decode_any};
pub use shard::{ShardError, ShardId};
pub use target_users::{JobStatus, TargetUsersJob};
pub use timestamp::{Timestamp, TimestampError};
pub use user::User;
pub use vanity::Vanity;
pub use widget::{MembersChunk, Widget};
