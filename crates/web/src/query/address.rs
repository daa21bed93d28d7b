//! Addresses, and places in a list as they have them.

use std::borrow::Cow;

use form_urlencoded::Serializer;
use guestlist_ledger::TreeCursor;
use guestlist_model::Timestamp;
use guestlist_tracker::JoinKey;

use super::{BadQuery, bad};

/// An address: what is kept of the present one, and what is added; nothing that is empty.
pub(super) fn address<'a>(
    path: &str,
    kept: impl Iterator<Item = (&'a str, &'a str)>,
    more: &[(&str, &str)],
) -> String {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(kept);
    query.extend_pairs(more.iter().filter(|(_, value)| !value.is_empty()));
    let query = query.finish();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

/// The place of a join in the list, as an address has it.
pub(crate) fn cursor(key: &JoinKey) -> String {
    format!("{}-{}-{}", key.joined_at.as_millis(), key.user, key.guild)
}

/// The same, read.
pub(super) fn place(text: &str) -> Result<JoinKey, BadQuery> {
    let read = || {
        let (rest, guild) = text.rsplit_once('-')?;
        let (at, user) = rest.rsplit_once('-')?;
        let at = Timestamp::from_millis(at.parse().ok()?);
        Some(JoinKey::new(guild.parse().ok()?, user.parse().ok()?, at))
    };
    read().ok_or_else(|| bad("before", "use the links between the pages of a list"))
}

/// Where a page of the tree begins.
pub(super) fn branch(text: &str) -> Result<TreeCursor, BadQuery> {
    let read = || {
        let (descendants, user) = text.split_once('-')?;
        Some(TreeCursor {
            descendants: descendants.parse().ok()?,
            user: user.parse().ok()?,
        })
    };
    read().ok_or_else(|| bad("place", "use the links between the pages of the tree"))
}

/// The address of a join.
pub(crate) fn join_path(key: &JoinKey) -> Cow<'static, str> {
    let at = key.joined_at.as_millis();
    format!("/joins/{}/{}/{at}", key.guild, key.user).into()
}
