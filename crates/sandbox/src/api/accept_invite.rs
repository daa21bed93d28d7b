//! `POST /invites/{code}`: a person accepts an invite. Bots cannot.

use serde_json::json;

use super::{Answer, ApiError, Call, Reply};
use crate::{
    json::{self, Detail},
    world::Refusal,
};

pub(super) fn accept_invite(call: &mut Call<'_>) -> Answer {
    let Some(person) = call.request.person else {
        return Err(ApiError::not_for_bots());
    };
    let code = String::from(call.part(0));
    let detail = Detail::PLAIN;
    // The last use ends the invite, so what is told of it is read before.
    let before = call.world.invite(&code);
    let before = before.map(|(guild, it)| (guild.id, json::invite(call.world, guild, it, detail)));
    let by_vanity = || {
        let guild = call.world.vanity(&code)?;
        Some((guild.id, json::vanity_invite(guild, &code, detail)))
    };
    let (guild, mut body) = before
        .or_else(by_vanity)
        .ok_or_else(ApiError::unknown_invite)?;
    let accepted = call.world.accept_invite(&code, Some(person));
    let joined = match accepted {
        Ok(joined) => Some(joined),
        // Who is in already gets the invite all the same.
        Err(Refusal::AlreadyAMember(_)) => None,
        Err(Refusal::Banned(_)) => return Err(ApiError::banned()),
        Err(Refusal::InvitesPaused) => return Err(ApiError::invites_paused()),
        Err(_) => return Err(ApiError::unknown_invite()),
    };
    let new_member = joined.as_ref().is_some_and(|joined| joined.new_member);
    let screening = call.world.guild(guild).is_some_and(|it| it.screening);
    if let Some(body) = body.as_object_mut() {
        body.insert(String::from("new_member"), json!(new_member));
        if screening && new_member {
            body.insert(String::from("show_verification_form"), json!(true));
        }
    }
    let effects = joined.map(|joined| joined.effects).unwrap_or_default();
    Ok(Reply::ok(body).with(effects))
}
