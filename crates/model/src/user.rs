//! Users, as far as invites and members carry them.

use crate::entity::{entity, rare};
use crate::{Field, UserId};

entity! {
    /// A user, kept as it was sent.
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
    User of UserId, "a user", like GATEWAY_ORDER;

    /// The unique name, without discriminator.
    username: string = "username";
    /// The display name, if the user chose one.
    global_name: string = "global_name";
    /// The hash of the avatar, any string.
    avatar: field = "avatar";
    /// The discriminator as it was written: `"0"` for unique names, four digits before,
    /// and sometimes something else.
    discriminator: scalar = "discriminator";
    /// Whether this is a bot.
    is_bot: flag = "bot";
    /// Whether this is Discord itself.
    is_system: flag = "system";
}

/// In what order the gateway usually writes the members of a user. (In lists, users come
/// again and again, and are compared instead of read.)
#[rustfmt::skip]
const GATEWAY_ORDER: &[&str] = &[
    "\"username\":", "\"public_flags\":", "\"primary_guild\":", "\"id\":", "\"global_name\":",
    "\"display_name_styles\":", "\"discriminator\":", "\"collectibles\":", "\"clan\":",
    "\"avatar_decoration_data\":", "\"avatar\":",
];

impl User {
    /// A user with this unique name. See [`with`](Self::with) for all else.
    #[must_use]
    pub fn new(id: UserId, username: &str) -> Self {
        Self::bare(id).set("username", username)
    }

    /// What to call the user: the display name, else the unique name, else nothing.
    #[must_use]
    pub fn name(&self) -> &str {
        self.global_name()
            .or_else(|| self.username())
            .unwrap_or_default()
    }

    /// The public flags (badges), as bits.
    #[must_use]
    pub fn public_flags(&self) -> Option<u64> {
        rare::count(&self.text, "public_flags")
    }

    /// The hash of the banner.
    #[must_use]
    pub fn banner(&self) -> Field<String> {
        rare::nullable_string(&self.text, "banner")
    }
}
