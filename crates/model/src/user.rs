//! Users, as invites and members contain them.

use crate::entity::{entity, rare};
use crate::{Field, UserId};

entity! {
    /// A user. It keeps the JSON text as Discord sent it.
    ///
    /// See [Discord Docs/User Object](https://discord.com/developers/docs/resources/user#user-object).
    ///
    /// ```
    /// use guestlist_model::User;
    ///
    /// let user = User::from_slice(br#"{"id":"1","username":"alien","global_name":"Alien"}"#)?;
    /// assert_eq!(user.name(), "Alien");
    /// assert_eq!(user.username(), Some("alien"));
    /// # Ok::<(), guestlist_model::DecodeError>(())
    /// ```
    User of UserId, "a user",
        also "public_flags" "primary_guild" "display_name_styles" "collectibles" "clan"
        "avatar_decoration_data" "flags" "banner" "accent_color";

    /// The unique name, without discriminator.
    username: string = "username";
    /// The display name, if the user has set one.
    global_name: string = "global_name";
    /// The hash of the avatar; it may be any string.
    avatar: field = "avatar";
    /// The discriminator as Discord wrote it: `"0"` for users with unique names, four
    /// digits for others, and occasionally something else.
    discriminator: scalar = "discriminator";
    /// Whether this is a bot.
    is_bot: flag = "bot";
    /// Whether this is Discord's system user.
    is_system: flag = "system";
}

impl User {
    /// Creates a user with a unique name. Use [`with`](Self::with) for any other key.
    #[must_use]
    pub fn new(id: UserId, username: &str) -> Self {
        Self::bare(id).set("username", username)
    }

    /// The name to show: the display name, or else the unique name, or else an empty
    /// string.
    #[must_use]
    pub fn name(&self) -> &str {
        self.global_name()
            .or_else(|| self.username())
            .unwrap_or_default()
    }

    /// The public flags (badges), as bits.
    #[must_use]
    pub fn public_flags(&self) -> Option<u64> {
        rare::count(self, "public_flags")
    }

    /// The hash of the banner.
    #[must_use]
    pub fn banner(&self) -> Field<String> {
        rare::nullable_string(self, "banner")
    }
}
