//! The traits of public types, which the compiler checks. (A lint of the workspace checks that
//! every public type implements `Debug`.) Types with rules keep them when they are read.

use std::error::Error;
use std::fmt::Debug;
use std::hash::Hash;

use guestlist::{client, ledger, model, service, tracker};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Data: it is compared, copied and stored.
fn data<T: Debug + Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static>() {}

/// Data without fractions.
fn exact<T: Eq>() {}

/// Data that may be the key of a map.
fn key<T: Debug + Clone + Eq + Hash + Serialize + DeserializeOwned + Send + Sync + 'static>() {}

/// What goes wrong: it can be compared where no foreign error is in it, and passed on.
fn error<T: Error + Send + Sync + 'static>() {}

/// A connection, a running task or a setting of one: it can be moved to another thread.
fn handle<T: Debug + Send + 'static>() {}

macro_rules! check {
    ($($check:ident: $($of:ty),+ $(,)?;)+) => {
        $($($check::<$of>();)+)+
    };
}

#[test]
fn public_types_implement_what_their_users_expect() {
    check! {
        key: model::InviteCode, model::InviteLink, model::GuildId, model::ChannelId, model::UserId,
            model::RoleId, model::EventId, model::ApplicationId, model::MessageId,
            model::AuditLogEntryId, model::ShardId, model::Timestamp, model::Invite,
            model::InviteGuild, model::InviteChannel, model::InviteRole, model::InviteStage,
            model::InviteApplication, model::ScheduledEvent, model::User, model::Member,
            model::PartialInvite, model::Event, model::Frame, model::RawFrame, model::Envelope,
            model::Ready, model::GuildCreate, model::GuildDelete, model::ChannelEvent,
            model::InviteCreate, model::InviteDelete, model::MemberAdd, model::MemberUpdate,
            model::MemberRemove, model::AuditLogEntryEvent, model::AuditLog, model::AuditLogEntry,
            model::AuditChange, model::AuditAction, model::InviteAudit, model::MemberSearch,
            model::SearchedMember, model::JoinDetails, model::JoinSource, model::MemberSupplemental,
            model::Vanity, model::Widget, model::MembersChunk, model::Incidents,
            model::TargetUsersJob, model::JobStatus, model::ApiErrorBody, model::FieldError,
            model::Recipient, model::FoundInvite, model::Disguise, model::Expiry, model::Remaining,
            model::Field<u64>, model::InviteFlags, model::InviteKind, model::TargetType,
            model::MemberFlags, model::ImageFormat, model::ImageSize, model::PayloadKind,
            model::PathSegment;
        key: tracker::JoinKey, tracker::Origin, client::MemberQuery,
            ledger::Partition, ledger::Epoch, ledger::Claim, client::Reason, client::RoleIds,
            client::TargetUsers, client::MaxAge, client::Cause, ledger::Label;
        data: tracker::Attribution, tracker::Certainty, tracker::Candidate, tracker::Evidence,
            tracker::Record, tracker::Join, tracker::Leave, tracker::InviteRecord, tracker::Gap,
            tracker::GuildChange, tracker::GuildState, tracker::Config, tracker::Request,
            tracker::Response, tracker::Failure, tracker::MemberPage, tracker::Stats,
            tracker::PartChange, tracker::HttpRequest;
        data: client::Done<model::Invite>, client::AnswerError, client::GatewayBot,
            client::SavedSession, client::Shards, client::ShardRange, client::RawAnswer,
            client::Guild, client::GuildSummary, client::Channel, client::Application,
            client::Role, client::Overwrite, client::SessionStartLimit;
        data: ledger::JoinRow, ledger::InviteRow, ledger::InviterRow, ledger::GapRow,
            ledger::GuildRow, ledger::SeriesRow, ledger::Totals, ledger::Committed,
            ledger::Position, ledger::GuildInfo, ledger::Scope, ledger::Page,
            ledger::Change, ledger::Changes, ledger::ChangeFilter, ledger::News, ledger::Accuracy,
            ledger::LabelRow, ledger::JoinFact, ledger::Forgotten, ledger::InviterProfile,
            ledger::ProfileLimits, ledger::Burst, ledger::BurstLimits, ledger::RetentionQuestion,
            ledger::RetentionRow, ledger::Kept, ledger::TreeQuestion, ledger::TreePage,
            ledger::TreeNode, ledger::Bucket;
        data: service::Attributed, service::Status, service::ShardStatus, service::Report,
            service::Trouble, service::Affected;
        exact: tracker::Response, tracker::Failure, model::AnyPayload, model::Content;
        error: model::DecodeError, model::CodeError, model::IdError, model::LinkError,
            model::TimestampError, model::ShardError, model::ImageError, tracker::StateError,
            client::ApiError, client::BuildError, client::TokenError, client::GatewayError,
            client::TransportError, client::OauthError, ledger::LedgerError,
            service::ServiceError, service::StartError, service::WaitError;
        handle: model::Cache, model::Decoder, model::InviteBuilder, tracker::Tracker,
            client::Client, client::ClientBuilder, client::Gateway, client::GatewayConfig,
            client::Token, ledger::SqliteLedger,
            service::Discord, service::Running, service::Attributions, service::Frames,
            service::Feed;
    }
}

#[test]
fn what_is_read_keeps_the_rules_of_its_type() {
    use client::MemberQuery;
    use ledger::Partition;

    let partition = Partition::new(3, 8).unwrap();
    let json = serde_json::to_string(&partition).unwrap();
    assert_eq!(json, "[3,8]");
    assert_eq!(serde_json::from_str::<Partition>(&json).unwrap(), partition);
    for json in ["[8,8]", "[0,0]", "[-1,8]"] {
        assert!(serde_json::from_str::<Partition>(json).is_err(), "{json}");
    }

    for json in [
        r#"{"first":1,"last":0,"total":8}"#,
        r#"{"first":0,"last":8,"total":8}"#,
    ] {
        assert!(serde_json::from_str::<client::ShardRange>(json).is_err());
    }
    for json in [r#"{"width":0,"origin":0}"#, r#"{"width":-1,"origin":0}"#] {
        assert!(serde_json::from_str::<ledger::Bucket>(json).is_err());
    }
    let cause = r#"{"kind":"other","text":"two\nlines"}"#;
    let cause: client::Cause = serde_json::from_str(cause).unwrap();
    assert!(!cause.text.contains('\n'), "{cause:?}");

    let user = |number| model::UserId::new_checked(number).unwrap();
    let query = MemberQuery::users([user(1), user(2)]).unwrap();
    let json = serde_json::to_string(&query).unwrap();
    assert_eq!(json, r#"{"users":["1","2"]}"#);
    assert_eq!(serde_json::from_str::<MemberQuery>(&json).unwrap(), query);
    let eleven = serde_json::to_string(&(1..=11).map(user).collect::<Vec<_>>()).unwrap();
    for json in [
        format!(r#"{{"users":{eleven}}}"#),
        r#"{"users":[]}"#.to_owned(),
    ] {
        assert!(
            serde_json::from_str::<MemberQuery>(&json).is_err(),
            "{json}"
        );
    }
}
