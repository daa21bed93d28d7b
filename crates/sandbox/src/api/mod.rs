//! Discord's REST API over a [`World`], without a socket.
//!
//! [`call`] processes a request and returns the response, with the events that
//! the request caused. The server calls it for HTTP requests; a simulation
//! without sockets calls it directly.
//!
//! There is one endpoint per file, named `<verb>_<noun>.rs`.

mod accept_invite;
mod add_member_role;
mod create_ban;
mod create_command;
mod create_dm;
mod create_followup;
mod create_interaction_response;
mod create_invite;
mod create_message;
mod create_scheduled_event;
mod delete_command;
mod delete_invite;
mod delete_scheduled_event;
mod error;
mod form;
mod get_audit_log;
mod get_ban;
mod get_channel;
mod get_current_application;
mod get_current_user;
mod get_gateway;
mod get_gateway_bot;
mod get_guild;
mod get_guild_member;
mod get_guild_preview;
mod get_interaction_response;
mod get_invite;
mod get_scheduled_event;
mod get_target_users;
mod get_target_users_job;
mod get_user;
mod get_vanity_url;
mod leave_guild;
mod list_bans;
mod list_channel_invites;
mod list_commands;
mod list_current_guilds;
mod list_guild_channels;
mod list_guild_invites;
mod list_guild_members;
mod list_guild_roles;
mod list_scheduled_events;
mod remove_ban;
mod remove_member;
mod remove_member_role;
mod route;
mod search_members;
mod search_members_by_name;
mod set_commands;
mod set_incident_actions;
mod set_target_users;
mod update_guild;
mod update_interaction_response;
mod update_member;

use serde_json::Value;

pub use self::{
    error::{ApiError, FormErrors},
    route::{Route, find_route, routes},
};
use crate::world::{Channel, Effect, Guild, PrivilegedIntent, World, permissions};

/// A request that has been authorised.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Request {
    /// The method: `GET`, `POST`, …
    pub method: String,
    /// The path below the version: `/guilds/1/invites`.
    pub path: String,
    /// The decoded query parameters, in order.
    pub query: Vec<(String, String)>,
    /// The decoded `X-Audit-Log-Reason`.
    pub reason: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// The body.
    pub body: Vec<u8>,
    /// The bot whose token it has; the first one if absent.
    pub bot: Option<u64>,
    /// The person who makes it, with OAuth2 or a token of their own; none for a bot.
    pub person: Option<u64>,
    /// The URL of the gateway, for `/gateway`.
    pub gateway_url: String,
    /// How many shards `/gateway/bot` recommends.
    pub shards: u32,
    /// How many sessions can be started, for `/gateway/bot`.
    pub session_start_limit: SessionStartLimit,
}

/// How many sessions can be started.
///
/// See Discord Docs/Gateway#session-start-limit-object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionStartLimit {
    /// The number per day.
    pub total: u32,
    /// How many of them are left.
    pub remaining: u32,
    /// The milliseconds until the number is reset.
    pub reset_after: u64,
    /// The number in five seconds.
    pub max_concurrency: u32,
}

impl Default for SessionStartLimit {
    /// The values for a bot without a limit.
    fn default() -> Self {
        Self {
            total: 1000,
            remaining: 1000,
            reset_after: 86_400_000,
            max_concurrency: 16,
        }
    }
}

impl Request {
    /// Creates a request without body and headers.
    #[must_use]
    pub fn new(method: impl Into<String>, path_and_query: &str) -> Self {
        let (path, query) = path_and_query
            .split_once('?')
            .unwrap_or((path_and_query, ""));
        Self {
            method: method.into(),
            path: String::from(path),
            query: form::parse_query(query),
            shards: 1,
            ..Self::default()
        }
    }

    /// Sets the body to this JSON.
    #[must_use]
    pub fn json(mut self, body: &Value) -> Self {
        self.content_type = Some(String::from("application/json"));
        self.body = body.to_string().into_bytes();
        self
    }
}

/// The response that Discord would send.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Body,
    /// The events that the request caused.
    pub effects: Vec<Effect>,
}

/// The body of a reply.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Body {
    /// No body.
    Empty,
    /// JSON.
    Json(Value),
    /// A CSV file.
    Csv(String),
}

impl Reply {
    fn ok(body: Value) -> Self {
        Self {
            status: 200,
            body: Body::Json(body),
            effects: Vec::new(),
        }
    }

    const fn empty() -> Self {
        Self {
            status: 204,
            body: Body::Empty,
            effects: Vec::new(),
        }
    }

    fn with(mut self, effects: Vec<Effect>) -> Self {
        self.effects = effects;
        self
    }

    /// The JSON, or `null`.
    #[must_use]
    pub fn json(&self) -> &Value {
        match &self.body {
            Body::Json(value) => value,
            _ => &Value::Null,
        }
    }
}

/// Undoes the percent-encoding of `X-Audit-Log-Reason`.
pub(crate) fn decode_reason(text: &str) -> String {
    form::decode_percent(text)
}

/// Processes a request.
pub fn call(world: &mut World, request: &Request) -> Reply {
    let answer = match find_route(&request.method, &request.path) {
        Ok((route, ids)) => {
            let mut call = Call {
                world,
                request,
                ids,
            };
            (route.handler)(&mut call)
        }
        Err(error) => Err(error),
    };
    answer.unwrap_or_else(|error| Reply {
        status: error.status,
        body: Body::Json(error.body),
        effects: Vec::new(),
    })
}

/// A request on its way through its endpoint.
pub(crate) struct Call<'a> {
    world: &'a mut World,
    request: &'a Request,
    ids: Vec<String>,
}

type Answer = Result<Reply, ApiError>;

impl Call<'_> {
    /// The bot that calls.
    fn bot(&self) -> u64 {
        self.request.bot.unwrap_or(self.world.bot().id)
    }

    /// Whether the bot's application has switched on an intent.
    fn has_intent(&self, intent: PrivilegedIntent) -> bool {
        let bot = self.world.bot_with(self.bot());
        bot.is_some_and(|bot| bot.has_intent(intent))
    }

    /// Who calls: the bot, or a person by OAuth2.
    fn me(&self) -> u64 {
        self.request.person.unwrap_or_else(|| self.bot())
    }

    /// The nth variable part of the path.
    fn part(&self, index: usize) -> &str {
        self.ids.get(index).map_or("", String::as_str)
    }

    /// The nth variable part of the path, which has to be a snowflake.
    fn id(&self, index: usize, name: &str) -> Result<u64, ApiError> {
        let text = self.part(index);
        text.parse().map_err(|_| {
            let message = format!("Value \"{text}\" is not snowflake.");
            ApiError::in_form(|errors| errors.add(name, "NUMBER_TYPE_COERCE", &message))
        })
    }

    fn query(&self, name: &str) -> Option<&str> {
        self.request
            .query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    fn query_flag(&self, name: &str) -> bool {
        self.query(name)
            .is_some_and(|value| matches!(value, "true" | "True" | "1"))
    }

    /// A whole number among the query parameters, within a range.
    fn query_number(
        &self,
        name: &str,
        range: std::ops::RangeInclusive<u64>,
    ) -> Result<Option<u64>, ApiError> {
        let Some(text) = self.query(name) else {
            return Ok(None);
        };
        let mut errors = FormErrors::default();
        match text.parse::<u64>() {
            Ok(number) if range.contains(&number) => return Ok(Some(number)),
            Ok(number) if number < *range.start() => errors.add_too_small(name, *range.start()),
            Ok(_) => errors.add_too_large(name, *range.end()),
            Err(_) => {
                let message = format!("Value \"{text}\" is not int.");
                errors.add(name, "NUMBER_TYPE_COERCE", &message);
            }
        }
        Err(errors.into_error())
    }

    /// The reason for the audit log. One that is too long is refused: Discord
    /// documents 1 to 512 characters, and a cut would hide the mistake.
    fn reason(&self) -> Result<Option<String>, ApiError> {
        let reason = self.request.reason.clone().filter(|it| !it.is_empty());
        if reason.as_ref().is_none_or(|it| it.chars().count() <= 512) {
            return Ok(reason);
        }
        Err(ApiError::in_form(|errors| {
            errors.add_length("reason", 1, 512)
        }))
    }

    /// The guild in the path, if the bot is in it.
    fn guild(&self) -> Result<&Guild, ApiError> {
        let id = self.id(0, "guild_id")?;
        let guild = self.world.guild(id).ok_or_else(ApiError::unknown_guild)?;
        if guild.members.contains_key(&self.bot()) {
            Ok(guild)
        } else {
            Err(ApiError::missing_access())
        }
    }

    /// The guild in the path, if the bot has one of these permissions there.
    fn guild_with(&self, any_of: u64) -> Result<&Guild, ApiError> {
        let guild = self.guild()?;
        if permissions::in_guild(guild, self.bot()) & any_of == 0 {
            Err(ApiError::missing_permissions())
        } else {
            Ok(guild)
        }
    }

    /// The channel in the path, if the bot may see it.
    fn channel(&self) -> Result<(&Guild, &Channel), ApiError> {
        let id = self.id(0, "channel_id")?;
        let (guild, channel) = self
            .world
            .channel(id)
            .ok_or_else(ApiError::unknown_channel)?;
        let bot = self.bot();
        let visible = guild.members.contains_key(&bot)
            && permissions::in_channel(guild, channel, bot) & permissions::VIEW_CHANNEL != 0;
        if visible {
            Ok((guild, channel))
        } else {
            Err(ApiError::missing_access())
        }
    }

    /// What the bot may do in a channel.
    fn channel_permissions(&self, guild: &Guild, channel: &Channel) -> u64 {
        permissions::in_channel(guild, channel, self.bot())
    }

    /// The JSON object in the body.
    fn object(&self) -> Result<serde_json::Map<String, Value>, ApiError> {
        self.content_type(&[form::JSON])?;
        form::object(&self.request.body)
    }

    /// Which of these types the body is of.
    fn content_type(&self, taken: &'static [&'static str]) -> Result<&'static str, ApiError> {
        form::content_type(self.request.content_type.as_deref(), taken)
    }
}
