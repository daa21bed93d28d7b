//! To and from twilight's types.

use guestlist_model::{Field, GuildId, Invite, InviteFlags};
use twilight_model::gateway::payload::incoming::InviteCreate;
use twilight_model::guild::invite as twilight;
use twilight_model::id::Id;
use twilight_model::id::marker::GuildMarker;

const LISTED: &str = r#"{"code":"abc","type":0,"uses":3,"max_uses":8,"max_age":86400,"temporary":true,
    "created_at":"2021-08-03T16:08:36.325000+00:00","expires_at":null,"flags":1,
    "channel":{"id":"2","type":3,"name":"x"},"guild_id":"1","approximate_member_count":31,
    "guild":{"id":"1","name":"g","features":["DISCOVERABLE"],"verification_level":2,"icon":null,"banner":null,"splash":null,"description":null,"vanity_url_code":null,"premium_subscription_count":null},
    "inviter":{"id":"3","username":"u","discriminator":"0","avatar":null},"target_user_type":1}"#;

#[test]
fn what_twilight_can_hold_is_there_and_the_rest_is_lost_as_documented() {
    let invite: Invite = LISTED.parse().unwrap();
    let theirs = twilight::Invite::try_from(&invite).unwrap();
    assert_eq!(theirs.code, "abc");
    assert_eq!(theirs.uses, Some(3));
    assert_eq!(theirs.target_type, Some(twilight::TargetType::Stream));
    assert_eq!(theirs.inviter.as_ref().unwrap().name, "u");
    let back = Invite::try_from(&theirs).unwrap();
    assert_eq!(back.created_at(), invite.created_at());
    assert_eq!(back.guild_id(), invite.guild_id());
    assert_eq!(back.inviter_id(), invite.inviter_id());
    assert_eq!(back.approximate_member_count(), Field::Value(31));
    // Lost: flags, and that it never expires.
    assert_eq!(back.flags(), InviteFlags::default());
    assert_eq!(back.expires_at(), Field::Absent);
}

#[test]
fn what_twilight_cannot_hold_is_an_error() {
    let invite: Invite = r#"{"code":"a","channel":{"id":"1"}}"#.parse().unwrap();
    assert!(twilight::Invite::try_from(&invite).is_err());
    let nowhere: Invite = r#"{"code":"a","channel_id":"1","created_at":"2021-01-01T00:00:00Z","max_age":0,"max_uses":0,"temporary":false,"uses":0}"#.parse().unwrap();
    assert!(InviteCreate::try_from(&nowhere).is_err());
}

#[test]
fn a_created_invite_goes_there_and_back() {
    let invite: Invite = r#"{"code":"a","guild_id":"2","channel_id":"1","target_type":1,"created_at":"2021-01-01T00:00:00.000000+00:00","max_age":3600,"max_uses":5,"temporary":false,"uses":0}"#.parse().unwrap();
    let theirs = InviteCreate::try_from(&invite).unwrap();
    assert_eq!(theirs.target_user_type, Some(twilight::TargetType::Stream));
    assert_eq!(Invite::try_from(&theirs).unwrap(), invite);
}

#[test]
fn ids_are_the_same_number() {
    let ours = GuildId::new_checked(7).unwrap();
    let theirs: Id<GuildMarker> = ours.into();
    assert_eq!(theirs.get(), 7);
    assert_eq!(GuildId::from(theirs), ours);
}
