//! The ways in which invites are hidden from filters, each with its source. The claim of
//! `find_invites` is this list, no less and no more.

use guestlist_model::{Disguise, InviteLink, find_invites};

/// What is found: where it comes from, the text, the code, and how it is hidden.
const FOUND: &[(&str, &str, &str, Disguise)] = &[
    // The URL standard, "host parsing": hosts are lower-cased.
    (
        "URL standard, hosts",
        "DISCORD.gg/abc",
        "abc",
        Disguise::CASE,
    ),
    // The URL standard, "URL parsing": a port and an empty port; a backslash is a slash.
    (
        "URL standard, port",
        "https://discord.gg:443/abc",
        "abc",
        Disguise::PORT,
    ),
    (
        "URL standard, port",
        "discord.gg:80/invite/abc",
        "abc",
        Disguise::PORT,
    ),
    (
        "URL standard, port",
        "https://discord.com:443/invite/abc",
        "abc",
        Disguise::PORT,
    ),
    (
        "URL standard, empty port",
        "https://discord.gg:/abc",
        "abc",
        Disguise::PORT,
    ),
    (
        "URL standard, backslash",
        "https:\\\\discord.gg\\abc",
        "abc",
        Disguise::BACKSLASH,
    ),
    (
        "URL standard, user",
        "https://example.com@discord.gg/abc",
        "abc",
        Disguise::NONE,
    ),
    (
        "URL standard, percent-encoded host",
        "https://%64iscord.gg/abc",
        "abc",
        Disguise::PERCENT,
    ),
    // RFC 1034, 3.1: a name may end with the dot of the root.
    (
        "RFC 1034, root",
        "https://discord.gg./abc",
        "abc",
        Disguise::PORT,
    ),
    (
        "RFC 1034, root",
        "discord.com./invite/abc",
        "abc",
        Disguise::PORT,
    ),
    (
        "RFC 1034, root",
        "discord.gg.:443/abc",
        "abc",
        Disguise::PORT,
    ),
    // UTS 46: what browsers map to ASCII in hosts. All of it is checked, character by
    // character, beside the table in `src/links/normal.rs`.
    (
        "UTS 46, ideographic full stop",
        "discord。gg/abc",
        "abc",
        Disguise::LETTERS,
    ),
    (
        "UTS 46, halfwidth full stop",
        "discord｡gg/abc",
        "abc",
        Disguise::LETTERS,
    ),
    (
        "UTS 46, fullwidth full stop",
        "discord．gg/abc",
        "abc",
        Disguise::LETTERS,
    ),
    (
        "UTS 46, one dot leader",
        "discord\u{2024}gg/abc",
        "abc",
        Disguise::LETTERS,
    ),
    (
        "UTS 46, small full stop",
        "discord\u{fe52}gg/abc",
        "abc",
        Disguise::LETTERS,
    ),
    (
        "UTS 46, fullwidth",
        "ｄｉｓｃｏｒｄ.gg/abc",
        "abc",
        Disguise::LETTERS,
    ),
    (
        "UTS 46, mathematical",
        "𝓭𝓲𝓼𝓬𝓸𝓻𝓭.𝓰𝓰/abc",
        "abc",
        Disguise::LETTERS,
    ),
    (
        "UTS 46, circled",
        "ⓓⓘⓢⓒⓞⓡⓓ.ⓖⓖ/abc",
        "abc",
        Disguise::LETTERS,
    ),
    (
        "UTS 46, squared",
        "🄳🄸🅂🄲🄾🅁🄳.gg/abc",
        "abc",
        Disguise::LETTERS,
    ),
    (
        "UTS 46, superscript",
        "ᵈⁱˢᶜᵒʳᵈ.ᵍᵍ/abc",
        "abc",
        Disguise::LETTERS,
    ),
    (
        "UTS 46, Roman numerals",
        "ⅾiscorⅾ.gg/abc",
        "abc",
        Disguise::LETTERS,
    ),
    (
        "UTS 46, letterlike",
        "ⅆ\u{2139}scℴrd.ℊg/abc",
        "abc",
        Disguise::LETTERS,
    ),
    (
        "UTS 46, ignored",
        "dis\u{ad}cord.gg/abc",
        "abc",
        Disguise::INVISIBLE,
    ),
    (
        "UTS 46, ignored",
        "discord\u{200b}.gg/abc",
        "abc",
        Disguise::INVISIBLE,
    ),
    (
        "UTS 46, ignored",
        "discord.g\u{fe0f}g/abc",
        "abc",
        Disguise::INVISIBLE,
    ),
    (
        "UTS 46, joiners",
        "discord.\u{200d}gg/abc",
        "abc",
        Disguise::INVISIBLE,
    ),
    // UTR 36: characters that change the direction of text and are not seen.
    (
        "UTR 36, direction",
        "discord.gg/\u{202d}abc",
        "abc",
        Disguise::INVISIBLE,
    ),
    (
        "UTR 36, tags",
        "discord.gg\u{e0041}/abc",
        "abc",
        Disguise::INVISIBLE,
    ),
    // Discord's own hosts, old ones and those of its test versions.
    (
        "Discord, old host",
        "https://discordapp.com/invite/abc",
        "abc",
        Disguise::NONE,
    ),
    (
        "Discord, test versions",
        "https://ptb.discord.com/invite/abc",
        "abc",
        Disguise::NONE,
    ),
    (
        "Discord, test versions",
        "https://canary.discord.com/invite/abc",
        "abc",
        Disguise::NONE,
    ),
    (
        "Discord, deep link",
        "discord://-/invite/abc",
        "abc",
        Disguise::NONE,
    ),
    (
        "Discord, path",
        "discord.gg/invite/abc",
        "abc",
        Disguise::NONE,
    ),
    (
        "Discord, more slashes",
        "discord.gg///abc",
        "abc",
        Disguise::NONE,
    ),
    // Discord's documentation, "Markdown Text 101".
    (
        "Markdown, link",
        "[here](https://discord.gg/abc)",
        "abc",
        Disguise::MASKED,
    ),
    (
        "Markdown, no preview",
        "<https://discord.gg/abc>",
        "abc",
        Disguise::NONE,
    ),
    (
        "Markdown, both",
        "[here](<https://discord.gg/abc>)",
        "abc",
        Disguise::MASKED,
    ),
    (
        "Markdown, escapes",
        "discord\\.gg\\/abc",
        "abc",
        Disguise::BACKSLASH,
    ),
    (
        "Markdown, bold",
        "dis**cord**.gg/abc",
        "abc",
        Disguise::MARKUP,
    ),
    (
        "Markdown, spoiler",
        "||discord.gg||/abc",
        "abc",
        Disguise::MARKUP,
    ),
    ("Markdown, code", "`discord.gg/abc`", "abc", Disguise::NONE),
    // RFC 3986, 2.1, and encoders that are used twice.
    (
        "RFC 3986, encoding",
        "discord.gg%2Fabc",
        "abc",
        Disguise::PERCENT,
    ),
    (
        "RFC 3986, encoded twice",
        "discord%252egg%252fabc",
        "abc",
        Disguise::PERCENT,
    ),
    // Pages that forward to the address in their query.
    (
        "forwarding",
        "https://example.com/?url=https://discord.gg/abc",
        "abc",
        Disguise::NONE,
    ),
];

/// What is no link to an invite, however it looks.
const LEFT_ALONE: &[(&str, &str)] = &[
    (
        "the path of another host",
        "https://example.com/discord.gg/abc",
    ),
    (
        "the path of another host",
        "https://web.archive.org/web/2020/https://discord.gg/abc",
    ),
    ("the path of another host", "example.com/x.discord.gg/abc"),
    (
        "the path of another host",
        "https://user@example.com:443/a/discord.com/invite/abc",
    ),
    (
        "the path of another host",
        "https://discord.com/channels/1/discord.gg/abc",
    ),
    ("a user name", "https://discord.gg@example.com/abc"),
    ("a longer host", "discord.gg.example.com/abc"),
    ("a longer host", "discord.ggg/abc"),
    ("another host", "notdiscord.gg/abc"),
    ("another host", "my-discord.gg/abc"),
    ("letters of another alphabet", "dіscord.gg/abc"),
    ("a host that forwards", "https://dsc.gg/abc"),
    ("no port", "discord.gg:x/abc"),
    ("no port", "discord.gg:1234567/abc"),
    ("no host", "discord.gg../abc"),
    ("no path", "discord.gg"),
    ("other pages of Discord", "https://discord.com/channels/1/2"),
];

#[test]
fn every_disguise_is_found_and_parsed() {
    for (source, text, code, disguise) in FOUND {
        let found: Vec<_> = find_invites(text).collect();
        assert_eq!(found.len(), 1, "{source}: {text:?}: {found:?}");
        assert_eq!(found[0].code(), code, "{source}: {text:?}");
        assert_eq!(
            found[0].disguise, *disguise,
            "{source}: {text:?}: {}",
            found[0].disguise
        );
        let alone = &text[found[0].span.clone()];
        assert_eq!(
            alone.parse::<InviteLink>().as_ref(),
            Ok(&found[0].link),
            "{source}: {alone:?}"
        );
        // In the middle of a text as well.
        let text = format!("come to {text} today");
        let found: Vec<_> = find_invites(&text)
            .map(|found| found.code().to_string())
            .collect();
        assert_eq!(found, [*code], "{source}: {text:?}");
    }
}

#[test]
fn what_only_looks_like_an_invite_is_left_alone() {
    for (reason, text) in LEFT_ALONE {
        for text in [
            (*text).to_owned(),
            format!("see {text} for more"),
            format!("<{text}>"),
        ] {
            let found: Vec<_> = find_invites(&text).collect();
            assert!(found.is_empty(), "{reason}: {text:?}: {found:?}");
        }
        assert!(text.parse::<InviteLink>().is_err(), "{reason}: {text:?}");
    }
}
