//! What NAFF's `Invite` page offers, item by item (see docs/guide/naff.md), and what NAFF
//! gets wrong there.

#![expect(clippy::unwrap_used, reason = "a test stops at what is wrong")]

use std::time::Duration;

use guestlist_model::{
    Cache, Event, Expiry, Field, Invite, InviteKind, Remaining, TargetType, Timestamp,
    decode_invites,
};
use serde_json::json;

const INVITE: &str = r#"{
    "code": "jvuBeT38", "type": 0, "uses": 3, "max_uses": 8, "max_age": 86400, "temporary": true,
    "created_at": "2023-07-15T18:30:11.047000+00:00", "expires_at": "2023-07-16T18:30:11+00:00",
    "target_type": 2, "approximate_presence_count": 42, "approximate_member_count": 84,
    "guild": {"id": "10", "name": "Alien Network", "features": ["COMMUNITY"], "description": "hi"},
    "channel": {"id": "20", "type": 2, "name": "alien noises"},
    "inviter": {"id": "30", "username": "alien", "global_name": "Alien"},
    "target_user": {"id": "40", "username": "bob"},
    "target_application": {"id": "50", "name": "Watch Together", "description": "videos"},
    "guild_scheduled_event": {"id": "60", "name": "party", "scheduled_start_time": "2023-07-20T00:00:00Z"},
    "stage_instance": {"topic": "diet", "participant_count": 200, "speaker_count": 5, "members": []}
}"#;

fn invite() -> Invite {
    INVITE.parse().unwrap()
}

#[test]
fn attributes() {
    let invite = invite();
    assert_eq!(invite.code(), &"jvuBeT38");
    assert_eq!(invite.uses(), Some(3));
    assert_eq!(invite.max_uses(), Some(8));
    assert_eq!(invite.remaining_uses(), Remaining::Left(5));
    assert_eq!(invite.is_exhausted(), Some(false));
    assert_eq!(invite.max_age(), Some(86_400));
    assert_eq!(
        invite.created_at().unwrap().to_string(),
        "2023-07-15T18:30:11.047Z"
    );
    let now = Timestamp::parse("2023-07-15T19:30:11.047Z").unwrap();
    assert_eq!(invite.age(now), Some(Duration::from_secs(3_600)));
    assert_eq!(invite.temporary(), Some(true));
    assert_eq!(invite.target_type(), Some(TargetType::EmbeddedApplication));
    assert_eq!(invite.approximate_presence_count(), Field::Value(42));
    assert_eq!(invite.approximate_member_count(), Field::Value(84));
    assert_eq!(invite.scheduled_event().unwrap().id().get(), 60);
    assert_eq!(
        invite.expires_at().value().unwrap().to_string(),
        "2023-07-16T18:30:11Z"
    );
    assert!(matches!(invite.expiry(), Expiry::At(at) if at > now));
    assert_eq!(invite.is_expired(now), Some(false));
    assert_eq!(invite.stage_instance().unwrap().topic(), Some("diet"));
    assert_eq!(
        invite.target_application().unwrap().name(),
        Some("Watch Together")
    );
    assert_eq!(invite.guild().unwrap().name(), Some("Alien Network"));
    let guild = invite.guild_in(&Cache::new()).unwrap();
    assert_eq!(guild.name(), Some("Alien Network"));
}

#[test]
fn entities_from_the_cache() {
    let cache = Cache::new();
    cache.insert_invite(&invite());
    let bare: Invite = r#"{"code":"b","guild_id":"10","channel_id":"20",
        "inviter":{"id":"30","username":"old"},"target_user":{"id":"40","username":"old"}}"#
        .parse()
        .unwrap();
    assert_eq!(
        bare.channel_in(&cache).unwrap().name(),
        Some("alien noises")
    );
    assert_eq!(bare.guild_in(&cache).unwrap().name(), Some("Alien Network"));
    assert_eq!(bare.inviter().unwrap().name(), "old");
    assert_eq!(bare.inviter_id().unwrap().get(), 30);
    assert_eq!(bare.target_user().unwrap().name(), "old");
    assert_eq!(bare.inviter_in(&cache).unwrap().name(), "Alien");
    assert_eq!(bare.target_user_in(&cache).unwrap().name(), "bob");
}

#[test]
fn channels_from_the_gateway() {
    let cache = Cache::new();
    for (name, data) in [
        (
            "GUILD_CREATE",
            &br#"{"id":"10","name":"Alien Network","channels":[{"id":"20","type":2,"name":"noises"}]}"#[..],
        ),
        (
            "CHANNEL_CREATE",
            br#"{"id":"21","guild_id":"10","type":0,"name":"hall"}"#,
        ),
    ] {
        cache.insert_event(&Event::from_parts(name, data).unwrap());
    }
    for (json, name) in [
        (
            r#"{"code":"a","guild_id":"10","channel_id":"20"}"#,
            "noises",
        ),
        (r#"{"code":"b","guild_id":"10","channel_id":"21"}"#, "hall"),
    ] {
        let invite: Invite = json.parse().unwrap();
        assert!(invite.channel().is_none() && invite.channel_id().is_some());
        assert_eq!(invite.channel_in(&cache).unwrap().name(), Some(name));
        assert_eq!(
            invite.guild_in(&cache).unwrap().name(),
            Some("Alien Network")
        );
    }
    let gone = Event::from_parts("GUILD_DELETE", br#"{"id":"10"}"#).unwrap();
    cache.insert_event(&gone);
    assert!(cache.channel("20".parse().unwrap()).is_none());
}

/// Each row of the tables names a test that exists and calls the methods of the row.
#[test]
fn every_row_has_its_test() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let tests = [
        "crates/model/tests/naff.rs",
        "crates/client/tests/requests.rs",
        "crates/client/tests/sandbox.rs",
    ]
    .map(read)
    .concat();
    let table = read("docs/guide/naff.md");
    let rows: Vec<_> = table
        .lines()
        .filter(|line| {
            line.starts_with('|') && !line.starts_with("|---") && !line.starts_with("| NAFF")
        })
        .collect();
    assert!(rows.len() > 30, "{}", rows.len());
    for row in rows {
        let cell = row.trim_end_matches(['|', ' ']).rsplit('|').next().unwrap();
        let name = cell.trim().trim_matches('`');
        let (_, test) = tests
            .split_once(&format!("fn {name}("))
            .unwrap_or_else(|| panic!("{row}"));
        let (test, _) = test.split_once("\n}\n").unwrap();
        // The second column, except in the table of bugs, which has no such column.
        let ours = row.split('|').nth(2).filter(|ours| !ours.contains(name));
        for (at, _) in ours.unwrap_or_default().match_indices('(') {
            let method = ours.unwrap_or_default()[..at]
                .rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .next()
                .unwrap();
            assert!(
                method.is_empty() || test.contains(&format!("{method}(")),
                "{method} of {row}"
            );
        }
    }
}

#[test]
fn link_and_string() {
    assert_eq!(
        invite().link().to_string(),
        "https://discord.gg/jvuBeT38?event=60"
    );
    assert_eq!(invite().to_string(), "https://discord.gg/jvuBeT38?event=60");
    let plain: Invite = r#"{"code":"abc"}"#.parse().unwrap();
    assert_eq!(plain.to_string(), "https://discord.gg/abc");
}

#[test]
fn from_dict_and_from_list() {
    assert_eq!(Invite::from_slice(INVITE.as_bytes()).unwrap(), invite());
    let value = serde_json::from_str(INVITE).unwrap();
    assert_eq!(Invite::from_value(&value).unwrap(), invite());
    let cache = Cache::new();
    let list = decode_invites(format!("[{INVITE},{INVITE}]").as_bytes()).unwrap();
    assert_eq!(list.invites.len(), 2);
    for invite in &list.invites {
        cache.insert_invite(invite);
    }
    let inviter = list.invites[0].inviter_id().unwrap();
    assert_eq!(cache.user(inviter).unwrap().username(), Some("alien"));
    assert_eq!(cache.invite(list.invites[0].code()).unwrap(), invite());
}

#[test]
fn update_from_dict() {
    let mut invite = invite();
    invite
        .update(br#"{"uses":4,"expires_at":null,"inviter":{"id":"31","username":"x"}}"#)
        .unwrap();
    assert_eq!((invite.uses(), invite.max_uses()), (Some(4), Some(8)));
    assert_eq!(invite.expiry(), Expiry::Never);
    assert_eq!(invite.inviter_id().unwrap().get(), 31);
}

#[test]
fn to_dict() {
    let original: serde_json::Value = serde_json::from_str(INVITE).unwrap();
    assert_eq!(invite().to_value(), original);
    let written: serde_json::Value = serde_json::from_str(&invite().to_json()).unwrap();
    assert_eq!(written, original);
}

#[test]
fn events() {
    let created = Event::from_parts(
        "INVITE_CREATE",
        br#"{"code":"a","channel_id":"1","guild_id":"2","uses":0}"#,
    )
    .unwrap();
    assert!(matches!(&created, Event::InviteCreate(invite) if *invite.code() == "a"));
    let deleted = Event::from_parts(
        "INVITE_DELETE",
        br#"{"code":"a","channel_id":"1","guild_id":"2"}"#,
    )
    .unwrap();
    assert!(matches!(&deleted, Event::InviteDelete(gone) if gone.code == "a"));
    let cache = Cache::new();
    cache.insert_event(&created);
    assert!(cache.invite(&"a".parse().unwrap()).is_some());
    cache.insert_event(&deleted);
    assert!(cache.invite(&"a".parse().unwrap()).is_none());
}

// What NAFF gets wrong.

#[test]
fn the_application_and_the_stage_are_read_from_their_own_objects() {
    // NAFF hands the whole invite to both parsers.
    let invite = invite();
    let application = invite.target_application().unwrap();
    assert_eq!(
        (application.id().get(), application.description().value()),
        (50, Some("videos"))
    );
    assert_eq!(application.get("code"), None);
    let stage = invite.stage_instance().unwrap();
    assert_eq!(
        (stage.participant_count(), stage.get("code")),
        (Some(200), None)
    );
}

#[test]
fn the_target_user_is_filled() {
    assert_eq!(invite().target_user().unwrap().username(), Some("bob"));
}

#[test]
fn the_scheduled_event_is_read_from_the_key_that_discord_sends() {
    // NAFF looks for `target_event_id`, which no payload has.
    assert_eq!(invite().scheduled_event().unwrap().name(), Some("party"));
}

#[test]
fn a_null_channel_is_no_failure() {
    let friend: Invite =
        r#"{"code":"a","type":2,"channel":null,"inviter":{"id":"1","username":"u"}}"#
            .parse()
            .unwrap();
    assert_eq!(friend.kind(), InviteKind::Friend);
    assert!(friend.channel().is_none());
    assert_eq!(friend.to_value()["channel"], json!(null));
}

#[test]
fn decoding_leaves_its_input_alone() {
    // NAFF takes keys out of the payload it is given.
    let payload: serde_json::Value = serde_json::from_str(INVITE).unwrap();
    let before = payload.clone();
    let invite = Invite::from_value(&payload).unwrap();
    assert_eq!(payload, before);
    assert_eq!(invite.to_value(), before);
}

#[test]
fn one_odd_element_does_not_lose_a_list() {
    let json = br#"[{"code":"a"},{"code":"b","guild":{"id":"0"}},null,7,{"code":"c"},{}]"#;
    let list = decode_invites(json).unwrap();
    let codes: Vec<_> = list
        .invites
        .iter()
        .map(|invite| invite.code().as_str())
        .collect();
    assert_eq!(codes, ["a", "c"]);
    let failed: Vec<_> = list
        .failed
        .iter()
        .map(|(at, error)| (*at, error.path()))
        .collect();
    assert_eq!(
        failed,
        [
            (1, "$[1].guild.id".to_owned()),
            (2, "$[2]".to_owned()),
            (3, "$[3]".to_owned()),
            (5, "$[5].code".to_owned()),
        ]
    );
}

#[test]
fn what_is_not_told_is_not_made_up() {
    // NAFF says 0 uses, for ever, not temporary.
    let looked_up: Invite = r#"{"code":"a"}"#.parse().unwrap();
    assert_eq!(looked_up.uses(), None);
    assert_eq!(looked_up.max_age(), None);
    assert_eq!(looked_up.temporary(), None);
    assert_eq!(looked_up.expiry(), Expiry::Unknown);
    assert_eq!(looked_up.remaining_uses(), Remaining::Unknown);
    assert_eq!(looked_up.is_vanity(), None);
}
