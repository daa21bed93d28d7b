//! Round trips through serializers of every sort: text, values, buffers behind `flatten`,
//! `tag` and `untagged`, and binary formats with and without descriptions.

#![expect(clippy::unwrap_used, reason = "a test stops at what is wrong")]

mod stored;
// Here, because tests of the model are compiled with optimizations, which takes minutes.
#[path = "../../../model/tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::fmt::Debug;

use bytes::Bytes;
use guestlist::model::{
    ApiErrorBody, AuditAction, AuditChange, AuditLogEntry, AuditLogEntryEvent, Decoder, Disguise,
    Envelope, Event, Expiry, Field, FoundInvite, Frame, GuildCreate, GuildDelete, GuildId,
    ImageFormat, ImageSize, Incidents, Invite, InviteCode, InviteCreate, InviteDelete, InviteFlags,
    InviteGuild, InviteKind, InviteLink, InviteStage, JobStatus, JoinSource, Member, MemberAdd,
    MemberFlags, MemberRemove, MemberSearch, PartialInvite, PayloadKind, RawFrame, Ready,
    Remaining, ShardId, TargetType, TargetUsersJob, Timestamp, User, Vanity, Widget, find_invites,
};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support::{config, invite, keys};

/// One of everything, so that each format is compiled for one type.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
enum Any {
    ApiErrorBody(ApiErrorBody),
    AuditAction(AuditAction),
    Code(InviteCode),
    Disguise(Disguise),
    Envelope(Envelope),
    Event(Event),
    Expiry(Expiry),
    Field(Field<Timestamp>),
    Found(FoundInvite),
    Frame(Frame),
    Guild(InviteGuild),
    GuildId(GuildId),
    Ids(BTreeMap<GuildId, Timestamp>),
    ImageFormat(ImageFormat),
    ImageSize(ImageSize),
    Incidents(Incidents),
    Invite(Invite),
    InviteFlags(InviteFlags),
    InviteKind(InviteKind),
    Job(TargetUsersJob),
    JobStatus(JobStatus),
    JoinSource(JoinSource),
    Link(InviteLink),
    Member(Member),
    MemberFlags(MemberFlags),
    Partial(PartialInvite),
    PayloadKind(PayloadKind),
    RawFrame(RawFrame),
    Remaining(Remaining),
    Search(MemberSearch),
    Stage(InviteStage),
    TargetType(TargetType),
    Timestamp(Timestamp),
    User(User),
    Vanity(Vanity),
    Widget(Widget),
}

/// The same, buffered by serde before it is read.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Buffered {
    before: u8,
    #[serde(flatten)]
    any: Any,
}

/// Through one format each way.
fn text<T: Debug + DeserializeOwned + PartialEq + Serialize>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
    let json = serde_json::to_value(value).unwrap();
    assert_eq!(json, serde_json::from_str::<Value>(&text).unwrap());
    assert_eq!(&serde_json::from_value::<T>(json).unwrap(), value, "{text}");
}

fn message_pack<T: Debug + DeserializeOwned + PartialEq + Serialize>(value: &T) {
    let named = rmp_serde::to_vec_named(value).unwrap();
    assert_eq!(&rmp_serde::from_slice::<T>(&named).unwrap(), value);
}

fn cbor<T: Debug + DeserializeOwned + PartialEq + Serialize>(value: &T) {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    assert_eq!(
        &ciborium::from_reader::<T, _>(bytes.as_slice()).unwrap(),
        value
    );
}

fn everywhere(any: Any) {
    text(&any);
    message_pack(&any);
    cbor(&any);
    let bytes = rmp_serde::to_vec(&any).unwrap();
    assert_eq!(rmp_serde::from_slice::<Any>(&bytes).unwrap(), any);
    let bytes = postcard::to_allocvec(&any).unwrap();
    assert_eq!(postcard::from_bytes::<Any>(&bytes).unwrap(), any);
    let buffered = Buffered { before: 1, any };
    text(&buffered);
    message_pack(&buffered);
    cbor(&buffered);
}

/// An invite in every place that serde treats specially.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Placed {
    its_own_first: u8,
    #[serde(flatten)]
    flat: Invite,
    its_own_internal: Internal,
    its_own_adjacent: Adjacent,
    its_own_untagged: Vec<Untagged>,
    its_own_option: Option<Invite>,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "its_own_tag")]
enum Internal {
    Invite(Invite),
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "tag", content = "content")]
enum Adjacent {
    Invite(Invite),
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(untagged)]
enum Untagged {
    Number(u8),
    Invite(Invite),
}

fn placed(invite: &Invite) -> Placed {
    Placed {
        its_own_first: 1,
        flat: invite.clone(),
        its_own_internal: Internal::Invite(invite.clone()),
        its_own_adjacent: Adjacent::Invite(invite.clone()),
        its_own_untagged: vec![Untagged::Number(3), Untagged::Invite(invite.clone())],
        its_own_option: Some(invite.clone()),
    }
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn an_invite_goes_through_every_serializer(value in invite()) {
        let invite = Invite::from_slice(value.to_string().as_bytes()).unwrap();
        everywhere(Any::Invite(invite.clone()));
        // What a program sees that knows nothing of us.
        prop_assert_eq!(&serde_json::to_value(&invite).unwrap(), &value);
        let placed = placed(&invite);
        let json = serde_json::to_value(&placed).unwrap();
        for (key, value) in value.as_object().unwrap() {
            prop_assert_eq!(&json[key], value);
        }
        text(&placed);
        message_pack(&placed);
        cbor(&placed);
    }

    #[test]
    fn parts_of_invites_go_through_every_serializer(map in keys()) {
        let text = Value::from(map).to_string();
        everywhere(Any::Partial(PartialInvite::from_slice(text.as_bytes()).unwrap()));
    }
}

#[test]
fn text_formats_keep_what_a_value_cannot_hold() {
    for text in [
        r#"{"code":"abc","uses":1e999,"x":123456789012345678901234567890,"y":"\ud83d"}"#,
        r#"{"code":"abc","x":1.0,"y":1e3,"z":-0}"#,
    ] {
        let invite: Invite = serde_json::from_str(text).unwrap();
        assert_eq!(invite.to_json().len(), text.len(), "{}", invite.to_json());
        for key in ["uses", "x", "y", "z"] {
            let kept = invite.get(key);
            assert!(kept.is_none_or(|kept| text.contains(&*kept)), "{key}");
        }
        // Binary formats hold the text as well.
        let packed = postcard::to_allocvec(&invite).unwrap();
        let again: Invite = postcard::from_bytes(&packed).unwrap();
        assert_eq!(again.to_json(), invite.to_json());
    }
}

#[test]
fn a_key_that_is_there_twice_is_written_once() {
    let text = r#"{"code":"abc","x":1,"x":2,"guild":{"id":"1","name":"a","name":"b"}}"#;
    let invite: Invite = text.parse().unwrap();
    let written = serde_json::to_string(&invite).unwrap();
    assert_eq!(written.matches("\"x\"").count(), 1, "{written}");
    assert_eq!(written.matches("\"name\"").count(), 1, "{written}");
    let value: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(value, serde_json::from_str::<Value>(text).unwrap());
}

#[test]
fn a_hostile_key_of_serde_json_is_only_a_key() {
    let text = r#"{"$serde_json::private::RawValue":"{\"code\":\"evil\"}","code":"abc"}"#;
    let invite: Invite = serde_json::from_str(text).unwrap();
    assert_eq!(invite.code(), "abc");
    // Behind the others as well.
    let text = r#"{"code":"abc","$serde_json::private::RawValue":7}"#;
    let invite: Invite = serde_json::from_str(text).unwrap();
    assert_eq!(invite.code(), "abc");
}

#[test]
fn an_error_names_the_place_within_the_invite() {
    let error = serde_json::from_str::<Placed>(
        r#"{"its_own_first":1,"its_own_option":{"code":"abc","guild":{"id":"0"}}}"#,
    );
    let error = error.unwrap_err().to_string();
    assert!(error.contains("$.guild.id"), "{error}");
    assert!(serde_json::from_str::<Invite>("7").is_err());
    assert!(serde_json::from_str::<Invite>("\"abc\"").is_err());
    assert!(rmp_serde::from_slice::<Invite>(&[0xc3]).is_err());
    assert!(postcard::from_bytes::<Invite>(&[3, b'a', b'b', b'c']).is_err());
}

#[test]
fn entities_and_what_is_kept_as_text() {
    let user: User = r#"{"username":"\u0061lien","id":"30","new":[1,null,{"x":2.5}]}"#
        .parse()
        .unwrap();
    everywhere(Any::User(user));
    everywhere(Any::Guild(InviteGuild::new(
        "10".parse().unwrap(),
        "Alien Network",
    )));
    everywhere(Any::Stage(InviteStage::new("diet")));
}

fn event(name: &str, data: &Value) -> Event {
    Event::from_parts(name, data.to_string().as_bytes()).unwrap()
}

#[test]
fn events() {
    let user = json!({"id": "30", "username": "alien"});
    let entry = json!({"id": "9", "user_id": "1", "action_type": 40, "guild_id": "10",
        "changes": [{"key": "code", "new_value": "abc"}]});
    for (name, data) in [
        (
            "READY",
            json!({"user": user, "session_id": "s", "shard": [0, 2], "guilds": [{"id": "10"}]}),
        ),
        ("RESUMED", json!({})),
        (
            "GUILD_CREATE",
            json!({"id": "10", "name": "a", "features": ["X"], "vanity_url_code": null,
            "joined_at": "2023-07-15T18:30:11.047000+00:00",
            "channels": [{"id": "20", "type": 0, "name": "hall", "topic": "x"}]}),
        ),
        ("GUILD_UPDATE", json!({"id": "10", "vanity_url_code": "x"})),
        ("GUILD_DELETE", json!({"id": "10", "unavailable": true})),
        (
            "INVITE_CREATE",
            json!({"code": "abc", "guild_id": "10", "inviter": user}),
        ),
        ("INVITE_DELETE", json!({"code": "abc", "channel_id": "20"})),
        (
            "GUILD_MEMBER_ADD",
            json!({"guild_id": "10", "user": user, "roles": ["5"], "flags": 1u64 << 40}),
        ),
        (
            "GUILD_MEMBER_UPDATE",
            json!({"guild_id": "10", "user": user, "nick": "n"}),
        ),
        (
            "GUILD_MEMBER_REMOVE",
            json!({"guild_id": "10", "user": user}),
        ),
        ("GUILD_AUDIT_LOG_ENTRY_CREATE", entry),
        ("MESSAGE_CREATE", json!({"id": "1"})),
    ] {
        let event = event(name, &data);
        everywhere(Any::Event(event.clone()));
        let frame = json!({"t": name, "s": 7, "op": 0, "d": data}).to_string();
        let frame = Decoder::new().frame(frame.as_bytes()).unwrap().unwrap();
        assert_eq!(frame.event, event);
        everywhere(Any::Frame(frame));
    }
}

#[test]
fn frames_as_they_came() {
    for bytes in [
        &br#"{"op":0,"s":7,"t":"GUILD_DELETE","d":{"id":"3"}}"#[..],
        b"\xff\x00",
        b"",
    ] {
        everywhere(Any::RawFrame(RawFrame::new(
            ShardId::new(1, 2).unwrap(),
            Bytes::copy_from_slice(bytes),
        )));
        everywhere(Any::Envelope(Envelope::read(bytes)));
    }
}

#[test]
fn numbers_names_and_flags() {
    for number in [-1, 0, 1, 2, 3, 4, 9, 300] {
        everywhere(Any::InviteKind(InviteKind::from(number)));
        everywhere(Any::TargetType(TargetType::from(number)));
        everywhere(Any::JoinSource(JoinSource::from(number)));
        everywhere(Any::JobStatus(JobStatus::from(number)));
        assert_eq!(
            serde_json::to_value(InviteKind::from(number)).unwrap(),
            number
        );
    }
    everywhere(Any::InviteFlags(InviteFlags::from_bits_retain(u64::MAX)));
    everywhere(Any::MemberFlags(MemberFlags::DID_REJOIN));
    everywhere(Any::AuditAction(AuditAction::INVITE_CREATE));
    everywhere(Any::PayloadKind(PayloadKind::InviteList));
    assert_eq!(
        serde_json::to_value(PayloadKind::InviteList).unwrap(),
        "invite-list"
    );
    everywhere(Any::Disguise(Disguise::MASKED));
    everywhere(Any::ImageSize(ImageSize::new(64).unwrap()));
    everywhere(Any::ImageFormat(ImageFormat::Webp));
    for id in [1, u64::MAX] {
        everywhere(Any::GuildId(GuildId::new_checked(id).unwrap()));
    }
    everywhere(Any::Ids(BTreeMap::from([(
        GuildId::new_checked(7).unwrap(),
        Timestamp::from_secs(1),
    )])));
    for micros in [0, -1, 1_690_050_611_047_001] {
        everywhere(Any::Timestamp(Timestamp::from_micros(micros)));
    }
    for field in [
        Field::Absent,
        Field::Null,
        Field::Value(Timestamp::from_secs(1)),
    ] {
        everywhere(Any::Field(field));
    }
    for expiry in [
        Expiry::Never,
        Expiry::Unknown,
        Expiry::At(Timestamp::from_secs(1)),
    ] {
        everywhere(Any::Expiry(expiry));
    }
    for remaining in [Remaining::Unlimited, Remaining::Unknown, Remaining::Left(3)] {
        everywhere(Any::Remaining(remaining));
    }
}

#[test]
fn codes_and_links() {
    let link: InviteLink = "discord.gg/abc?event=7".parse().unwrap();
    everywhere(Any::Link(link.clone()));
    everywhere(Any::Code(link.into_code()));
    let found = find_invites("[x](https://discord.gg/abc)").next().unwrap();
    everywhere(Any::Found(found));
}

#[test]
fn answers_of_the_api() {
    let at = Timestamp::from_secs(1_690_050_611);
    everywhere(Any::Vanity(Vanity::new(Some("abc".parse().unwrap()), None)));
    everywhere(Any::Incidents(Incidents::default()));
    everywhere(Any::Widget(
        Widget::from_slice(br#"{"id":"1","presence_count":3}"#).unwrap(),
    ));
    everywhere(Any::Job(
        TargetUsersJob::from_slice(br#"{"status":1,"total_users":5}"#).unwrap(),
    ));
    everywhere(Any::ApiErrorBody(
        ApiErrorBody::from_slice(br#"{"code":50035,"message":"x"}"#).unwrap(),
    ));
    everywhere(Any::Search(
        MemberSearch::from_slice(
            br#"{"members":[{"member":{"user":{"id":"1"}},"join_source_type":5,
                "source_invite_code":"abc"}],"total_result_count":1}"#,
        )
        .unwrap(),
    ));
    let member = Member::new(User::new("30".parse().unwrap(), "alien")).with_joined_at(at);
    everywhere(Any::Member(member.clone()));
    everywhere(Any::Event(Event::MemberAdd(MemberAdd::new(
        "10".parse().unwrap(),
        member,
    ))));
}

#[test]
fn what_a_test_makes_is_what_discord_sends() {
    let user = || User::new("30".parse().unwrap(), "alien");
    let guild: GuildId = "10".parse().unwrap();
    for (made, name, sent) in [
        (
            Event::from(MemberAdd::new(guild, Member::new(user()))),
            "GUILD_MEMBER_ADD",
            json!({"guild_id": "10", "user": {"id": "30", "username": "alien"}}),
        ),
        (
            MemberRemove::new(guild, user()).into(),
            "GUILD_MEMBER_REMOVE",
            json!({"guild_id": "10", "user": {"id": "30", "username": "alien"}}),
        ),
        (
            InviteDelete::new(guild, "20".parse().unwrap(), "abc".parse().unwrap()).into(),
            "INVITE_DELETE",
            json!({"guild_id": "10", "channel_id": "20", "code": "abc"}),
        ),
        (
            InviteCreate::from(
                Invite::builder("abc".parse().unwrap())
                    .guild_id(guild)
                    .uses(0)
                    .build(),
            )
            .into(),
            "INVITE_CREATE",
            json!({"code": "abc", "guild_id": "10", "uses": 0}),
        ),
        (
            GuildDelete::new(guild, false).into(),
            "GUILD_DELETE",
            json!({"id": "10"}),
        ),
        (
            Event::GuildUpdate(GuildCreate::new(guild)),
            "GUILD_UPDATE",
            json!({"id": "10"}),
        ),
        (
            Ready::new(user(), "s").into(),
            "READY",
            json!({"user": {"id": "30", "username": "alien"}, "session_id": "s"}),
        ),
        (
            AuditLogEntryEvent::new(guild, {
                let mut entry =
                    AuditLogEntry::new("9".parse().unwrap(), AuditAction::INVITE_CREATE);
                entry
                    .changes
                    .push(AuditChange::new("code", None, Some("\"abc\"")));
                entry
            })
            .into(),
            "GUILD_AUDIT_LOG_ENTRY_CREATE",
            json!({"guild_id": "10", "id": "9", "action_type": 40,
                "changes": [{"key": "code", "new_value": "abc"}]}),
        ),
    ] {
        assert_eq!(made, event(name, &sent));
    }
}
