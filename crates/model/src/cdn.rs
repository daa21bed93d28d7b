//! Images on Discord's CDN.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::{
    ChannelId, Field, InviteApplication, InviteChannel, InviteGuild, InviteRole, RoleId,
    ScheduledEvent, User, UserId,
};

/// The address of an image. [`Display`](fmt::Display) writes the URL.
///
/// The format defaults to GIF for animated images and PNG for others. Discord chooses the
/// size if none is set.
///
/// See [Discord Docs/Image Formatting](https://discord.com/developers/docs/reference#image-formatting).
///
/// ```
/// use guestlist_model::{ImageFormat, ImageSize, User};
///
/// let user: User = r#"{"id":"30","username":"alien","avatar":"a_1b2c"}"#.parse()?;
/// let avatar = user.avatar_url().unwrap();
/// assert_eq!(avatar.to_string(), "https://cdn.discordapp.com/avatars/30/a_1b2c.gif");
/// let small = avatar.format(ImageFormat::Webp)?.size(ImageSize::new(64)?);
/// assert_eq!(small.to_string(), "https://cdn.discordapp.com/avatars/30/a_1b2c.webp?size=64");
/// assert!(ImageSize::new(100).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ImageUrl {
    /// From the host to the hash.
    path: String,
    animated: bool,
    format: ImageFormat,
    size: Option<ImageSize>,
}

/// An image format that Discord offers.
///
/// ```
/// use guestlist_model::{ImageFormat, User};
///
/// let user: User = r#"{"id": "30", "username": "ferris", "avatar": "a_1b2c"}"#.parse()?;
/// let still = user.shown_avatar_url().format(ImageFormat::Webp)?;
/// assert_eq!(still.to_string(), "https://cdn.discordapp.com/avatars/30/a_1b2c.webp");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ImageFormat {
    /// PNG; every image is available as PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    Webp,
    /// GIF, for animated images only.
    Gif,
}

/// The size of an image in pixels: a power of two from 16 to 4096.
///
/// ```
/// use guestlist_model::{ImageError, ImageSize};
///
/// assert_eq!(ImageSize::new(128)?.get(), 128);
/// assert_eq!(ImageSize::new(100), Err(ImageError::Size(100)));
/// # Ok::<(), ImageError>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct ImageSize(u16);

/// The error for an invalid size or format.
///
/// ```
/// use guestlist_model::{ImageError, ImageFormat, User};
///
/// let user: User = r#"{"id": "30", "username": "ferris", "avatar": "1b2c"}"#.parse()?;
/// let error = user.shown_avatar_url().format(ImageFormat::Gif).unwrap_err();
/// assert_eq!(error, ImageError::Format(ImageFormat::Gif));
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// Not a power of two from 16 to 4096.
    #[error("the size of an image is a power of two from 16 to 4096, not {0}")]
    Size(u16),
    /// The image is not available in this format.
    #[error("the image is not available as {0}")]
    Format(ImageFormat),
}

impl ImageFormat {
    /// The file name extension.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
            Self::Gif => "gif",
        }
    }
}

impl fmt::Display for ImageFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Webp => "WebP",
            Self::Gif => "GIF",
        })
    }
}

impl ImageSize {
    /// Creates a size.
    ///
    /// # Errors
    ///
    /// [`ImageError::Size`] if it is not a power of two from 16 to 4096.
    pub const fn new(pixels: u16) -> Result<Self, ImageError> {
        if pixels.is_power_of_two() && pixels >= 16 && pixels <= 4096 {
            Ok(Self(pixels))
        } else {
            Err(ImageError::Size(pixels))
        }
    }

    /// The number of pixels.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for ImageSize {
    type Error = ImageError;

    fn try_from(pixels: u16) -> Result<Self, ImageError> {
        Self::new(pixels)
    }
}

impl From<ImageSize> for u16 {
    fn from(size: ImageSize) -> Self {
        size.0
    }
}

impl ImageUrl {
    /// An image by its folder, the id of its owner, and its hash. `None` for a hash that
    /// could leave its place in the URL; Discord's are letters, digits and underscores.
    fn new(folder: &str, id: u64, hash: Field<&str>, may_move: bool) -> Option<Self> {
        let hash = hash.value()?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if hash.is_empty() || hash.len() > 100 || !hash.bytes().all(plain) {
            return None;
        }
        let animated = may_move && hash.starts_with("a_");
        Some(Self {
            path: format!("{folder}/{id}/{hash}"),
            animated,
            format: if animated {
                ImageFormat::Gif
            } else {
                ImageFormat::Png
            },
            size: None,
        })
    }

    /// Whether the image is animated.
    #[must_use]
    pub const fn is_animated(&self) -> bool {
        self.animated
    }

    /// Sets the format. An animated image is still in every format but GIF.
    ///
    /// # Errors
    ///
    /// [`ImageError::Format`] for a GIF of an image that is not animated, and for any format
    /// but PNG of a default avatar.
    pub fn format(mut self, format: ImageFormat) -> Result<Self, ImageError> {
        let possible = match format {
            ImageFormat::Png => true,
            ImageFormat::Gif => self.animated,
            ImageFormat::Jpeg | ImageFormat::Webp => !self.path.starts_with(DEFAULT_AVATARS),
        };
        if !possible {
            return Err(ImageError::Format(format));
        }
        self.format = format;
        Ok(self)
    }

    /// Sets the size.
    #[must_use]
    pub const fn size(mut self, size: ImageSize) -> Self {
        self.size = Some(size);
        self
    }
}

/// Serializes the text.
impl Serialize for ImageUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for ImageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path, format, size, ..
        } = self;
        write!(
            f,
            "https://cdn.discordapp.com/{path}.{}",
            format.extension()
        )?;
        if let Some(size) = size {
            write!(f, "?size={}", size.0)?;
        }
        Ok(())
    }
}

impl From<ImageUrl> for String {
    fn from(url: ImageUrl) -> Self {
        url.to_string()
    }
}

const DEFAULT_AVATARS: &str = "embed/avatars";

impl User {
    /// The avatar that the user chose.
    #[must_use]
    pub fn avatar_url(&self) -> Option<ImageUrl> {
        ImageUrl::new("avatars", self.id().get(), self.avatar(), true)
    }

    /// The default avatar, for users who did not choose one.
    #[must_use]
    pub fn default_avatar_url(&self) -> ImageUrl {
        let old = self.discriminator().and_then(|text| text.parse().ok());
        let index = match old.filter(|number: &u64| *number != 0) {
            Some(discriminator) => discriminator % 5,
            None => (self.id().get() >> 22) % 6,
        };
        ImageUrl {
            path: format!("{DEFAULT_AVATARS}/{index}"),
            animated: false,
            format: ImageFormat::Png,
            size: None,
        }
    }

    /// The avatar that Discord shows: the chosen one, or else the default one.
    #[must_use]
    pub fn shown_avatar_url(&self) -> ImageUrl {
        self.avatar_url()
            .unwrap_or_else(|| self.default_avatar_url())
    }

    /// The banner of the user's profile.
    #[must_use]
    pub fn banner_url(&self) -> Option<ImageUrl> {
        let banner = self.banner().value()?;
        ImageUrl::new("banners", self.id().get(), Field::Value(&banner), true)
    }

    /// A mention of the user for a message: `<@id>`.
    #[must_use]
    pub fn mention(&self) -> Mention {
        self.id().mention()
    }
}

impl InviteGuild {
    /// The guild's icon.
    #[must_use]
    pub fn icon_url(&self) -> Option<ImageUrl> {
        ImageUrl::new("icons", self.id().get(), self.icon(), true)
    }

    /// The background image of the invite's page.
    #[must_use]
    pub fn splash_url(&self) -> Option<ImageUrl> {
        ImageUrl::new("splashes", self.id().get(), self.splash(), false)
    }

    /// The guild's banner.
    #[must_use]
    pub fn banner_url(&self) -> Option<ImageUrl> {
        ImageUrl::new("banners", self.id().get(), self.banner(), true)
    }
}

impl InviteChannel {
    /// The icon of a group DM.
    #[must_use]
    pub fn icon_url(&self) -> Option<ImageUrl> {
        ImageUrl::new("channel-icons", self.id().get(), self.icon(), false)
    }

    /// A mention of the channel for a message: `<#id>`.
    #[must_use]
    pub fn mention(&self) -> Mention {
        self.id().mention()
    }
}

impl InviteApplication {
    /// The application's icon.
    #[must_use]
    pub fn icon_url(&self) -> Option<ImageUrl> {
        ImageUrl::new("app-icons", self.id().get(), self.icon(), false)
    }
}

impl ScheduledEvent {
    /// The event's cover.
    #[must_use]
    pub fn image_url(&self) -> Option<ImageUrl> {
        let image = self.image().value()?;
        ImageUrl::new("guild-events", self.id().get(), Field::Value(&image), false)
    }
}

impl InviteRole {
    /// The role's icon.
    #[must_use]
    pub fn icon_url(&self) -> Option<ImageUrl> {
        let icon = self.icon().value()?;
        ImageUrl::new("role-icons", self.id().get(), Field::Value(&icon), false)
    }

    /// A mention of the role for a message: `<@&id>`.
    #[must_use]
    pub fn mention(&self) -> Mention {
        self.id().mention()
    }
}

/// A mention of a user, channel or role in a message. [`Display`](fmt::Display) writes
/// it.
///
/// See [Discord Docs/Message Formatting](https://discord.com/developers/docs/reference#message-formatting).
///
/// ```
/// use guestlist_model::UserId;
///
/// let user: UserId = "30".parse()?;
/// assert_eq!(user.mention().to_string(), "<@30>");
/// # Ok::<(), guestlist_model::IdError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Mention {
    sign: &'static str,
    id: u64,
}

/// Serializes the text.
impl Serialize for Mention {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Mention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}{}>", self.sign, self.id)
    }
}

impl UserId {
    /// A mention of the user for a message: `<@id>`.
    #[must_use]
    pub const fn mention(self) -> Mention {
        Mention {
            sign: "@",
            id: self.get(),
        }
    }
}

impl ChannelId {
    /// A mention of the channel for a message: `<#id>`.
    #[must_use]
    pub const fn mention(self) -> Mention {
        Mention {
            sign: "#",
            id: self.get(),
        }
    }
}

impl RoleId {
    /// A mention of the role for a message: `<@&id>`.
    #[must_use]
    pub const fn mention(self) -> Mention {
        Mention {
            sign: "@&",
            id: self.get(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(json: &str) -> User {
        json.parse().unwrap()
    }

    #[test]
    fn addresses_are_those_that_discord_documents() {
        let guild: InviteGuild = r#"{"id":"7","icon":"a_ff","splash":"a_ee","banner":"dd"}"#
            .parse()
            .unwrap();
        assert_eq!(
            guild.icon_url().unwrap().to_string(),
            "https://cdn.discordapp.com/icons/7/a_ff.gif"
        );
        // No splash is animated, whatever its hash.
        assert_eq!(
            guild.splash_url().unwrap().to_string(),
            "https://cdn.discordapp.com/splashes/7/a_ee.png"
        );
        assert_eq!(
            guild.banner_url().unwrap().to_string(),
            "https://cdn.discordapp.com/banners/7/dd.png"
        );
        let event: ScheduledEvent = r#"{"id":"7","image":"ff"}"#.parse().unwrap();
        assert_eq!(
            event.image_url().unwrap().to_string(),
            "https://cdn.discordapp.com/guild-events/7/ff.png"
        );
        let role: InviteRole = r#"{"id":"7","icon":"ff"}"#.parse().unwrap();
        assert_eq!(
            role.icon_url().unwrap().to_string(),
            "https://cdn.discordapp.com/role-icons/7/ff.png"
        );
        assert_eq!(role.mention().to_string(), "<@&7>");
        let channel: InviteChannel = r#"{"id":"7","icon":"ff"}"#.parse().unwrap();
        assert_eq!(
            channel.icon_url().unwrap().to_string(),
            "https://cdn.discordapp.com/channel-icons/7/ff.png"
        );
        assert_eq!(channel.mention().to_string(), "<#7>");
        let application: InviteApplication = r#"{"id":"7","icon":"ff"}"#.parse().unwrap();
        assert_eq!(
            application.icon_url().unwrap().to_string(),
            "https://cdn.discordapp.com/app-icons/7/ff.png"
        );
    }

    #[test]
    fn the_default_avatar_depends_on_the_kind_of_name() {
        for (json, index) in [
            (
                r#"{"id":"175928847299117063","discriminator":"0"}"#,
                175_928_847_299_117_063u64 >> 22,
            ),
            (
                r#"{"id":"175928847299117063"}"#,
                175_928_847_299_117_063u64 >> 22,
            ),
            // An old name: by the last digit, one of five.
            (r#"{"id":"1","discriminator":"1337"}"#, 2),
        ] {
            assert_eq!(
                user(json).shown_avatar_url().to_string(),
                format!("https://cdn.discordapp.com/embed/avatars/{}.png", index % 6)
            );
        }
        let picture = user(r#"{"id":"1"}"#).default_avatar_url();
        assert_eq!(
            picture.format(ImageFormat::Webp),
            Err(ImageError::Format(ImageFormat::Webp))
        );
    }

    #[test]
    fn no_hash_leaves_its_place() {
        for hash in ["", "../../x", "a/b", "a?b", "a b", "a.png", "ä", "%2e"] {
            let json = serde_json::json!({"id": "1", "avatar": hash}).to_string();
            assert_eq!(user(&json).avatar_url(), None, "{hash:?}");
        }
        assert_eq!(user(r#"{"id":"1","avatar":null}"#).avatar_url(), None);
    }

    #[test]
    fn sizes_are_powers_of_two_within_discords_range() {
        let sizes: Vec<u16> = (0..=u16::MAX)
            .filter(|pixels| ImageSize::new(*pixels).is_ok())
            .collect();
        assert_eq!(sizes, [16, 32, 64, 128, 256, 512, 1024, 2048, 4096]);
    }
}
