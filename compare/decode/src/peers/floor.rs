//! What no decoder can be expected to beat by much: skipping the document, or one regular
//! expression over the text.

use std::sync::LazyLock;

use regex::Regex;
use serde::de::IgnoredAny;

use crate::measure::{Decode, Input};

/// Finds where each element of the list begins and ends, and looks at nothing in it.
pub struct Elements;

impl Decode for Elements {
    type Out = usize;

    fn decode(input: &mut Input) -> Result<usize, String> {
        sonic_rs::to_array_iter(input.bytes.as_slice()).try_fold(0, |count, element| {
            element
                .map(|_| count + 1)
                .map_err(|error| error.to_string())
        })
    }

    fn shape(out: &usize) -> String {
        out.to_string()
    }
}

/// Deserialises the list into serde's `IgnoredAny`.
pub struct Ignored;

impl Decode for Ignored {
    type Out = ();

    fn decode(input: &mut Input) -> Result<(), String> {
        sonic_rs::from_slice::<IgnoredAny>(&input.bytes)
            .map(drop)
            .map_err(|error| error.to_string())
    }

    fn shape(_out: &()) -> String {
        String::new()
    }
}

/// Finds where each key of a frame begins and ends.
pub struct Frame;

impl Decode for Frame {
    type Out = usize;

    fn decode(input: &mut Input) -> Result<usize, String> {
        sonic_rs::to_object_iter(input.text.as_str()).try_fold(0, |count, entry| {
            entry.map(|_| count + 1).map_err(|error| error.to_string())
        })
    }

    fn shape(out: &usize) -> String {
        out.to_string()
    }
}

/// discord.js's `Invite.InvitesPattern` in the regex crate. It sees no disguise.
pub struct Pattern;

static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)discord(?:(?:app)?\.com/invite|\.gg(?:/invite)?)/(?<code>(?-u:[\w-]){2,255})")
        .expect("the pattern is valid")
});

impl Decode for Pattern {
    type Out = usize;

    fn decode(input: &mut Input) -> Result<usize, String> {
        Ok(PATTERN.find_iter(&input.text).count())
    }

    fn shape(out: &usize) -> String {
        out.to_string()
    }
}
