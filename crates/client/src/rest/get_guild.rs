use crate::{ApiError, Client, Permissions, Role, decode, transport::Request};
use guestlist_model::{GuildId, Incidents, RoleId, UserId};
use serde::{Deserialize, Serialize};

/// Asks for a guild with its roles.
///
/// See [Discord Docs/Get Guild](https://discord.com/developers/docs/resources/guild#get-guild).
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct GetGuild {
    client: Client,
    guild: GuildId,
}

/// A guild with its roles: what permissions are computed from.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Guild {
    /// Its id.
    pub id: GuildId,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Who owns it, and may do everything.
    pub owner_id: UserId,
    /// Its roles, the one that everybody has among them.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// Its features, `VANITY_URL` and `INVITES_DISABLED` among them.
    #[serde(default)]
    pub features: Vec<String>,
    /// Its vanity code.
    #[serde(default)]
    pub vanity_url_code: Option<String>,
    /// Until when its invites are paused, if they are.
    #[serde(default)]
    pub incidents_data: Option<Incidents>,
}

impl Guild {
    /// What a member may do in the guild as a whole; `None` if the answer does not
    /// say enough.
    #[must_use]
    pub fn permissions(&self, user: UserId, member_roles: &[RoleId]) -> Option<Permissions> {
        Permissions::in_guild(self.id, self.owner_id, &self.roles, user, member_roles)
    }
}

impl Client {
    /// Asks for a guild with its roles.
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
