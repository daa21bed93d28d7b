//! Finding invites in a text.

use std::ops::Range;

use crate::{InviteCode, InviteLink};

/// An invite in a text.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct FoundInvite {
    /// The link.
    pub link: InviteLink,
    /// Where it is in the text, in bytes: from the host (or the scheme, if there is one) to
    /// the end of the code.
    pub span: Range<usize>,
    /// How it was hidden, if it was.
    pub disguise: Disguise,
}

impl FoundInvite {
    /// The invite's code.
    #[must_use]
    pub const fn code(&self) -> &InviteCode {
        self.link.code()
    }
}

/// Ways in which a link can be hidden from a simple search.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Disguise(u8);

impl Disguise {
    /// Not hidden.
    pub const NONE: Self = Self(0);

    /// Whether the link is not hidden.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// Finds the invites in a text.
pub fn find_invites(text: &str) -> impl Iterator<Item = FoundInvite> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..)?;
            let found = rest.find("discord.gg/")?;
            let start = at + found;
            let code_start = start + "discord.gg/".len();
            let code = text.get(code_start..)?;
            let len = code
                .bytes()
                .take_while(|&byte| crate::code::is_code_byte(byte))
                .count();
            at = code_start + len;
            if let Some(Ok(code)) = code.get(..len).map(InviteCode::new) {
                return Some(FoundInvite {
                    link: InviteLink::new(code),
                    span: start..at,
                    disguise: Disguise::NONE,
                });
            }
        }
    })
}
