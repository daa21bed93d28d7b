use crate::{
    ApiError, Client, Done, decode,
    transport::{Method, Request},
};
use guestlist_model::{GuildId, Incidents, Timestamp};
use serde_json::{Map, Value};

/// Pauses or resumes all invites of a guild, or its direct messages.
///
/// Requires Manage Server. Discord allows at most 24 hours from now. What is not set stays
/// unchanged.
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let guild = "10".parse()?;
/// // Resumes the invites.
/// client.set_incident_actions(guild).invites_disabled_until(None).await?;
/// # Ok(())
/// # }
/// ```
///
/// See [Discord Docs/Modify Guild Incident Actions](https://discord.com/developers/docs/resources/guild#modify-guild-incident-actions).
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct SetIncidentActions {
    client: Client,
    guild: GuildId,
    fields: Map<String, Value>,
}

impl Client {
    /// Pauses or resumes all invites of a guild, or its direct messages.
    pub fn set_incident_actions(&self, guild: GuildId) -> SetIncidentActions {
        SetIncidentActions {
            client: self.clone(),
            guild,
            fields: Map::new(),
        }
    }
}

impl SetIncidentActions {
    fn set(mut self, key: &str, until: Option<Timestamp>) -> Self {
        let value = until.map_or(Value::Null, |until| Value::String(until.to_string()));
        self.fields.insert(key.to_owned(), value);
        self
    }

    /// Pauses all invites until a time; `None` resumes them.
    pub fn invites_disabled_until(self, until: impl Into<Option<Timestamp>>) -> Self {
        self.set("invites_disabled_until", until.into())
    }

    /// Pauses direct messages between members until a time; `None` resumes them.
    pub fn dms_disabled_until(self, until: impl Into<Option<Timestamp>>) -> Self {
        self.set("dms_disabled_until", until.into())
    }

    async fn send(self) -> Result<Done<Incidents>, ApiError> {
        let path = format!("guilds/{}/incident-actions", self.guild);
        let request = Request::new(Method::Put, path).json(&Value::Object(self.fields));
        decode::done(&self.client.send(&request).await?, Incidents::from_slice)
    }
}

into_future!(SetIncidentActions => Done<Incidents>);
