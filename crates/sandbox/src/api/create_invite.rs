//! `POST /channels/{channel_id}/invites`: JSON, or multipart with a file of
//! target users.

use serde_json::{Map, Value};

use super::{Answer, ApiError, Call, FormErrors, Reply, form};
use crate::{
    json::{self, Detail},
    world::{
        INVITE_APPLICATION_BYPASS, INVITE_IS_GUEST, NewInvite, Refusal,
        permissions::{self, CREATE_INSTANT_INVITE, MANAGE_ROLES},
    },
};

pub(super) fn create_invite(call: &mut Call<'_>) -> Answer {
    let (guild, channel) = call.channel()?;
    let (guild_id, channel_id, kind) = (guild.id, channel.id, channel.kind);
    if call.channel_permissions(guild, channel) & CREATE_INSTANT_INVITE == 0 {
        return Err(ApiError::missing_permissions());
    }
    if kind == 4 {
        return Err(ApiError::wrong_channel_type());
    }
    let (body, file) = read_body(call)?;
    let mut new = read_form(&body)?;
    if !new.role_ids.is_empty() {
        let guild = call.guild_of(guild_id)?;
        let own = permissions::in_guild(guild, call.bot());
        if own & MANAGE_ROLES == 0 {
            return Err(ApiError::missing_permissions());
        }
        for id in &new.role_ids {
            let role = guild.roles.get(id).filter(|role| role.id != guild_id);
            let role = role.ok_or_else(ApiError::unknown_role)?;
            if !permissions::may_grant(own, role.permissions) {
                return Err(ApiError::missing_permissions());
            }
        }
    }
    if let Some(file) = file {
        let users = form::target_users(&file).map_err(|lines| ApiError::csv(&lines))?;
        new.target_users = Some((users, None));
    }
    new.channel_id = Some(channel_id);
    new.inviter_id = Some(call.bot());
    new.reason = call.reason()?;
    if call
        .guild_of(guild_id)?
        .features
        .contains("INVITES_UNAVAILABLE")
    {
        // With invites switched off by Discord itself, the answer is nothing.
        return Ok(Reply::empty());
    }
    let made = call.world.create_invite(guild_id, new).map_err(refused)?;
    let (guild, invite) = call
        .world
        .invite(&made.code)
        .ok_or_else(ApiError::unknown_invite)?;
    let body = json::invite(call.world, guild, invite, Detail::METADATA);
    Ok(Reply::ok(body).with(made.effects))
}

impl Call<'_> {
    fn guild_of(&self, id: u64) -> Result<&crate::world::Guild, ApiError> {
        self.world.guild(id).ok_or_else(ApiError::unknown_guild)
    }
}

fn refused(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::InviteLimit => ApiError::invite_limit(),
        Refusal::UnknownChannel(_) => ApiError::unknown_channel(),
        Refusal::UnknownRole(_) => ApiError::unknown_role(),
        Refusal::UnknownUser(_) => {
            ApiError::in_form(|errors| errors.add("target_user_id", "UNKNOWN_USER", "Unknown user"))
        }
        _ => ApiError::unknown_guild(),
    }
}

/// What is not plain text in a form.
const FLAGS: &[&str] = &["temporary", "unique"];
const LISTS: &[&str] = &["role_ids"];

type Form = (Map<String, Value>, Option<Vec<u8>>);

fn read_body(call: &Call<'_>) -> Result<Form, ApiError> {
    let sent = &call.request.body;
    match call.content_type(&[form::JSON, form::URL_ENCODED, form::MULTIPART])? {
        form::JSON => return Ok((form::object(sent)?, None)),
        form::URL_ENCODED => {
            let pairs = form::parse_query(&String::from_utf8_lossy(sent));
            return Ok((form::fields(pairs, FLAGS, LISTS), None));
        }
        _ => {}
    }
    let content_type = call.request.content_type.as_deref().unwrap_or("");
    let parts = form::multipart(content_type, sent).ok_or_else(ApiError::invalid_json)?;
    let mut fields = Vec::new();
    let mut json = None;
    let mut file = None;
    for (name, content) in parts {
        match name.as_str() {
            "payload_json" => json = Some(form::object(&content)?),
            "target_users_file" => file = Some(content),
            _ => fields.push((name, String::from_utf8_lossy(&content).into_owned())),
        }
    }
    // With JSON among the parts, Discord passes over all but the files.
    let body = json.unwrap_or_else(|| form::fields(fields, FLAGS, LISTS));
    Ok((body, file))
}

fn read_form(body: &Map<String, Value>) -> Result<NewInvite, ApiError> {
    let mut errors = FormErrors::default();
    let mut number = |name: &str, most: u32| -> Option<u32> {
        let value = body.get(name).filter(|value| !value.is_null())?;
        match value.as_i64().or_else(|| value.as_str()?.parse().ok()) {
            Some(below) if below < 0 => errors.add_too_small(name, 0),
            Some(number) => match u32::try_from(number) {
                Ok(number) if number <= most => return Some(number),
                _ => errors.add_too_large(name, u64::from(most)),
            },
            None => errors.add_type(name, value, "int"),
        }
        None
    };
    let max_age = number("max_age", 5_184_000);
    let max_uses = number("max_uses", 100).unwrap_or(0);
    let flags = u64::from(number("flags", u32::MAX).unwrap_or(0));
    let target_type = number("target_type", u32::from(u8::MAX));
    if flags & !(INVITE_IS_GUEST | INVITE_APPLICATION_BYPASS) != 0 {
        errors.add(
            "flags",
            "INVITE_FLAGS_INVALID",
            "Only some flags can be set",
        );
    }
    let mut flag = |name: &str| match body.get(name) {
        None | Some(Value::Null) => false,
        Some(Value::Bool(value)) => *value,
        Some(other) => {
            errors.add_type(name, other, "bool");
            false
        }
    };
    let temporary = flag("temporary");
    let unique = flag("unique");
    let mut snowflake = |name: &str| {
        let value = body.get(name).filter(|value| !value.is_null())?;
        let id = json::number(value);
        if id.is_none() {
            errors.add_type(name, value, "snowflake");
        }
        id
    };
    let target_user_id = snowflake("target_user_id");
    let target_application_id = snowflake("target_application_id");
    let role_ids = read_roles(body, &mut errors);
    let target_type = match target_type {
        None if target_user_id.is_some() => {
            let message = "Cannot be set without target_type STREAM";
            errors.add("target_user_id", "INVITE_TARGET_INVALID", message);
            None
        }
        None if target_application_id.is_some() => {
            let message = "Cannot be set without target_type EMBEDDED_APPLICATION";
            errors.add("target_application_id", "INVITE_TARGET_INVALID", message);
            None
        }
        None => None,
        Some(1) => {
            if target_user_id.is_none() {
                errors.add_missing("target_user_id");
            }
            Some(1)
        }
        Some(2) => {
            if target_application_id.is_none() {
                errors.add_missing("target_application_id");
            }
            Some(2)
        }
        Some(_) => {
            errors.add(
                "target_type",
                "BASE_TYPE_CHOICES",
                "Value must be one of (1, 2).",
            );
            None
        }
    };
    if !errors.is_empty() {
        return Err(errors.into_error());
    }
    let mut new = NewInvite::default()
        .max_age(max_age.unwrap_or(86_400))
        .max_uses(max_uses);
    new.temporary = temporary;
    new.unique = unique;
    new.flags = flags;
    new.role_ids = role_ids;
    new.target_type = target_type;
    new.target_user_id = target_user_id;
    new.target_application_id = target_application_id;
    Ok(new)
}

fn read_roles(body: &Map<String, Value>, errors: &mut FormErrors) -> Vec<u64> {
    let given = match body.get("role_ids") {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Array(given)) => given,
        Some(other) => {
            errors.add_type("role_ids", other, "list");
            return Vec::new();
        }
    };
    if given.len() > 250 {
        errors.add_too_long("role_ids", 250);
    }
    let mut roles = Vec::new();
    for (index, value) in given.iter().enumerate() {
        match json::number(value) {
            Some(role) if roles.contains(&role) => {
                let message = "The list must not contain the same value twice.";
                errors.add("role_ids", "SET_TYPE_ALREADY_CONTAINS_VALUE", message);
            }
            Some(role) => roles.push(role),
            None => errors.add_type(&format!("role_ids.{index}"), value, "snowflake"),
        }
    }
    roles
}
