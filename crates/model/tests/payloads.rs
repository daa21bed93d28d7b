//! Payloads that others recorded or documented, read from `../shared/payloads` beside the
//! workspace. Where that folder is not there, the inline samples below still are.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at what is wrong"
)]

use std::path::PathBuf;

use guestlist_model::{
    AnyPayload, Content, Event, Expiry, Field, Invite, InviteFlags, InviteKind, JoinSource,
    MemberFlags, MemberSearch, PayloadKind, Remaining, TargetType, decode_any, json,
};

fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/payloads");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} is not there", folder.display());
    None
}

/// The bytes of the payload with this number.
fn payload(number: u32) -> Option<Vec<u8>> {
    let prefix = format!("{number:02}-");
    for entry in std::fs::read_dir(folder()?).unwrap() {
        let path = entry.unwrap().path();
        if path
            .file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with(&prefix)
        {
            return Some(std::fs::read(path).unwrap());
        }
    }
    panic!("no payload {number}");
}

/// Decodes a payload by its shape and checks that nothing is lost.
fn decoded(number: u32) -> Option<AnyPayload> {
    let json = payload(number)?;
    let payload = decode_any(None, &json).unwrap_or_else(|error| panic!("{number}: {error}"));
    let original: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(payload.to_value(), original, "{number}");
    assert!(payload.is_lossless());
    Some(payload)
}

fn invite(number: u32) -> Option<Invite> {
    let payload = decoded(number)?;
    Some((*payload.invites().first().unwrap()).clone())
}

fn at(text: &str) -> Expiry {
    Expiry::At(text.parse().unwrap())
}

#[test]
fn every_payload_is_of_the_kind_the_index_says_and_decodes_without_loss() {
    let Some(folder) = folder() else { return };
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.ends_with(".json") {
            continue;
        }
        count += 1;
        let json = std::fs::read(&path).unwrap();
        let original: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(
            json::to_value(std::str::from_utf8(&json).unwrap()).unwrap(),
            original
        );
        // What comes after the number and before the source.
        let kind = match &name[3..] {
            it if it.starts_with("rest-invite-list") => PayloadKind::InviteList,
            it if it.starts_with("rest-invite") => PayloadKind::Invite,
            it if it.starts_with("fragment-invite-metadata") => PayloadKind::InviteMetadata,
            it if it.starts_with("fragment-stage") => PayloadKind::Stage,
            it if it.starts_with("fragment-channel") => PayloadKind::Channel,
            it if it.starts_with("gateway-invite-create-body") => PayloadKind::InviteCreate,
            it if it.starts_with("gateway-guild-member-add-body") => PayloadKind::MemberAdd,
            it if it.starts_with("gateway-") => PayloadKind::Frame,
            it if it.starts_with("rest-vanity") => PayloadKind::Vanity,
            it if it.starts_with("rest-widget") => PayloadKind::Widget,
            it if it.starts_with("audit-log-entry") => PayloadKind::AuditLogEntry,
            it if it.starts_with("rest-audit-log") => PayloadKind::AuditLog,
            it if it.starts_with("rest-target-users") => PayloadKind::TargetUsersJob,
            it if it.starts_with("rest-error") => PayloadKind::ApiError,
            it if it.starts_with("rest-member-supplemental") => PayloadKind::MemberSupplemental,
            it if it.contains("search-not-indexed") => PayloadKind::MemberSearch,
            it if it.starts_with("rest-incidents") => PayloadKind::Incidents,
            it => panic!("{it} is of a kind that is new here"),
        };
        assert_eq!(PayloadKind::detect(&json).unwrap(), Some(kind), "{name}");
        match decode_any(None, &json) {
            Ok(payload) => {
                assert!(payload.is_lossless(), "{name}");
                assert!(payload.failed().is_empty(), "{name}");
                println!("{name}: {}", payload.summary());
            }
            Err(error) => {
                assert!(name.ends_with("-no-user.json"), "{name}: {error}");
                assert_eq!(error.path(), "$.d.user", "{name}");
            }
        }
    }
    assert!(count > 50, "only {count} payloads");
}

#[test]
fn rest_invites_say_what_the_index_expects() {
    let Some(watch) = invite(7) else { return };
    assert_eq!(watch.target_type(), Some(TargetType::EmbeddedApplication));
    assert_eq!(watch.approximate_member_count(), Field::Value(100));
    assert_eq!(watch.approximate_presence_count(), Field::Value(99));
    let application = watch.target_application().unwrap();
    assert_eq!(application.bot().unwrap().name(), "Watch Together");
    assert_eq!(application.max_participants(), Some(-1));
    assert_eq!(watch.extra("is_nickname_changeable"), Some("true"));
    assert_eq!(watch.expiry(), at("2023-07-22T18:30:11Z"));
    assert_eq!(watch.uses(), None);
    assert_eq!(watch.is_vanity(), Some(false));

    let meta = invite(8).unwrap();
    assert_eq!((meta.uses(), meta.max_uses()), (Some(0), Some(0)));
    assert_eq!(meta.remaining_uses(), Remaining::Unlimited);
    assert_eq!(meta.guild().unwrap().premium_tier(), Some(3));

    let stream = invite(9).unwrap();
    assert_eq!(stream.target_type(), Some(TargetType::Stream));
    assert_eq!(stream.target_user().unwrap().name(), "bob");
    assert_eq!(stream.expiry(), Expiry::Unknown);
    assert_eq!(invite(10).unwrap().kind(), InviteKind::Guild);

    let old = invite(11).unwrap();
    assert_eq!(old.target_type(), Some(TargetType::Stream));
    assert_eq!(old.target_user().unwrap().discriminator(), Some("#1234"));
    assert!(old.inviter().is_none());

    let empty = invite(12).unwrap();
    assert!(empty.guild().is_none() && empty.channel().is_none());
    assert!(empty.has("guild") && empty.has("channel"));

    let guest = invite(16).unwrap();
    assert!(guest.flags().contains(InviteFlags::GUEST));
    assert_eq!(guest.roles().len(), 1);
    assert_eq!(
        guest.role_ids().next().unwrap().get(),
        41_771_983_423_143_936
    );

    let friend = invite(17).unwrap();
    assert_eq!(friend.kind(), InviteKind::Friend);
    assert_eq!(friend.temporary(), None);
    assert!(friend.channel().is_none() && friend.has("channel"));

    let ids = invite(21).unwrap();
    assert_eq!(ids.guild_id().unwrap().get(), 42);
    assert_eq!(ids.channel_id().unwrap().get(), 202_020);

    assert_eq!(invite(22).unwrap().expiry(), at("2022-11-25T12:23:29.936Z"));
    assert_eq!(invite(22).unwrap().remaining_uses(), Remaining::Left(5));
    let unlimited = invite(23).unwrap();
    assert_eq!(
        (unlimited.expiry(), unlimited.uses()),
        (Expiry::Never, Some(42))
    );
    assert_eq!(unlimited.remaining_uses(), Remaining::Unlimited);
    let odd = invite(26).unwrap();
    assert_eq!(odd.kind(), InviteKind::Guild);
    assert_eq!(odd.channel().unwrap().kind(), Some(3));
    assert_eq!(odd.channel().unwrap().name(), None);
    assert_eq!(invite(27).unwrap().expiry(), at("2021-08-10T16:08:36.325Z"));
    assert_eq!(invite(30).unwrap().expiry(), at("2020-10-10T13:50:29.209Z"));
    assert_eq!(invite(32).unwrap().roles()[0].name(), None);

    let event = invite(33).unwrap();
    assert_eq!(event.scheduled_event().unwrap().name(), Some("none"));
    assert_eq!(
        event.link().to_string(),
        "https://discord.gg/123456?event=999999999999999999"
    );
    assert_eq!(invite(34).unwrap().expires_at(), Field::Null);
    assert_eq!(invite(36).unwrap().created_at().unwrap().as_micros(), 0);
    let listed = invite(37).unwrap();
    assert_eq!(listed.uses(), Some(6));
    assert_eq!(listed.extra("expire_at"), Some("null"));
    assert_eq!(listed.expires_at(), Field::Absent);
}

#[test]
fn fragments_and_answers_say_what_the_index_expects() {
    let Some(metadata) = decoded(13) else { return };
    let Content::InviteMetadata(metadata) = metadata.content() else {
        panic!()
    };
    assert_eq!(metadata.uses(), Some(0));
    let typo = decoded(14).unwrap();
    let Content::InviteMetadata(typo) = typo.content() else {
        panic!()
    };
    assert_eq!(typo.uses(), None);
    let stage = decoded(15).unwrap();
    let Content::Stage(stage) = stage.content() else {
        panic!()
    };
    assert_eq!(
        (stage.participant_count(), stage.member_count()),
        (Some(200), 1)
    );
    let dm = decoded(65).unwrap();
    let Content::Channel(dm) = dm.content() else {
        panic!()
    };
    assert_eq!(dm.recipients().len(), 1);
    let vanity = decoded(24).unwrap();
    let Content::Vanity(vanity) = vanity.content() else {
        panic!()
    };
    assert_eq!(vanity.uses, Some(42));
    let widget = decoded(62).unwrap();
    let Content::Widget(widget) = widget.content() else {
        panic!()
    };
    assert_eq!(widget.link().unwrap().code(), "alien");
    let job = decoded(63).unwrap();
    assert_eq!(
        job.summary(),
        "target users: failed, 41 of 100 processed: Failed to parse CSV file"
    );
    let error = decoded(64).unwrap();
    let Content::ApiError(error) = error.content() else {
        panic!()
    };
    let lines: Vec<_> = error
        .errors
        .iter()
        .map(|error| error.line().unwrap())
        .collect();
    assert_eq!(lines, [5, 6]);
    let supplemental = decoded(66).unwrap();
    let Content::MemberSupplemental(supplemental) = supplemental.content() else {
        panic!()
    };
    assert_eq!(supplemental.joined.source, JoinSource::Invite);
    assert_eq!(supplemental.joined.code.as_ref().unwrap(), "41i3n5");
    for (number, ms) in [(72, 15_000), (73, 2_000)] {
        let search = decoded(number).unwrap();
        let Content::MemberSearch(search) = search.content() else {
            panic!()
        };
        assert_eq!(*search, not_indexed(ms));
    }
    assert_eq!(
        decoded(76).unwrap().summary(),
        "invites are paused until 2023-09-01T14:48:02.222Z"
    );
    let log = decoded(56).unwrap();
    let Content::AuditLog(log) = log.content() else {
        panic!()
    };
    let changes: Vec<_> = log
        .entries
        .iter()
        .filter_map(|entry| Some((entry.action.number(), entry.invite_change()?)))
        .collect();
    assert_eq!(
        changes
            .iter()
            .map(|(action, _)| *action)
            .collect::<Vec<_>>(),
        [42, 40]
    );
    assert!(
        changes
            .iter()
            .all(|(_, change)| change.code.as_ref().unwrap() == "aAAaAAA")
    );
    assert!(changes.iter().all(|(_, change)| change.max_uses == Some(3)));
}

fn not_indexed(ms: u64) -> MemberSearch {
    let body = format!(
        r#"{{"code":110000,"message":"","retry_after":{}}}"#,
        ms / 1_000
    );
    MemberSearch::from_slice(body.as_bytes()).unwrap()
}

#[test]
fn events_say_what_the_index_expects() {
    let Some(body) = decoded(18) else { return };
    let event = |number| match decoded(number).unwrap().content() {
        Content::Event(event) => event.clone(),
        other => panic!("{number}: {other:?}"),
    };
    assert_eq!(body.invites()[0].role_ids().count(), 2);
    let Event::InviteCreate(widget) = event(28) else {
        panic!()
    };
    assert!(widget.inviter().is_none());
    let Event::InviteCreate(activity) = event(39) else {
        panic!()
    };
    assert_eq!(
        activity.target_type(),
        Some(TargetType::EmbeddedApplication)
    );
    assert_eq!(activity.expiry(), Expiry::Never);
    let Event::InviteCreate(temporary) = event(40) else {
        panic!()
    };
    assert_eq!(temporary.temporary(), Some(true));
    assert_eq!(temporary.expiry(), at("2020-03-02T02:59:58.827006Z"));
    let Event::InviteCreate(lost) = event(42) else {
        panic!()
    };
    assert_eq!(lost.guild_id(), None);
    let Event::InviteDelete(gone) = event(43) else {
        panic!()
    };
    assert_eq!(gone.code, "8e7tAJ2G");
    let Event::InviteDelete(gone) = event(44) else {
        panic!()
    };
    assert_eq!(gone.guild_id, None);
    let Event::MemberAdd(rejoin) = event(29) else {
        panic!()
    };
    assert!(rejoin.member.pending && rejoin.member.flags.contains(MemberFlags::DID_REJOIN));
    let Event::MemberAdd(bot) = event(47) else {
        panic!()
    };
    assert!(bot.member.user.is_bot());
    let Event::MemberAdd(plain) = event(45) else {
        panic!()
    };
    assert_eq!(plain.member.flags.bits(), 0);
    assert!(matches!(event(51), Event::MemberRemove(_)));
    assert!(matches!(event(52), Event::MemberUpdate(_)));
    let Event::AuditLogEntry(made) = event(55) else {
        panic!()
    };
    assert_eq!(made.entry.user_id.unwrap().get(), 300_000_000_000_000_000);
    assert_eq!(
        made.entry.invite_change().unwrap().code.unwrap(),
        "jZV8yJpj"
    );
    let Event::AuditLogEntry(other) = event(57) else {
        panic!()
    };
    assert_eq!(other.entry.invite_change(), None);
    assert_eq!(decoded(54).unwrap().summary(), "3 members, 1 bot");
    assert!(matches!(
        decoded(53).unwrap().content(),
        Content::ScheduledEvent(_)
    ));
}

#[test]
fn odd_shapes_are_decoded_without_loss() {
    for json in [
        // A group DM of 2023; recipients without ids.
        r#"{"type":1,"code":"gdm","expires_at":"2023-01-08T00:00:00+00:00","channel":{"id":"1","type":3,"name":null,"icon":null,"recipients":[{"username":"a"},{"username":"b"}]},"inviter":{"id":"2","username":"a"},"approximate_member_count":2}"#,
        r#"{"type":2,"code":"friend","channel":null,"inviter":{"id":"2","username":"a"},"is_contact":false,"friends_count":12,"flags":0}"#,
        r#"{"type":99999999999999999999999,"code":"a","flags":-1,"target_type":-7,"uses":1.0,"max_uses":1e2}"#,
        r#"{"code":"a","flags":18446744073709551616,"type":-1.5}"#,
        r#"{"code":"a","guild":{"id":5,"name":"\ud83d\udc7d \u0041"},"guild_id":5,"channel_id":"007"}"#,
        r#"{"code":"a","created_at":"2020-01-01T00:00:00.123456789+05:30","expires_at":"2020-01-01 00:00:00z"}"#,
        r#"{"code":"a","created_at":null,"uses":null,"guild":null,"roles":null,"role_ids":null,"inviter":null,"target_user":null,"flags":null,"type":null,"temporary":null,"approximate_member_count":null}"#,
        r#"{"code":"a","roles":[],"role_ids":[],"guild":{},"inviter":{},"target_user":{},"target_application":{},"guild_scheduled_event":{},"stage_instance":{}}"#,
        r#"{"code":"a","roles":[{"id":"1"},{}],"role_ids":[3,"4"]}"#,
        r#"{"\u0063ode":"\u0061","\u0075ses":3,"a\"b":{"c":[[[]]]},"":0}"#,
        r#"{"code":"a","uses":4294967296,"max_age":99999999999999999999,"max_uses":18446744073709551615}"#,
        r#"{"code":"a","uses":1,"uses":-1,"uses":7,"x":1,"x":2,"guild":{"id":"1"},"guild":{},"channel":{},"channel":{"id":"2"}}"#,
        r#"{"code":"a","uses":-1,"uses":null,"inviter":{"id":"1"},"inviter":null}"#,
    ] {
        let invite =
            Invite::from_slice(json.as_bytes()).unwrap_or_else(|error| panic!("{json}: {error}"));
        let original: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(invite.to_value(), original, "{json}");
        let again = Invite::from_slice(invite.to_json().as_bytes()).unwrap();
        assert_eq!(again, invite);
        let through_serde: Invite =
            serde_json::from_str(&serde_json::to_string(&invite).unwrap()).unwrap();
        assert_eq!(through_serde, invite);
    }
}

#[test]
fn what_cannot_be_held_is_kept_and_not_made_up() {
    let invite: Invite = r#"{"code":"a","type":-3,"uses":-1,"max_uses":4294967296,
        "max_age":1.5,"flags":9007199254740993,"approximate_member_count":-5}"#
        .parse()
        .unwrap();
    assert_eq!(invite.kind().number(), -3);
    assert_eq!(invite.uses(), None);
    assert_eq!(invite.max_uses(), Some(4_294_967_296));
    assert_eq!(invite.max_age(), None);
    assert_eq!(invite.flags().bits(), 9_007_199_254_740_993);
    assert_eq!(invite.expiry(), Expiry::Unknown);
    assert_eq!(invite.remaining_uses(), Remaining::Unknown);
    assert_eq!(invite.is_exhausted(), None);
    assert_eq!(invite.approximate_member_count(), Field::Absent);
    let duplicate: Invite = r#"{"code":"a","uses":-1,"uses":7,"guild":{"id":"1"},"guild":null}"#
        .parse()
        .unwrap();
    assert_eq!(duplicate.uses(), Some(7));
    assert_eq!(duplicate.guild_id(), None);
}

/// A number that its getter cannot return is still told apart from one that is absent or null.
#[test]
fn a_number_out_of_range_is_not_untold() {
    let typed = |invite: &Invite, key: &str| match key {
        "uses" => invite.uses(),
        "max_uses" => invite.max_uses(),
        "max_age" => invite.max_age(),
        "approximate_member_count" => invite.approximate_member_count().value(),
        _ => invite.approximate_presence_count().value(),
    };
    for key in [
        "uses",
        "max_uses",
        "max_age",
        "approximate_member_count",
        "approximate_presence_count",
    ] {
        for told in [
            "-1",
            "1.5",
            "18446744073709551616",
            "1e300",
            "1e999",
            "null",
        ] {
            let invite: Invite = format!(r#"{{"code":"a","{key}":{told}}}"#).parse().unwrap();
            assert_eq!(typed(&invite, key), None, "{key}: {told}");
            assert!(invite.has(key), "{key}: {told}");
            assert_eq!(invite.get(key).as_deref(), Some(told), "{key}");
            assert!(invite.to_json().contains(told), "{}", invite.to_json());
        }
        let untold: Invite = r#"{"code":"a"}"#.parse().unwrap();
        assert_eq!(
            (typed(&untold, key), untold.get(key)),
            (None, None),
            "{key}"
        );
        assert!(!untold.has(key), "{key}");
    }
}

#[test]
fn the_object_decides_if_an_id_beside_it_differs() {
    let json =
        r#"{"code":"a","guild_id":"1","guild":{"id":"2"},"channel":{"id":"4"},"channel_id":"3"}"#;
    let invite: Invite = json.parse().unwrap();
    assert_eq!(invite.guild_id().unwrap().get(), 2);
    assert_eq!(invite.channel_id().unwrap().get(), 4);
    // Both stay in the payload.
    assert_eq!(invite.get("guild_id").as_deref(), Some(r#""1""#));
    assert_eq!(invite.get("channel_id").as_deref(), Some(r#""3""#));
    let empty: Invite = json.replace(r#"{"id":"2"}"#, "{}").parse().unwrap();
    assert_eq!(empty.guild_id().unwrap().get(), 1);
}

#[test]
fn lone_surrogates_and_byte_order_marks_do_no_harm() {
    let json =
        "\u{feff}{\"code\":\"a\",\"guild\":{\"id\":\"1\",\"name\":\"\\ud800x\"},\"k\":\"\\udfff\"}";
    let invite: Invite = json.parse().unwrap();
    assert_eq!(invite.guild().unwrap().name(), Some("\u{fffd}x"));
    assert!(invite.to_json().contains("\\ud800x"));
    assert_eq!(invite.extra("k"), Some("\"\\udfff\""));
    assert!(decode_any(None, json.as_bytes()).unwrap().is_lossless());
}

/// The form of 2016, as <https://github.com/discordjs/discord.js/issues/370> shows it: types of
/// channels are texts, and some keys have other names.
#[test]
fn an_invite_of_2016_is_read_and_kept() {
    let json = r#"{"code":"0qwPf0WZWbvq6Qmg","xkcdpass":null,
        "guild":{"splash_hash":null,"id":"152871118972256256","name":"Tankerkiller125"},
        "channel":{"type":"text","id":"152871118972256256","name":"general"}}"#;
    let invite: Invite = json.parse().unwrap();
    assert_eq!(invite.channel().unwrap().kind(), Some(0));
    assert_eq!(invite.extra("xkcdpass"), Some("null"));
    let voice: Invite = json.replace("text", "voice").parse().unwrap();
    assert_eq!(voice.channel().unwrap().kind(), Some(2));
    let other: Invite = json.replace("text", "stage").parse().unwrap();
    assert_eq!(other.channel().unwrap().kind(), None);
    assert_eq!(other.channel().unwrap().get("type"), Some("\"stage\""));
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(invite.to_value(), value);
}

#[test]
fn an_object_without_an_id_names_no_other_guild() {
    let mut invite: Invite = r#"{"code": "abc", "guild": {"id": "1"}, "guild_id": "2"}"#
        .parse()
        .unwrap();
    invite.update(br#"{"guild": {"name": "Rust"}}"#).unwrap();
    assert_eq!(
        invite.to_value(),
        serde_json::json!({"code": "abc", "guild": {"id": "1", "name": "Rust"}, "guild_id": "2"})
    );
    invite.update(br#"{"guild": {"id": "3"}}"#).unwrap();
    assert_eq!(
        invite.to_value(),
        serde_json::json!({"code": "abc", "guild": {"id": "3"}}),
        "the id was that of another guild"
    );
}
