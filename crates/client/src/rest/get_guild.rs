use crate::{ApiError, Client, Permissions, Role, decode, transport::Request};
use guestlist_model::{GuildId, Incidents, RoleId, UserId};
use serde::{Deserialize, Serialize};

/// Gets a guild with its roles.
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let guild = client.get_guild("10".parse()?).await?;
/// println!("{} has {} roles", guild.name, guild.roles.len());
/// # Ok(())
/// # }
/// ```
///
/// See [Discord Docs/Get Guild](https://discord.com/developers/docs/resources/guild#get-guild).
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct GetGuild {
    client: Client,
    guild: GuildId,
}

/// A guild with its roles, from which permissions are computed.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Guild {
    /// The id.
    pub id: GuildId,
    /// The name.
    #[serde(default)]
    pub name: String,
    /// The owner, who has all permissions.
    pub owner_id: UserId,
    /// The roles, including `@everyone`.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// The features, such as `VANITY_URL` and `INVITES_DISABLED`.
    #[serde(default)]
    pub features: Vec<String>,
    /// The vanity code.
    #[serde(default)]
    pub vanity_url_code: Option<String>,
    /// The incident actions, such as paused invites.
    #[serde(default)]
    pub incidents_data: Option<Incidents>,
}

impl Guild {
    /// The permissions of a member in the guild; `None` if they depend on a role whose
    /// permissions are unknown.
    #[must_use]
    pub fn permissions(&self, user: UserId, member_roles: &[RoleId]) -> Option<Permissions> {
        Permissions::in_guild(self.id, self.owner_id, &self.roles, user, member_roles)
    }
}

impl Client {
    /// Gets a guild with its roles.
    pub fn get_guild(&self, guild: GuildId) -> GetGuild {
        GetGuild {
            client: self.clone(),
            guild,
        }
    }
}

impl GetGuild {
    async fn send(self) -> Result<Guild, ApiError> {
        decode::json(
            &self
                .client
                .send(&Request::get(format!("guilds/{}", self.guild)))
                .await?,
        )
    }
}

into_future!(GetGuild => Guild);
