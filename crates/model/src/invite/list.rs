//! Lists of invites.

use super::{Decoder, Invite};
use crate::DecodeError;
use crate::json::Reader;

/// A list of invites. An element that cannot be decoded does not affect the others.
///
/// ```
/// let list = guestlist_model::decode_invites(br#"[{"code": "abc"}, 7]"#)?;
/// for invite in &list.invites {
///     println!("{invite}");
/// }
/// for (index, error) in &list.failed {
///     println!("element {index}: {error}");
/// }
/// # assert_eq!((list.invites.len(), list.failed.len()), (1, 1));
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct InviteList {
    /// The invites that could be decoded, in order.
    pub invites: Vec<Invite>,
    /// The index and the error of each element that could not be decoded. Error paths
    /// start at the list.
    pub failed: Vec<(usize, DecodeError)>,
}

impl InviteList {
    /// The JSON text of the invites that could be decoded.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::with_capacity(2 + self.invites.len() * 1024);
        out.push('[');
        for (index, invite) in self.invites.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            invite.write(&mut out);
        }
        out.push(']');
        out
    }
}

impl IntoIterator for InviteList {
    type Item = Invite;
    type IntoIter = std::vec::IntoIter<Invite>;

    /// The invites that could be decoded.
    fn into_iter(self) -> Self::IntoIter {
        self.invites.into_iter()
    }
}

/// Decodes a list of invites, such as the response of `GET /guilds/{id}/invites`.
///
/// Elements that are valid JSON but not invites are reported in
/// [`failed`](InviteList::failed).
///
/// ```
/// let list = guestlist_model::decode_invites(br#"[{"code":"abc"}, {"code":7}]"#)?;
/// assert_eq!(list.invites[0].code().as_str(), "abc");
/// let (index, error) = &list.failed[0];
/// assert_eq!((*index, error.path().as_str()), (1, "$[1].code"));
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
///
/// # Errors
///
/// [`DecodeError`] if the text is not a JSON array.
pub fn decode_invites(json: &[u8]) -> Result<InviteList, DecodeError> {
    Decoder::new().invites(json)
}

pub(super) fn decode(decoder: &mut Decoder, json: &[u8]) -> Result<InviteList, DecodeError> {
    let mut reader = Reader::from_slice(json)?;
    let mut list = InviteList::default();
    reader.array(|reader, index| {
        let mark = reader.mark();
        match decoder.read(reader) {
            Ok(invite) => list.invites.push(invite),
            Err(error) => {
                reader.rewind(mark);
                reader.skip()?;
                list.failed.push((index, error.at_index(index)));
            }
        }
        Ok(())
    })?;
    reader.end()?;
    list.invites.shrink_to_fit();
    Ok(list)
}
