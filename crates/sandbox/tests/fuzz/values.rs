//! Texts and JSON that somebody might send, and that nobody should.

use guestlist_testkit::Random;
use serde_json::{Map, Value, json};

use crate::Target;

/// Field names of all kinds of bodies.
const FIELDS: [&str; 40] = [
    "max_age",
    "max_uses",
    "temporary",
    "unique",
    "flags",
    "role_ids",
    "target_type",
    "target_user_id",
    "target_application_id",
    "content",
    "embeds",
    "components",
    "nonce",
    "name",
    "description",
    "type",
    "options",
    "nick",
    "roles",
    "features",
    "invites_disabled_until",
    "dms_disabled_until",
    "recipient_id",
    "scheduled_start_time",
    "scheduled_end_time",
    "entity_type",
    "entity_metadata",
    "channel_id",
    "privacy_level",
    "limit",
    "and_query",
    "or_query",
    "user_id",
    "range",
    "sort",
    "after",
    "before",
    "data",
    "attachments",
    "location",
];

/// A text: known, empty, long, or odd.
pub(crate) fn text(target: &Target, random: &mut Random) -> String {
    match random.below(10) {
        0 | 1 => random.pick(&target.ids).unwrap(),
        2 => random.pick(&target.codes).unwrap(),
        3 => String::new(),
        4 => random
            .of([
                "ä", "\u{0}", "\u{202e}", "😀", "%", "\r\n", "\"", "<@1>", "null",
            ])
            .repeat(3),
        5 => "x".repeat(usize::try_from(1 << random.below(13)).unwrap()),
        6 => random.bits().to_string(),
        7 => format!("2026-0{}-01T00:00:00Z", random.below(12)),
        8 => format!("-{}", random.below(100)),
        _ => random
            .of(["true", "a", "guestlist-0", "@me", "0", "GUILD_CREATE"])
            .to_owned(),
    }
}

/// A value, with others in it.
pub(crate) fn value(target: &Target, random: &mut Random, depth: u64) -> Value {
    match random.below(if depth == 0 { 7 } else { 10 }) {
        0 => Value::Null,
        1 => json!(random.chance(500)),
        2 => json!(random.below(100)),
        3 => json!(random.of([0, 1, i64::MIN, i64::MAX, -1, 1 << 53])),
        4 => json!(random.of([0.5, -1e300, 1e-9, 1e18])),
        5 | 6 => json!(text(target, random)),
        7 => (0..random.below(5))
            .map(|_| value(target, random, depth - 1))
            .collect(),
        _ => object(target, random, &[], depth - 1),
    }
}

/// An object with some of these fields, or of those that bodies have.
pub(crate) fn object(target: &Target, random: &mut Random, fields: &[String], depth: u64) -> Value {
    let mut object = Map::new();
    for _ in 0..random.below(6) {
        let field = random
            .pick(fields)
            .unwrap_or_else(|| random.of(FIELDS).to_owned());
        object.insert(field, value(target, random, depth));
    }
    Value::Object(object)
}

/// Bytes: JSON that is whole, broken or deep, a form, or noise.
pub(crate) fn bytes(target: &Target, random: &mut Random, fields: &[String]) -> Vec<u8> {
    match random.below(12) {
        0 => Vec::new(),
        1 => noise(random, 200),
        2 => {
            let deep = usize::try_from(random.below(3_000)).unwrap();
            ["[".repeat(deep), "]".repeat(deep)].concat().into_bytes()
        }
        3 => {
            let mut json = object(target, random, fields, 3).to_string().into_bytes();
            json.truncate(json.len() / 2);
            json
        }
        4 => form(target, random),
        5 => b"user_id\n80351110224678912\nx\n,,\n"
            .repeat(usize::try_from(random.below(50)).unwrap()),
        6 => format!("content={}&max_age=%zz&=&a", text(target, random)).into_bytes(),
        7 => Value::Array(
            (0..random.below(4))
                .map(|_| object(target, random, fields, 2))
                .collect(),
        )
        .to_string()
        .into_bytes(),
        _ => object(target, random, fields, 3).to_string().into_bytes(),
    }
}

/// A multipart form with the boundary `b`, more or less.
fn form(target: &Target, random: &mut Random) -> Vec<u8> {
    let mut form = Vec::new();
    for _ in 0..random.below(4) {
        let name = random.of([
            "payload_json",
            "target_users_file",
            "files[0]",
            "x",
            "\u{fc}",
            "",
        ]);
        let head = format!(
            "--b\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{}\"\r\n\r\n",
            text(target, random).replace(['\r', '\n'], "")
        );
        form.extend(head.into_bytes());
        form.extend(object(target, random, &[], 2).to_string().into_bytes());
        form.extend(b"\r\n");
    }
    form.extend(random.of(["--b--\r\n", "--b", "", "--c--\r\n"]).as_bytes());
    form
}

pub(crate) fn noise(random: &mut Random, most: u64) -> Vec<u8> {
    (0..random.below(most))
        .map(|_| random.bits().to_le_bytes()[0])
        .collect()
}
