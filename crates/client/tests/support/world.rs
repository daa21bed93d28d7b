//! A client in a sandbox.

use guestlist_client::{
    Channel, Client, Done, Gateway, GatewayConfig, MaxUses, SavedSession, Token,
};
use guestlist_model::{GuildId, Id, Invite};
use guestlist_sandbox::{Options, RateLimits, Running, Sandbox, world::NewGuild};

pub(crate) fn id<M>(number: u64) -> Id<M> {
    Id::new_checked(number).unwrap()
}

pub(crate) struct World {
    pub(crate) sandbox: Running,
    pub(crate) client: Client,
    pub(crate) guild: GuildId,
}

impl World {
    pub(crate) async fn with(options: Options) -> Self {
        let sandbox = Sandbox::start(options).await.unwrap();
        let client = Client::builder(Token::new(sandbox.token()).unwrap())
            .api(sandbox.api_url().parse().unwrap())
            .build()
            .unwrap();
        let guild = id(sandbox.guild_ids()[0]);
        Self {
            sandbox,
            client,
            guild,
        }
    }

    pub(crate) async fn start() -> Self {
        Self::with(Options::seeded(7).rate_limits(RateLimits::none())).await
    }

    /// A guild in which the bot may do this much.
    pub(crate) fn guild_with(&self, bot_permissions: u64) -> GuildId {
        let mut new = NewGuild::default();
        new.bot_permissions = bot_permissions;
        let guild = self.sandbox.world().act(|world| world.create_guild(new));
        id(guild.unwrap())
    }

    pub(crate) async fn text_channel(&self, guild: GuildId) -> Channel {
        let channels = self.client.list_guild_channels(guild).await.unwrap();
        channels
            .into_iter()
            .find(|channel| channel.kind == 0)
            .unwrap()
    }

    pub(crate) async fn one_use(&self) -> Invite {
        let channel = self.text_channel(self.guild).await;
        let create = self
            .client
            .create_invite(channel.id)
            .max_uses(MaxUses::new(1).unwrap());
        created(create.unique(true).await.unwrap())
    }

    pub(crate) async fn connect(&self, resume: Option<SavedSession>) -> Gateway {
        let config = GatewayConfig::new(Token::new(self.sandbox.token()).unwrap()).resume(resume);
        Gateway::connect(&self.client, config).await.unwrap()
    }
}

pub(crate) fn created(created: Done<Invite>) -> Invite {
    created.into_told().unwrap()
}
