//! Users, as far as invites and members carry them.

use crate::entity::{Entity, entity, rare};
use crate::json::{Builder, Reader, Span, Text};
use crate::{DecodeError, Field, UserId};

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
#[derive(Clone)]
pub struct User {
    text: Text,
    id: UserId,
    username: Span,
    global_name: Span,
    avatar: Span,
    discriminator: Span,
    bot: bool,
    system: bool,
}

entity!(User);

/// In what order the gateway usually writes the members of a user. (In lists, users come
/// again and again, and are compared instead of read.)
#[rustfmt::skip]
const GATEWAY_ORDER: &[&str] = &[
    "\"username\":", "\"public_flags\":", "\"primary_guild\":", "\"id\":", "\"global_name\":",
    "\"display_name_styles\":", "\"discriminator\":", "\"collectibles\":", "\"clan\":",
    "\"avatar_decoration_data\":", "\"avatar\":",
];

impl Entity for User {
    const NAME: &'static str = "a user";

    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let mut text = Builder::new(reader);
        let mut id = None;
        let mut username = Span::ABSENT;
        let mut global_name = Span::ABSENT;
        let mut avatar = Span::ABSENT;
        let mut discriminator = Span::ABSENT;
        let mut bot = false;
        let mut system = false;
        reader.object_like(GATEWAY_ORDER, |reader, key, _| {
            match key {
                "id" => id = reader.nullable(Reader::id)?,
                "username" => username = text.string(reader)?,
                "global_name" => global_name = text.string(reader)?,
                "avatar" => avatar = text.string(reader)?,
                "discriminator" => discriminator = text.scalar(reader)?,
                "bot" => bot = reader.nullable(Reader::boolean)?.unwrap_or(false),
                "system" => system = reader.nullable(Reader::boolean)?.unwrap_or(false),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let Some(id) = id else { return Ok(None) };
        let text = text.finish(reader);
        Ok(Some(Self {
            text,
            id,
            username,
            global_name,
            avatar,
            discriminator,
            bot,
            system,
        }))
    }

    fn text(&self) -> &Text {
        &self.text
    }
}

impl User {
    /// The user's id.
    #[must_use]
    pub const fn id(&self) -> UserId {
        self.id
    }

    /// The unique name, without discriminator.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.text.get(self.username)
    }

    /// The display name, if the user chose one.
    #[must_use]
    pub fn global_name(&self) -> Option<&str> {
        self.text.get(self.global_name)
    }

    /// What to call the user: the display name, else the unique name, else nothing.
    #[must_use]
    pub fn name(&self) -> &str {
        self.global_name()
            .or_else(|| self.username())
            .unwrap_or_default()
    }

    /// The hash of the avatar, any string.
    #[must_use]
    pub fn avatar(&self) -> Field<&str> {
        self.text.field(self.avatar)
    }

    /// The discriminator as it was written: `"0"` for unique names, four digits before,
    /// and sometimes something else.
    #[must_use]
    pub fn discriminator(&self) -> Option<&str> {
        self.text.get(self.discriminator)
    }

    /// Whether this is a bot.
    #[must_use]
    pub const fn is_bot(&self) -> bool {
        self.bot
    }

    /// Whether this is Discord itself.
    #[must_use]
    pub const fn is_system(&self) -> bool {
        self.system
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
