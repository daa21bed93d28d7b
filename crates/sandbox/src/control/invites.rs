//! Invites made and deleted by people.

use serde_json::json;

use super::{Fields, Outcome, Problem};
use crate::{
    json::{self, Detail},
    server::Core,
    world::NewInvite,
};

/// By the owner of the guild, unless `inviter_id` says otherwise; with
/// `"widget": true` by nobody.
pub(super) fn create(core: &mut Core, guild_id: u64, mut fields: Fields) -> Outcome {
    let widget = fields.flag("widget")?.unwrap_or(false);
    let owner = core.world.guild(guild_id).map(|guild| guild.owner_id);
    let mut new = NewInvite {
        channel_id: fields.id("channel_id")?,
        inviter_id: fields.id("inviter_id")?.or(owner).filter(|_| !widget),
        max_age: fields.number32("max_age", 5_184_000)?,
        max_uses: fields.number32("max_uses", 100)?.unwrap_or(0),
        uses: fields.number32("uses", u32::MAX)?.unwrap_or(0),
        temporary: fields.flag("temporary")?.unwrap_or(false),
        unique: fields.flag("unique")?.unwrap_or(true),
        flags: fields.number("flags", 0..=u64::MAX)?.unwrap_or(0),
        role_ids: fields.ids("role_ids")?.unwrap_or_default(),
        target_user_id: fields.id("target_user_id")?,
        target_application_id: fields.id("target_application_id")?,
        code: fields.text("code")?,
        reason: fields.text("reason")?,
        ..NewInvite::default()
    };
    let target_type = fields.number("target_type", 0..=255)?;
    new.target_type = target_type.and_then(|kind| u8::try_from(kind).ok());
    let failure = fields.text("target_users_failure")?;
    let targets = fields.ids("target_user_ids")?;
    new.target_users = targets.map(|users| (users, failure));
    fields.end()?;
    let code = core.act(|world| {
        let made = world.create_invite(guild_id, new)?;
        Ok::<_, Problem>((made.code, made.effects))
    })?;
    let invite = core
        .world
        .invite(&code)
        .map(|(guild, it)| json::invite(&core.world, guild, it, Detail::METADATA));
    Ok((201, invite.unwrap_or_else(|| json!({"code": code}))))
}

/// Those made last come first.
pub(super) fn list(core: &Core, guild: u64, limit: usize) -> Outcome {
    let guild = super::guilds::find(core, guild)?;
    let mut invites: Vec<_> = guild.invites.values().collect();
    invites.sort_by_key(|invite| std::cmp::Reverse(invite.created_at));
    let shown = invites
        .into_iter()
        .take(limit)
        .map(|it| json::invite(&core.world, guild, it, Detail::METADATA));
    Ok((200, shown.collect()))
}

/// By `actor_id` (in the body or the query), or the guild's owner.
pub(super) fn revoke(
    core: &mut Core,
    code: &str,
    mut fields: Fields,
    query: &[(String, String)],
) -> Outcome {
    let mut actor = fields.id("actor_id")?;
    let reason = fields.text("reason")?;
    fields.end()?;
    if let Some(asked) = super::asked_number(query, "actor_id")? {
        actor = Some(asked);
    }
    let owner = core.world.invite(code).map(|(guild, _)| guild.owner_id);
    core.act(|world| {
        let (invite, effects) = world.revoke_invite(code, actor.or(owner), reason)?;
        Ok::<_, Problem>((invite, effects))
    })?;
    Ok((
        200,
        json!({"code": code, "actor_id": actor.or(owner).map(|id| id.to_string())}),
    ))
}
