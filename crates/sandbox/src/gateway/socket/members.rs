//! Opcode 8: a client requests members of a guild.

use serde_json::{Value, json};

use super::{Connection, Next};
use crate::{
    gateway::close,
    json,
    world::{Guild, Member, intents},
};

impl Connection {
    /// Answers with chunks of a thousand members.
    pub(super) fn request_members(&self, data: &Value) -> Next {
        let Some(session) = &self.session else {
            return Next::Close(close::NOT_AUTHENTICATED);
        };
        let guild = match data.get("guild_id") {
            Some(Value::Array(ids)) => ids.first(),
            other => other,
        };
        let Some(guild_id) = guild.and_then(json::number) else {
            return Next::Close(close::DECODE_ERROR);
        };
        let users: Option<Vec<u64>> = match data.get("user_ids") {
            None | Some(Value::Null) => None,
            Some(Value::Array(ids)) => {
                Some(ids.iter().filter_map(json::number).take(100).collect())
            }
            Some(one) => Some(json::number(one).into_iter().collect()),
        };
        let query = data.get("query").and_then(Value::as_str);
        let limit = data.get("limit").and_then(Value::as_u64).unwrap_or(0);
        let mut core = self.shared.lock();
        let core = &mut *core;
        let bot = core.sessions.bot(session);
        let guild = core.world.guild(guild_id);
        let Some(guild) = guild.filter(|guild| guild.members.contains_key(&bot)) else {
            return Next::Go;
        };
        let whole_list = users.is_none() && limit == 0 && query.is_none_or(str::is_empty);
        if whole_list && core.sessions.intents(session) & intents::GUILD_MEMBERS == 0 {
            // Discord does not answer those who did not declare the intent.
            return Next::Go;
        }
        let (found, missing) = pick(guild, users.as_deref(), query, limit);
        let nonce = data.get("nonce").filter(|nonce| nonce.is_string());
        let presences = data.get("presences") == Some(&Value::Bool(true));
        for body in chunks(guild_id, &found, &missing, nonce, presences) {
            core.sessions
                .dispatch_to(session, "GUILD_MEMBERS_CHUNK", &body);
        }
        Next::Go
    }
}

fn pick<'a>(
    guild: &'a Guild,
    users: Option<&[u64]>,
    query: Option<&str>,
    limit: u64,
) -> (Vec<&'a Member>, Vec<u64>) {
    if let Some(users) = users {
        let found = users
            .iter()
            .filter_map(|user| guild.members.get(user))
            .collect();
        let missing = users
            .iter()
            .filter(|user| !guild.members.contains_key(user))
            .copied()
            .collect();
        return (found, missing);
    }
    let query = query.unwrap_or("").to_lowercase();
    let most = match (limit, query.is_empty()) {
        (0, true) => usize::MAX,
        (limit, _) => usize::try_from(limit.clamp(1, 100)).unwrap_or(100),
    };
    let found = guild
        .members
        .values()
        .filter(|member| member.user.username.to_lowercase().starts_with(&query))
        .take(most)
        .collect();
    (found, Vec::new())
}

fn chunks(
    guild_id: u64,
    found: &[&Member],
    missing: &[u64],
    nonce: Option<&Value>,
    presences: bool,
) -> Vec<Value> {
    let mut parts: Vec<&[&Member]> = found.chunks(1000).collect();
    if parts.is_empty() {
        parts.push(&[]);
    }
    let count = parts.len();
    let body = |(index, part): (usize, &&[&Member])| {
        let members: Vec<Value> = part.iter().map(|member| json::member(member)).collect();
        let mut body = json!({
            "guild_id": guild_id.to_string(),
            "members": members,
            "chunk_index": index,
            "chunk_count": count,
        });
        if let Some(body) = body.as_object_mut() {
            if !missing.is_empty() {
                let missing: Vec<String> = missing.iter().map(u64::to_string).collect();
                body.insert(String::from("not_found"), json!(missing));
            }
            if presences {
                body.insert(String::from("presences"), json!([]));
            }
            if let Some(nonce) = nonce {
                body.insert(String::from("nonce"), nonce.clone());
            }
        }
        body
    };
    parts.iter().enumerate().map(body).collect()
}
