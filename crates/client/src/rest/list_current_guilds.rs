use crate::{
    ApiError, Client, GuildsLimit, Permissions, decode, percent::PathAndQuery, transport::Request,
};
use guestlist_model::GuildId;
use serde::{Deserialize, Serialize};

/// Lists the guilds that the bot is in, page by page.
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// for guild in client.list_current_guilds().all().await? {
///     println!("{} ({})", guild.name, guild.id);
/// }
/// # Ok(())
/// # }
/// ```
///
/// See [Discord Docs/Get Current User Guilds](https://discord.com/developers/docs/resources/user#get-current-user-guilds).
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct ListCurrentGuilds {
    client: Client,
    after: Option<GuildId>,
    limit: GuildsLimit,
    with_counts: bool,
}

/// A guild that the bot is in, with the bot's permissions.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GuildSummary {
    /// The id.
    pub id: GuildId,
    /// The name.
    #[serde(default)]
    pub name: String,
    /// Whether the bot owns it.
    #[serde(default)]
    pub owner: bool,
    /// The bot's permissions in the guild; `None` if the response does not say.
    #[serde(default)]
    pub permissions: Option<Permissions>,
    /// The features, such as `VANITY_URL` and `COMMUNITY`.
    #[serde(default)]
    pub features: Vec<String>,
    /// The approximate number of members, if requested.
    #[serde(default)]
    pub approximate_member_count: Option<u64>,
}

impl Client {
    /// Lists the guilds that the bot is in.
    pub fn list_current_guilds(&self) -> ListCurrentGuilds {
        ListCurrentGuilds {
            client: self.clone(),
            after: None,
            limit: GuildsLimit::MAX,
            with_counts: false,
        }
    }
}

impl ListCurrentGuilds {
    /// Starts after this guild. Guilds are in ascending order of their ids.
    pub const fn after(mut self, guild: GuildId) -> Self {
        self.after = Some(guild);
        self
    }

    /// Sets the number of guilds per page; defaults to 200.
    pub const fn limit(mut self, limit: GuildsLimit) -> Self {
        self.limit = limit;
        self
    }

    /// Requests the approximate number of members.
    pub const fn with_counts(mut self, with: bool) -> Self {
        self.with_counts = with;
        self
    }

    /// Requests all pages.
    ///
    /// # Errors
    ///
    /// [`ApiError`] of the first page that fails.
    pub async fn all(mut self) -> Result<Vec<GuildSummary>, ApiError> {
        let mut guilds = Vec::new();
        loop {
            let page = self.page().await?;
            let full = u32::try_from(page.len()).is_ok_and(|length| length >= self.limit.get());
            let last = page.iter().map(|guild| guild.id).max();
            guilds.extend(page);
            // A server that ignores `after` must not keep us here for ever.
            if !full || last <= self.after {
                return Ok(guilds);
            }
            self.after = last;
        }
    }

    async fn page(&self) -> Result<Vec<GuildSummary>, ApiError> {
        let mut path = PathAndQuery::new("users/@me/guilds".to_owned());
        path.pair("limit", self.limit);
        path.pair_if("after", self.after);
        path.pair_if("with_counts", self.with_counts.then_some(true));
        decode::json(&self.client.send(&Request::get(path.finish())).await?)
    }

    async fn send(self) -> Result<Vec<GuildSummary>, ApiError> {
        self.page().await
    }
}

into_future!(ListCurrentGuilds => Vec<GuildSummary>);
