//! The guild an invite leads to.

use crate::entity::{Entity, entity, rare};
use crate::json::{Builder, Reader, Span, Text};
use crate::{DecodeError, Field, GuildId};

/// The part of a guild that an invite shows, kept as it was sent.
///
/// See [Discord Docs/Invite Guild Object](https://discord.com/developers/docs/resources/invite#invite-object).
#[derive(Clone)]
pub struct InviteGuild {
    text: Text,
    id: GuildId,
    name: Span,
    icon: Span,
    splash: Span,
    banner: Span,
    description: Span,
    vanity_url_code: Span,
}

entity!(InviteGuild);

impl Entity for InviteGuild {
    const NAME: &'static str = "a guild";

    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let mut text = Builder::new(reader);
        let mut id = None;
        let mut name = Span::ABSENT;
        let mut icon = Span::ABSENT;
        let mut splash = Span::ABSENT;
        let mut banner = Span::ABSENT;
        let mut description = Span::ABSENT;
        let mut vanity_url_code = Span::ABSENT;
        reader.object(|reader, key, _| {
            match key {
                "id" => id = reader.nullable(Reader::id)?,
                "name" => name = text.string(reader)?,
                "icon" => icon = text.string(reader)?,
                "splash" => splash = text.string(reader)?,
                "banner" => banner = text.string(reader)?,
                "description" => description = text.string(reader)?,
                "vanity_url_code" => vanity_url_code = text.string(reader)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let Some(id) = id else { return Ok(None) };
        let text = text.finish(reader);
        Ok(Some(Self {
            text,
            id,
            name,
            icon,
            splash,
            banner,
            description,
            vanity_url_code,
        }))
    }

    fn text(&self) -> &Text {
        &self.text
    }
}

impl InviteGuild {
    /// The guild's id.
    #[must_use]
    pub const fn id(&self) -> GuildId {
        self.id
    }

    /// The guild's name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.text.get(self.name)
    }

    /// The hash of the icon.
    #[must_use]
    pub fn icon(&self) -> Field<&str> {
        self.text.field(self.icon)
    }

    /// The hash of the splash, the picture behind the invite's page.
    #[must_use]
    pub fn splash(&self) -> Field<&str> {
        self.text.field(self.splash)
    }

    /// The hash of the banner.
    #[must_use]
    pub fn banner(&self) -> Field<&str> {
        self.text.field(self.banner)
    }

    /// What the guild says about itself.
    #[must_use]
    pub fn description(&self) -> Field<&str> {
        self.text.field(self.description)
    }

    /// The code of the guild's vanity invite, as text: case does not count in it.
    #[must_use]
    pub fn vanity_url_code(&self) -> Field<&str> {
        self.text.field(self.vanity_url_code)
    }

    /// What the guild can do, like `COMMUNITY`, `VANITY_URL` or `INVITES_DISABLED`.
    #[must_use]
    pub fn features(&self) -> Vec<String> {
        rare::strings(&self.text, "features")
    }

    /// How well users must be verified before they may write, 0 to 4.
    #[must_use]
    pub fn verification_level(&self) -> Option<i64> {
        rare::integer(&self.text, "verification_level")
    }

    /// The age restriction, 0 to 3.
    #[must_use]
    pub fn nsfw_level(&self) -> Option<i64> {
        rare::integer(&self.text, "nsfw_level")
    }

    /// How many boosts the guild has.
    #[must_use]
    pub fn premium_subscription_count(&self) -> Option<u64> {
        rare::count(&self.text, "premium_subscription_count")
    }

    /// The boost level, 0 to 3.
    #[must_use]
    pub fn premium_tier(&self) -> Option<i64> {
        rare::integer(&self.text, "premium_tier")
    }
}
