use crate::{
    ApiError, Client, GuildsLimit, Permissions, decode, percent::PathAndQuery, transport::Request,
};
use guestlist_model::GuildId;
use serde::{Deserialize, Serialize};

/// Lists the guilds that the bot is in, a page at a time.
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

/// A guild that the bot is in, and what the bot may do there.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GuildSummary {
    /// Its id.
    pub id: GuildId,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Whether the bot owns it.
    #[serde(default)]
    pub owner: bool,
    /// What the bot may do in the guild as a whole; `None` if the answer does not
    /// say.
    #[serde(default)]
    pub permissions: Option<Permissions>,
    /// Its features, `VANITY_URL` and `COMMUNITY` among them.
    #[serde(default)]
    pub features: Vec<String>,
    /// About how many members it has, if asked for.
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
    /// Begins behind a guild; they are in the order of their ids.
    pub const fn after(mut self, guild: GuildId) -> Self {
        self.after = Some(guild);
        self
    }

    /// How many a page; 200 if not set.
    pub const fn limit(mut self, limit: GuildsLimit) -> Self {
        self.limit = limit;
        self
    }

    /// Asks for the approximate number of members.
    pub const fn with_counts(mut self, with: bool) -> Self {
        self.with_counts = with;
        self
    }

    /// Asks for page after page, until there is none.
    ///
    /// # Errors
    ///
    /// The first page that fails fails the whole.
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
