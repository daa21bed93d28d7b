//! The guild an invite leads to.

use crate::GuildId;
use crate::entity::{entity, rare};

entity! {
    /// The part of a guild that an invite shows. It keeps the JSON text as Discord sent
    /// it.
    ///
    /// See [Discord Docs/Invite Guild Object](https://discord.com/developers/docs/resources/invite#invite-object).
    InviteGuild of GuildId, "a guild";

    /// The guild's name.
    name: string = "name";
    /// The hash of the icon.
    icon: field = "icon";
    /// The hash of the splash, the background image of the invite's page.
    splash: field = "splash";
    /// The hash of the banner.
    banner: field = "banner";
    /// The guild's description.
    description: field = "description";
    /// The code of the guild's vanity invite. It is case-insensitive.
    vanity_url_code: field = "vanity_url_code";
}

impl InviteGuild {
    /// Creates a guild with a name. Use [`with`](Self::with) for any other key.
    #[must_use]
    pub fn new(id: GuildId, name: &str) -> Self {
        Self::bare(id).set("name", name)
    }

    /// The guild's features, such as `COMMUNITY`, `VANITY_URL` or `INVITES_DISABLED`.
    #[must_use]
    pub fn features(&self) -> Vec<String> {
        rare::strings(self, "features")
    }

    /// The verification level that the guild requires, 0 to 4.
    #[must_use]
    pub fn verification_level(&self) -> Option<i64> {
        rare::integer(self, "verification_level")
    }

    /// The age restriction, 0 to 3.
    #[must_use]
    pub fn nsfw_level(&self) -> Option<i64> {
        rare::integer(self, "nsfw_level")
    }

    /// How many boosts the guild has.
    #[must_use]
    pub fn premium_subscription_count(&self) -> Option<u64> {
        rare::count(self, "premium_subscription_count")
    }

    /// The boost level, 0 to 3.
    #[must_use]
    pub fn premium_tier(&self) -> Option<i64> {
        rare::integer(self, "premium_tier")
    }
}
