//! Finding invites in text.
//!
//! Every link to an invite has a slash before the code. The search jumps from slash to
//! slash (or to a character that can stand for one) and looks backwards for one of
//! Discord's hosts. It never looks back further than a few slashes, so the time is linear
//! in the length of the text.

use std::iter::FusedIterator;
use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use serde::{Deserialize, Serialize};

use super::Disguise;
use super::normal::{Meaning, Piece, after, before, is_markup};
use super::window::{Window, visible_before};
use crate::code::is_code_byte;
use crate::{EventId, InviteCode, InviteLink};

/// An invite in a text.
///
/// ```
/// use guestlist_model::find_invites;
///
/// let text = "join https://discord.gg/hB6mWNqr!";
/// let found = find_invites(text).next().ok_or("no invite")?;
/// assert_eq!(found.code().as_str(), "hB6mWNqr");
/// assert_eq!(&text[found.span], "https://discord.gg/hB6mWNqr");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FoundInvite {
    /// The link.
    pub link: InviteLink,
    /// The byte range in the text: from the scheme, or else the host, to the end of the
    /// code or of the event after it.
    pub span: Range<usize>,
    /// How the link was disguised, if it was.
    pub disguise: Disguise,
}

impl FoundInvite {
    /// The invite's code.
    #[must_use]
    pub const fn code(&self) -> &InviteCode {
        self.link.code()
    }
}

/// Finds all links to invites in a text, in order. It also finds disguised links: with
/// letters in another case, invisible characters, characters that browsers treat as ASCII
/// (fullwidth, mathematical, superscript and others, including dots), percent-encoding,
/// backslashes, Discord's markup, a port or a dot after the host, or a Markdown link with
/// another text. `tests/disguises.rs` lists all of them, with sources.
///
/// It does not find links to other hosts: a host that only ends like Discord's
/// (`notdiscord.gg`), one of Discord's hosts in the path of another host
/// (`example.com/discord.gg/abc`), a host with look-alike letters of other alphabets, or a
/// service that redirects to invites.
///
/// Finding and parsing with [`InviteLink`] agree, with one exception: an underscore at the
/// end belongs to Markdown in a text, and to the code in a link by itself.
///
/// The spans refer to the given text and do not overlap. The time is linear in the length
/// of any text.
///
/// ```
/// use guestlist_model::find_invites;
///
/// let text = "come to Discord.gg/abc or [here](https://discord\u{200b}app.com%2Finvite/x-y)!";
/// let found: Vec<_> = find_invites(text).collect();
/// assert_eq!(found[0].code(), "abc");
/// assert_eq!(&text[found[0].span.clone()], "Discord.gg/abc");
/// assert_eq!(found[1].code(), "x-y");
/// assert!(!found[1].disguise.is_none());
/// ```
#[must_use]
pub fn find_invites(text: &str) -> FindInvites<'_> {
    FindInvites {
        text,
        at: 0,
        done: 0,
        ascii: Next::Unknown,
        wide: Next::Unknown,
    }
}

/// An iterator over the invites in a text; see [`find_invites`].
#[derive(Clone, Debug)]
pub struct FindInvites<'a> {
    text: &'a str,
    /// From where to search.
    at: usize,
    /// Where the last invite ended.
    done: usize,
    ascii: Next,
    wide: Next,
}

/// Where something occurs next.
#[derive(Clone, Copy, Debug)]
enum Next {
    Unknown,
    At(usize),
    Never,
}

impl Next {
    /// Searches from `at`, unless an earlier search already found a later position.
    fn find(&mut self, at: usize, search: impl FnOnce() -> Option<usize>) -> Option<usize> {
        match *self {
            Self::At(next) if next >= at => Some(next),
            Self::Never => None,
            Self::Unknown | Self::At(_) => {
                let next = search();
                *self = next.map_or(Self::Never, Self::At);
                next
            }
        }
    }
}

static WIDE_SLASH: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("／"));

/// The position of the first fullwidth slash. Most texts do not even contain its first
/// byte.
#[inline]
fn wide_slash(bytes: &[u8]) -> Option<usize> {
    let first = memchr::memchr(0xef, bytes)?;
    WIDE_SLASH
        .find(bytes.get(first..)?)
        .map(|offset| first + offset)
}

impl FindInvites<'_> {
    /// The next position at which there may be a slash.
    #[inline]
    fn candidate(&mut self) -> Option<usize> {
        let at = self.at;
        let rest = self.text.as_bytes().get(at..)?;
        let ascii = self.ascii.find(at, || {
            memchr::memchr3(b'/', b'\\', b'%', rest).map(|offset| at + offset)
        });
        let wide = self
            .wide
            .find(at, || wide_slash(rest).map(|offset| at + offset));
        match (ascii, wide) {
            (Some(ascii), Some(wide)) => Some(ascii.min(wide)),
            (one, other) => one.or(other),
        }
    }
}

impl Iterator for FindInvites<'_> {
    type Item = FoundInvite;

    fn next(&mut self) -> Option<FoundInvite> {
        loop {
            let at = self.candidate()?;
            self.at = at + 1;
            if cannot_be(self.text.as_bytes(), at) {
                continue;
            }
            let Some(slash) = after(self.text, at).filter(|piece| piece.is_slash()) else {
                continue;
            };
            self.at = slash.end;
            if let Some(found) = at_slash(self.text, slash, self.done) {
                self.at = found.span.end.max(self.at);
                self.done = found.span.end;
                return Some(found);
            }
        }
    }
}

/// Whether the bytes around an ASCII slash rule out a link. `false` if they do not, or if
/// it takes a closer look.
#[inline]
fn cannot_be(bytes: &[u8], at: usize) -> bool {
    if !matches!(bytes.get(at), Some(b'/' | b'\\')) {
        return false;
    }
    // What follows a slash in a link is a code or what may be before one.
    match bytes.get(at + 1) {
        None => return true,
        Some(&next) if next.is_ascii() => {
            if !is_code_byte(next) && next != b'%' && !is_markup(next) {
                return true;
            }
        }
        Some(_) => return false,
    }
    // What comes before is `gg` or `ite`, and perhaps more slashes.
    let mut end = at;
    let last = loop {
        let Some(before) = end.checked_sub(1) else {
            return true;
        };
        end = before;
        match bytes.get(before) {
            Some(b'/' | b'\\') => {}
            Some(&byte) => break byte.to_ascii_lowercase(),
            None => return true,
        }
    };
    let encoded = last.is_ascii_hexdigit()
        && end
            .checked_sub(2)
            .and_then(|at| bytes.get(at))
            .is_some_and(|at| matches!(at, b'%' | b'5'));
    if !last.is_ascii() || is_markup(last) || encoded {
        return false;
    }
    match (last, end.checked_sub(1).and_then(|at| bytes.get(at))) {
        (b'g' | b'e', Some(second)) => {
            matches!(second.to_ascii_lowercase(), b'h'..=b's' | b'u'..=b'z' | b' ')
        }
        // A dot or a port behind the host.
        (b'.' | b':', Some(second)) => {
            let second = second.to_ascii_lowercase();
            !matches!(second, b'g' | b'.') && second.is_ascii() && !is_markup(second)
        }
        (b'0'..=b'9', _) => {
            let before = bytes.get(end.saturating_sub(PORT)..end).unwrap_or_default();
            !before
                .iter()
                .any(|byte| *byte == b':' || !byte.is_ascii() || *byte == b'%')
        }
        _ => true,
    }
}

/// The maximum distance in bytes from the last digit of a port back to its colon. Many
/// invisible characters or encoded digits could exceed it, but nobody writes such links.
const PORT: usize = 16;

impl FusedIterator for FindInvites<'_> {}

/// What a code may follow, without the last slash, and with runs of slashes as one.
const HOSTS: [&str; 6] = [
    "discord.gg",
    "discord.gg/invite",
    "discord.com/invite",
    "discordapp.com/invite",
    "discord:/-/invite",
    "discord:/invite",
];

/// Subdomains that belong to the link.
const SUBDOMAINS: [&str; 3] = ["www.", "ptb.", "canary."];
const SCHEMES: [&str; 3] = ["https:/", "http:/", "discord:/"];

fn at_slash(text: &str, slash: Piece, done: usize) -> Option<FoundInvite> {
    // At once for nearly all slashes: what comes before is neither `gg` nor `invite`.
    let last = visible_before(text, slash.start)?;
    if !matches!(
        last.meaning,
        Meaning::Ascii(b'g' | b'G' | b'e' | b'E' | b'/' | b'\\' | b'.' | b':' | b'0'..=b'9')
    ) {
        return None;
    }
    let (code, code_end, code_disguise) = code_at(text, slash.end)?;
    let mut window = Window::default();
    window.fill(text, slash.start, done);
    let (host, host_len) = HOSTS
        .iter()
        .filter(|host| window.ends_with(host.as_bytes(), 0))
        .map(|host| (host, host.len()))
        .max_by_key(|(_, len)| *len)?;
    // A host goes on before this if it would have another letter, digit or hyphen.
    let host_start = window.start(host_len)?;
    if let Some(Piece {
        meaning: Meaning::Ascii(byte),
        ..
    }) = before(text, host_start)
        && (byte.is_ascii_alphanumeric() || byte == b'-')
    {
        return None;
    }
    if goes_on(text, &code, code_end) && *host == "discord.gg" {
        return None;
    }
    let mut len = host_len;
    if !host.starts_with("discord:") {
        len += longest(&window, &SUBDOMAINS, len);
        len += longest(&window, &SCHEMES, len);
    }
    let start = window.start(len)?;
    if in_a_path(text.get(done..start).unwrap_or_default()) {
        return None;
    }
    let mut disguise = slash.disguise | code_disguise | window.disguise(len);
    let prefix = text.get(..start).unwrap_or_default();
    if prefix.ends_with("](") || prefix.ends_with("](<") {
        disguise = disguise | Disguise::MASKED;
    }
    let mut link = InviteLink::new(code);
    let mut end = code_end;
    if let Some((event, event_end)) = event_at(text, code_end) {
        link = link.with_event(event);
        end = event_end;
    }
    Some(FoundInvite {
        link,
        span: start..end,
        disguise,
    })
}

/// Whether what looks like the code is actually the next path segment (`invite/`) or the
/// start of another host.
fn goes_on(text: &str, code: &InviteCode, end: usize) -> bool {
    let code = code.as_str();
    let next = after(text, end);
    if code.eq_ignore_ascii_case("invite") {
        return next.is_some_and(Piece::is_slash);
    }
    let Some(dot) = next.filter(|next| next.meaning == Meaning::Ascii(b'.')) else {
        return false;
    };
    ["discord", "discordapp"]
        .iter()
        .any(|host| code.eq_ignore_ascii_case(host))
        && after(text, dot.end).is_some_and(
            |next| matches!(next.meaning, Meaning::Ascii(byte) if byte.is_ascii_alphabetic()),
        )
}

/// How far to look back for another host.
const PATH: usize = 512;

/// Whether the text before a link makes it part of another host's path, as in
/// `example.com/discord.gg/abc`. In a query it is a link that the other host may follow, and
/// after `@` it is the host.
fn in_a_path(before: &str) -> bool {
    let near = before.len().saturating_sub(PATH);
    let near = (near..).find_map(|at| before.get(at..)).unwrap_or_default();
    let ends_link =
        |character: char| character.is_whitespace() || "<>()[]{}\"'`|,;".contains(character);
    let address = near.rsplit(ends_link).next().unwrap_or_default();
    if address.contains(['?', '#']) {
        return false;
    }
    let is_slash = |character: char| matches!(character, '/' | '\\');
    let address = match address.split_once(':') {
        Some((scheme, rest)) if rest.starts_with(is_slash) && is_scheme(scheme) => rest,
        _ => address,
    };
    let Some((host, _)) = address.trim_start_matches(is_slash).split_once(is_slash) else {
        return false;
    };
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    // Of a host with several labels, the last one is a word.
    let labels = host.trim_end_matches('.').rsplit_once('.');
    labels.is_some_and(|(first, last)| {
        first.ends_with(char::is_alphanumeric)
            && last.len() > 1
            && last.chars().all(char::is_alphanumeric)
    }) && !host.to_ascii_lowercase().ends_with("discord.gg")
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

fn longest(window: &Window, prefixes: &[&str], skip: usize) -> usize {
    let fits = |prefix: &&&str| window.ends_with(prefix.as_bytes(), skip);
    prefixes
        .iter()
        .filter(fits)
        .map(|prefix| prefix.len())
        .max()
        .unwrap_or(0)
}

/// Reads a code.
fn code_at(text: &str, start: usize) -> Option<(InviteCode, usize, Disguise)> {
    let mut code = String::new();
    let mut at = start;
    // Underscores at the end belong to Markdown; no code that Discord generates ends with one.
    let mut kept = 0;
    let mut end = start;
    let mut disguise = Disguise::NONE;
    // The disguise of pieces that are part of the code only if more of it follows.
    let mut pending = Disguise::NONE;
    while let Some(piece) = after(text, at) {
        at = piece.end;
        match piece.meaning {
            Meaning::Nothing => pending = pending | piece.disguise,
            Meaning::Ascii(byte) if is_code_byte(byte) => {
                if code.len() == InviteCode::MAX_LEN {
                    return None;
                }
                code.push(char::from(byte));
                pending = pending | piece.disguise;
                if byte != b'_' {
                    kept = code.len();
                    end = piece.end;
                    disguise = disguise | pending;
                    pending = Disguise::NONE;
                }
            }
            Meaning::Ascii(byte) if code.is_empty() && is_markup(byte) => {
                pending = pending | Disguise::MARKUP;
            }
            _ => break,
        }
    }
    if kept == 0 {
        return None;
    }
    code.truncate(kept);
    Some((InviteCode::new(&code).ok()?, end, disguise))
}

/// Reads `?event=` and an id.
fn event_at(text: &str, at: usize) -> Option<(EventId, usize)> {
    let rest = text.get(at..)?;
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let digits = rest.strip_prefix("?event=")?;
    let len = digits.bytes().take_while(u8::is_ascii_digit).count();
    let event = digits.get(..len)?.parse().ok()?;
    Some((event, text.len() - digits.len() + len))
}
