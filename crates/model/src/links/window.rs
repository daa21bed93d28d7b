//! What comes before a slash, read backwards.

use super::Disguise;
use super::normal::{Meaning, Piece, before, is_markup};

/// The longest that is ever looked for: a scheme, a subdomain and a host.
const WINDOW: usize = 48;

/// What comes before a slash, as it is read, nearest first.
pub(super) struct Window {
    /// In lower case, with where each starts and how it was hidden.
    pieces: [(u8, usize, Disguise); WINDOW],
    len: usize,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            pieces: [(0, 0, Disguise::NONE); WINDOW],
            len: 0,
        }
    }
}

impl Window {
    pub(super) fn fill(&mut self, text: &str, mut end: usize, floor: usize) {
        // Right of the window is a slash.
        let mut right = b'/';
        let mut pending = Disguise::NONE;
        while let Some(piece) = before(text, end).filter(|piece| piece.start >= floor) {
            if right == b'/'
                && let Some(start) = port_and_dot(text, end).filter(|start| *start >= floor)
            {
                end = start;
                pending = pending | Disguise::PORT;
                // Once at each slash.
                right = b':';
                continue;
            }
            end = piece.start;
            let byte = match piece.meaning {
                Meaning::Ascii(byte) if is_markup(byte) => {
                    pending = pending | Disguise::MARKUP;
                    continue;
                }
                // Before punctuation a backslash is Markdown's, and not shown.
                Meaning::Ascii(b'\\') if matches!(right, b'.' | b':' | b'-' | b'/') => {
                    pending = pending | Disguise::BACKSLASH;
                    if right == b'/' {
                        self.widen(piece.start, pending);
                    }
                    continue;
                }
                Meaning::Ascii(b'\\') => b'/',
                Meaning::Ascii(byte) => byte,
                Meaning::Nothing => {
                    pending = pending | piece.disguise;
                    continue;
                }
                Meaning::Other => return,
            };
            if byte == b'/' && right == b'/' {
                self.widen(piece.start, piece.disguise);
                continue;
            }
            let is_look_alike = piece.disguise.contains(Disguise::LETTERS);
            let case = if byte.is_ascii_uppercase() && !is_look_alike {
                Disguise::CASE
            } else {
                Disguise::NONE
            };
            let Some(place) = self.pieces.get_mut(self.len) else {
                return;
            };
            *place = (
                byte.to_ascii_lowercase(),
                piece.start,
                pending | piece.disguise | case,
            );
            pending = Disguise::NONE;
            self.len += 1;
            right = byte;
            // At once for nearly all that comes this far.
            if self.len == 3 && !self.ends_with(b".gg", 0) && !self.ends_with(b"ite", 0) {
                return;
            }
            // No host has such a character.
            if byte <= b' ' || matches!(byte, b'<' | b'>' | b'"' | b'(' | b')') {
                return;
            }
        }
    }

    /// Lets the last slash start earlier.
    fn widen(&mut self, start: usize, disguise: Disguise) {
        if let Some(place) = self
            .len
            .checked_sub(1)
            .and_then(|last| self.pieces.get_mut(last))
        {
            place.1 = start;
            place.2 = place.2 | disguise;
        }
    }

    /// Whether the text ends with `suffix`, `skip` characters before the end.
    pub(super) fn ends_with(&self, suffix: &[u8], skip: usize) -> bool {
        let Some(pieces) = self.pieces.get(skip..self.len) else {
            return false;
        };
        pieces.len() >= suffix.len()
            && suffix
                .iter()
                .rev()
                .zip(pieces)
                .all(|(byte, piece)| *byte == piece.0)
    }

    /// Where the last `len` characters start in the text.
    pub(super) fn start(&self, len: usize) -> Option<usize> {
        self.pieces
            .get(..self.len)?
            .get(len.checked_sub(1)?)
            .map(|piece| piece.1)
    }

    /// How the last `len` characters were hidden.
    pub(super) fn disguise(&self, len: usize) -> Disguise {
        let pieces = self.pieces.get(..len).unwrap_or_default();
        pieces
            .iter()
            .fold(Disguise::NONE, |all, piece| all | piece.2)
    }
}

/// The last piece before a position that can be seen.
pub(super) fn visible_before(text: &str, mut end: usize) -> Option<Piece> {
    loop {
        let piece = before(text, end)?;
        match piece.meaning {
            Meaning::Nothing => {}
            Meaning::Ascii(byte) if is_markup(byte) => {}
            _ => return Some(piece),
        }
        end = piece.start;
    }
}

/// Where a port or a dot behind a host starts, or both: `.`, `:443`, `.:443`.
fn port_and_dot(text: &str, end: usize) -> Option<usize> {
    let mut digits = 0;
    let mut piece = visible_before(text, end)?;
    while matches!(piece.meaning, Meaning::Ascii(b'0'..=b'9')) && digits < 5 {
        digits += 1;
        piece = visible_before(text, piece.start)?;
    }
    let mut start = None;
    if piece.meaning == Meaning::Ascii(b':') {
        start = Some(piece.start);
        piece = visible_before(text, piece.start)?;
    } else if digits > 0 {
        return None;
    }
    if piece.meaning == Meaning::Ascii(b'.') {
        start = Some(piece.start);
        piece = visible_before(text, piece.start)?;
    }
    // It is behind `.gg` or `.com`, and not the colon of a scheme.
    let Meaning::Ascii(b'g' | b'G' | b'm' | b'M') = piece.meaning else {
        return None;
    };
    start
}
