//! Members and inviters by name.

use std::borrow::Cow;

use guestlist_ledger::is_forgotten;
use guestlist_model::UserId;

/// A person's name; else the id, unless it is a stand-in that names nobody.
pub(crate) fn person(name: Option<&str>, id: UserId) -> Cow<'_, str> {
    match name {
        Some(name) => Cow::Borrowed(name),
        None if is_forgotten(id) => Cow::Borrowed("(forgotten)"),
        None => id.to_string().into(),
    }
}
