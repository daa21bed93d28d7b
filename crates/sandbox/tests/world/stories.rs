//! Coming and going.

use guestlist_sandbox::{
    json,
    world::{
        Ending, Entry, EventKind, INVITE_CREATE, INVITE_DELETE, INVITE_IS_GUEST, MEMBER_DID_REJOIN,
        MEMBER_IS_GUEST, NewGuild, NewInvite, NewUser, Refusal, Via, World, WorldOptions,
        time::{self, SECOND},
    },
};
use serde_json::{Value, json};

use crate::{get, names, uses, world};

/// As INVITE_CREATE had it when somebody recorded it.
#[test]
fn an_invite_ends_at_a_whole_second() {
    let mut options = WorldOptions::seeded(11);
    options.start = time::parse("2025-03-19T11:40:31.885200+00:00").unwrap();
    let mut world = World::new(&options);
    let guild = world.guild_ids()[0];
    let week = NewInvite::default().max_age(604_800);
    let code = world.create_invite(guild, week).unwrap().code;
    let (_, invite) = get(&mut world, &format!("/invites/{code}"));
    assert_eq!(invite["expires_at"], "2025-03-26T11:40:31+00:00");
    let end = time::parse("2025-03-26T11:40:31Z").unwrap();
    world.advance_to(end - 1);
    assert_eq!(get(&mut world, &format!("/invites/{code}")).0, 200);
    world.advance_to(end);
    assert_eq!(get(&mut world, &format!("/invites/{code}")).0, 404);
}

#[test]
fn a_join_counts_and_the_last_one_ends_the_invite() {
    let (mut world, guild) = world();
    let code = world
        .create_invite(guild, NewInvite::default().max_uses(2))
        .unwrap()
        .code;
    assert_eq!(code.len(), 8);
    assert_eq!(uses(&mut world, guild, &code), Some(0));
    let first = world.accept_invite(&code, None).unwrap();
    assert_eq!(names(&first.effects), ["GUILD_MEMBER_ADD"]);
    assert_eq!(uses(&mut world, guild, &code), Some(1));
    world.quirks.delete_before_add = Some(true);
    let second = world.accept_invite(&code, None).unwrap();
    assert_eq!(
        names(&second.effects),
        ["INVITE_DELETE", "GUILD_MEMBER_ADD"]
    );
    assert_eq!(uses(&mut world, guild, &code), None);
    assert_eq!(
        world.accept_invite(&code, None).unwrap_err(),
        Refusal::UnknownInvite(code.clone())
    );
    let truth = world
        .true_invites()
        .into_iter()
        .find(|it| it.code == code)
        .unwrap();
    assert_eq!((truth.uses, truth.ending), (2, Some(Ending::Exhausted)));
    // Nobody revoked it, so the audit log knows of its creation only.
    let (_, log) = get(&mut world, &format!("/guilds/{guild}/audit-logs"));
    let actions: Vec<&Value> = log["audit_log_entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["action_type"])
        .collect();
    assert_eq!(actions, [&json!(INVITE_CREATE)]);
}

#[test]
fn expiry_is_silent() {
    let (mut world, guild) = world();
    let code = world
        .create_invite(guild, NewInvite::default().max_age(60))
        .unwrap()
        .code;
    assert!(world.advance(59 * SECOND).is_empty());
    assert_eq!(get(&mut world, &format!("/invites/{code}")).0, 200);
    assert!(world.advance(2 * SECOND).is_empty());
    let (status, error) = get(&mut world, &format!("/invites/{code}"));
    assert_eq!((status, &error["code"]), (404, &json!(10_006)));
    let log = &world.guild(guild).unwrap().audit;
    assert!(log.iter().all(|entry| entry.action == INVITE_CREATE));
}

#[test]
fn revocation_names_who_did_it() {
    let (mut world, guild) = world();
    let owner = world.guild(guild).unwrap().owner_id;
    let made = world
        .create_invite(guild, NewInvite::default().by(owner))
        .unwrap();
    assert_eq!(
        names(&made.effects),
        ["INVITE_CREATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    );
    let (_, effects) = world
        .revoke_invite(&made.code, Some(owner), Some(String::from("spam")))
        .unwrap();
    assert_eq!(
        names(&effects),
        ["INVITE_DELETE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    );
    let (_, entry) = json::dispatch(&world, &effects[1]);
    assert_eq!(entry["action_type"], INVITE_DELETE);
    assert_eq!(entry["user_id"], owner.to_string());
    assert_eq!(entry["target_id"], Value::Null);
    assert_eq!(entry["reason"], "spam");
    assert_eq!(
        entry["changes"][0],
        json!({"key": "code", "old_value": made.code})
    );
}

#[test]
fn the_vanity_link_counts_on_its_own() {
    let (mut world, guild) = world();
    let code = world.guild(guild).unwrap().vanity_code.clone().unwrap();
    let joined = world.accept_invite(&code.to_uppercase(), None).unwrap();
    assert_eq!(
        (joined.via, joined.code.as_deref()),
        (Via::Vanity, Some(code.as_str()))
    );
    assert_eq!(
        get(&mut world, &format!("/guilds/{guild}/vanity-url")),
        (200, json!({"code": code, "uses": 18}))
    );
    assert_eq!(uses(&mut world, guild, &code), None);
    let (_, invite) = get(&mut world, &format!("/invites/{code}"));
    assert_eq!(
        (&invite["inviter"], &invite["expires_at"]),
        (&Value::Null, &Value::Null)
    );
    world
        .set_vanity(guild, Some(String::from("other")))
        .unwrap();
    assert_eq!(
        get(&mut world, &format!("/guilds/{guild}/vanity-url")).1["uses"],
        0
    );
    let (plain, _) = world.create_guild(NewGuild::default()).unwrap();
    let (status, error) = get(&mut world, &format!("/guilds/{plain}/vanity-url"));
    assert_eq!((status, &error["code"]), (403, &json!(50_020)));
}

#[test]
fn bots_come_by_oauth_and_the_audit_log_says_who_added_them() {
    let (mut world, guild) = world();
    let owner = world.guild(guild).unwrap().owner_id;
    let joined = world.join(guild, Entry::new(Via::Bot)).unwrap();
    assert_eq!(
        names(&joined.effects),
        ["GUILD_MEMBER_ADD", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    );
    let (_, body) = json::dispatch(&world, &joined.effects[0]);
    assert_eq!(body["user"]["bot"], true);
    let path = format!("/guilds/{guild}/audit-logs?action_type=28");
    let (_, log) = get(&mut world, &path);
    assert_eq!(log["audit_log_entries"][0]["user_id"], owner.to_string());
    assert_eq!(
        log["audit_log_entries"][0]["target_id"],
        joined.user_id.to_string()
    );
    let bot = world.create_user(NewUser::bot()).id;
    let code = world
        .create_invite(guild, NewInvite::default())
        .unwrap()
        .code;
    assert_eq!(
        world.accept_invite(&code, Some(bot)).unwrap_err(),
        Refusal::BotsUseOAuth(bot)
    );
}

#[test]
fn what_members_bring_along() {
    let (mut world, guild) = world();
    let (role, _) = world.create_role(guild, "green", 0).unwrap();
    let code = world
        .create_invite(guild, NewInvite::default().roles(vec![role]))
        .unwrap()
        .code;
    let joined = world.accept_invite(&code, None).unwrap();
    let (_, body) = json::dispatch(&world, &joined.effects[0]);
    assert_eq!(body["roles"], json!([role.to_string()]));

    // Somebody who is there already gets the role, too.
    let owner = world.guild(guild).unwrap().owner_id;
    let again = world.accept_invite(&code, Some(owner)).unwrap();
    assert!(!again.new_member);
    assert_eq!(names(&again.effects), ["GUILD_MEMBER_UPDATE"]);

    let guests = NewInvite::default().flags(INVITE_IS_GUEST);
    let code = world.create_invite(guild, guests).unwrap().code;
    let guest = world.accept_invite(&code, None).unwrap();
    assert_eq!(
        world.guild(guild).unwrap().members[&guest.user_id].flags,
        MEMBER_IS_GUEST
    );
    assert_eq!(
        names(&world.disconnect(guild, guest.user_id).unwrap()),
        ["GUILD_MEMBER_REMOVE"]
    );

    let code = world
        .create_invite(guild, NewInvite::default().temporary())
        .unwrap()
        .code;
    let passing = world.accept_invite(&code, None).unwrap();
    assert_eq!(
        names(&world.disconnect(guild, passing.user_id).unwrap()),
        ["GUILD_MEMBER_REMOVE"]
    );
    let back = world.accept_invite(&code, Some(passing.user_id)).unwrap();
    assert_eq!(
        world.guild(guild).unwrap().members[&back.user_id].flags,
        MEMBER_DID_REJOIN
    );

    world.guild_mut(guild).unwrap().screening = true;
    let waiting = world.accept_invite(&code, None).unwrap();
    assert!(world.guild(guild).unwrap().members[&waiting.user_id].pending);
    let effects = world.pass_screening(guild, waiting.user_id).unwrap();
    assert!(matches!(&effects[0].kind, EventKind::MemberUpdate(it) if !it.pending));
}

#[test]
fn a_repeated_member_add_comes_later_and_means_nothing() {
    let (mut world, guild) = world();
    world.quirks.repeat_member_add = 1.0;
    let code = world
        .create_invite(guild, NewInvite::default())
        .unwrap()
        .code;
    let joined = world.accept_invite(&code, None).unwrap();
    let again = world.advance(SECOND);
    assert_eq!(again, joined.effects);
    assert_eq!(world.true_joins().len(), 1);
}
