//! Events and answers in shapes that no recorded payload has.

use guestlist_model::{
    ApiErrorBody, AuditLogEntry, Event, Field, Incidents, JobStatus, JoinSource, MemberFlags,
    MemberSearch, ShardId, TargetUsersJob, Vanity,
};

#[test]
fn frames_come_in_any_order_and_some_carry_no_event() {
    let data = r#"{"code":"a","channel_id":"1"}"#;
    for frame in [
        format!(r#"{{"t":"INVITE_DELETE","s":7,"op":0,"d":{data}}}"#),
        format!(r#"{{"d":{data},"op":0,"s":7,"t":"INVITE_DELETE"}}"#),
        format!(r#"{{"op":0,"d":{data},"t":"INVITE_DELETE","s":7,"new":[1]}}"#),
    ] {
        let frame = Event::from_frame(frame.as_bytes()).unwrap().unwrap();
        assert_eq!(frame.sequence, Some(7));
        assert!(matches!(frame.event, Event::InviteDelete(gone) if gone.code == "a"));
    }
    for frame in [
        r#"{"op":11}"#,
        r#"{"op":10,"d":{"heartbeat_interval":1},"s":null,"t":null}"#,
        "{}",
    ] {
        assert!(
            Event::from_frame(frame.as_bytes()).unwrap().is_none(),
            "{frame}"
        );
    }
    let other = Event::from_frame(br#"{"t":"TYPING_START","s":1,"op":0,"d":{}}"#)
        .unwrap()
        .unwrap();
    assert!(matches!(other.event, Event::Other { name } if name == "TYPING_START"));
}

#[test]
fn errors_in_frames_name_the_path_whatever_the_order() {
    for (frame, path) in [
        (
            r#"{"t":"INVITE_CREATE","s":1,"op":0,"d":{"code":"a","inviter":{"id":"0"}}}"#,
            "$.d.inviter.id",
        ),
        (
            r#"{"d":{"code":"a","inviter":{"id":"0"}},"t":"INVITE_CREATE"}"#,
            "$.d.inviter.id",
        ),
        (
            r#"{"t":"INVITE_DELETE","op":0,"d":{"channel_id":"1"}}"#,
            "$.d.code",
        ),
        (
            r#"{"t":"GUILD_MEMBER_ADD","op":0,"d":{"user":{"id":"1"}}}"#,
            "$.d.guild_id",
        ),
        (
            r#"{"t":"GUILD_MEMBER_ADD","op":0,"d":{"guild_id":"1","user":{}}}"#,
            "$.d.user.id",
        ),
        (
            r#"{"t":"GUILD_MEMBER_ADD","op":0,"d":{"guild_id":"1","user":{"id":"2"},"roles":["x"]}}"#,
            "$.d.roles[0]",
        ),
        (r#"{"t":"GUILD_CREATE","op":0,"d":{"id":"0"}}"#, "$.d.id"),
        (r#"{"t":"GUILD_CREATE","op":0,"d":null}"#, "$.d"),
        (r#"{"t":"INVITE_CREATE","op":0}"#, "$.d"),
        (r#"{"t":"READY","op":0,"d":{"session_id":"x"}}"#, "$.d.user"),
    ] {
        let error = Event::from_frame(frame.as_bytes()).unwrap_err();
        assert_eq!(error.path(), path, "{frame}: {error}");
    }
}

#[test]
fn a_session_and_its_guilds() {
    let ready = Event::from_parts(
        "READY",
        br#"{"v":10,"user":{"id":"1","username":"bot","bot":true},
        "session_id":"s","resume_gateway_url":"wss://x","shard":[0,2],
        "guilds":[{"id":"10","unavailable":true},{"id":"11"}],"application":{"id":"1","flags":0}}"#,
    )
    .unwrap();
    let Event::Ready(ready) = ready else { panic!() };
    assert!(ready.user.is_bot());
    assert_eq!(
        (ready.shard, ready.guild_ids.len()),
        (Some(ShardId::new(0, 2).unwrap()), 2)
    );
    let guild = Event::from_parts("GUILD_CREATE", br#"{"id":"10","name":"g","features":["VANITY_URL"],
        "vanity_url_code":null,"member_count":3,"owner_id":"5","channels":[{"id":"1"}],"members":[{"x":{}}]}"#).unwrap();
    let Event::GuildCreate(guild) = guild else {
        panic!()
    };
    assert_eq!(guild.vanity_url_code, Field::Null);
    assert_eq!((guild.member_count, guild.unavailable), (Some(3), false));
    let gone = Event::from_parts("GUILD_DELETE", br#"{"id":"10"}"#).unwrap();
    assert!(matches!(gone, Event::GuildDelete(gone) if !gone.unavailable));
    assert_eq!(
        Event::from_parts("GUILD_DELETE", br#"{"id":"10","unavailable":true}"#)
            .unwrap()
            .guild_id()
            .unwrap()
            .get(),
        10
    );
}

#[test]
fn a_guest_has_not_joined() {
    let event = Event::from_parts(
        "GUILD_MEMBER_ADD",
        br#"{"guild_id":"1","user":{"id":"2"},"joined_at":null,
        "flags":16,"pending":null,"roles":null,"nick":"n\u00e9"}"#,
    )
    .unwrap();
    let Event::MemberAdd(join) = event else {
        panic!()
    };
    assert_eq!(join.member.joined_at, None);
    assert!(join.member.flags.contains(MemberFlags::IS_GUEST));
    assert_eq!(join.member.nick.as_deref(), Some("né"));
    assert!(!join.member.pending);
}

#[test]
fn members_found_by_search() {
    let search = MemberSearch::from_slice(br#"{"guild_id":"1","page_result_count":3,"total_result_count":30,"members":[
        {"member":{"user":{"id":"2","username":"a"},"joined_at":"2026-01-01T00:00:00Z","roles":[],"flags":0},
         "source_invite_code":"abc","join_source_type":5,"inviter_id":"3","integration_type":null},
        {"member":{"user":{"id":"4"},"joined_at":null},"source_invite_code":null,"join_source_type":77,"inviter_id":null},
        {"member":{"user":{"id":"5"}},"source_invite_code":"no code","join_source_type":6}
    ]}"#).unwrap();
    let MemberSearch::Found { members, total } = search else {
        panic!()
    };
    assert_eq!(total, Some(30));
    assert_eq!(members[0].joined.code.as_ref().unwrap(), "abc");
    assert_eq!(members[0].joined.inviter_id.unwrap().get(), 3);
    assert_eq!(members[1].joined.source.number(), 77);
    assert_eq!(
        (members[2].joined.source, &members[2].joined.code),
        (JoinSource::Vanity, &None)
    );
    let error = MemberSearch::from_slice(br#"{"members":[{"member":{}}]}"#).unwrap_err();
    assert_eq!(error.path(), "$.members[0].member.user");
    let error =
        MemberSearch::from_slice(br#"{"code":50013,"message":"Missing Permissions"}"#).unwrap_err();
    assert_eq!(error.path(), "$.members");
    let later =
        MemberSearch::from_slice(br#"{"code":110000,"message":"","retry_after":0.25}"#).unwrap();
    assert!(matches!(
        later,
        MemberSearch::NotIndexed {
            retry_after_ms: Some(250)
        }
    ));
}

#[test]
fn audit_entries_about_invites() {
    let revoked = AuditLogEntry::from_slice(br#"{"id":"1","user_id":"2","target_id":null,"action_type":42,"changes":[
        {"key":"code","old_value":"abc"},{"key":"inviter_id","old_value":"3"},{"key":"uses","old_value":7},
        {"key":"max_age","old_value":0},{"key":"temporary","old_value":true},{"key":"channel_id","old_value":"nonsense"}]}"#).unwrap();
    let change = revoked.invite_change().unwrap();
    assert_eq!(change.code.unwrap(), "abc");
    assert_eq!(
        (change.uses, change.max_age, change.temporary),
        (Some(7), Some(0), Some(true))
    );
    assert_eq!(change.channel_id, None);
    let bot =
        AuditLogEntry::from_slice(br#"{"id":"1","user_id":"2","target_id":9,"action_type":28}"#)
            .unwrap();
    assert_eq!(bot.target_user_id().unwrap().get(), 9);
    assert_eq!(bot.invite_change(), None);
    assert_eq!(
        AuditLogEntry::from_slice(br#"{"action_type":28}"#)
            .unwrap_err()
            .path(),
        "$.id"
    );
}

#[test]
fn errors_are_laid_out_flat() {
    let body = ApiErrorBody::from_slice(
        br#"{"code":50035,"message":"Invalid Form Body","errors":{
        "max_age":{"_errors":[{"code":"NUMBER_TYPE_MAX","message":"too large"}]},
        "role_ids":{"0":{"_errors":[{"code":"A","message":"b"},{"code":"C","message":"d"}]}},
        "_errors":[{"code":"TOP","message":"all of it"}],
        "odd":["just text"], "odder":7}}"#,
    )
    .unwrap();
    let flat: Vec<_> = body
        .errors
        .iter()
        .map(|it| (it.path.as_str(), it.code.as_str(), it.message.as_str()))
        .collect();
    assert_eq!(
        flat,
        [
            ("max_age", "NUMBER_TYPE_MAX", "too large"),
            ("role_ids.0", "A", "b"),
            ("role_ids.0", "C", "d"),
            ("", "TOP", "all of it"),
            ("odd", "", "just text"),
        ]
    );
    let limited = ApiErrorBody::from_slice(
        br#"{"message":"You are being rate limited.","retry_after":64.57,"global":true}"#,
    )
    .unwrap();
    assert_eq!(
        (limited.retry_after_ms, limited.global),
        (Some(64_570), true)
    );
    let odd = ApiErrorBody::from_slice(br#"{"code":"0","message":7,"errors":[]}"#).unwrap();
    assert_eq!(odd, ApiErrorBody::default());
    assert!(ApiErrorBody::from_slice(b"<html>").is_err());
}

#[test]
fn small_answers() {
    let unset = Vanity::from_slice(br#"{"code":null,"uses":0}"#).unwrap();
    assert_eq!((unset.code, unset.uses), (None, Some(0)));
    assert_eq!(
        Vanity::from_slice(br#"{"code":"a b"}"#).unwrap_err().path(),
        "$.code"
    );
    let job =
        TargetUsersJob::from_slice(br#"{"status":2,"total_users":3,"processed_users":3}"#).unwrap();
    assert_eq!(job.status, JobStatus::Completed);
    let free = Incidents::from_slice(br#"{"invites_disabled_until":null}"#).unwrap();
    assert_eq!(free.invites_disabled_until, None);
}
