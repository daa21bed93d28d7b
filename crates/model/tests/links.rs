//! Links as people paste and hide them.

use guestlist_model::{Disguise, FoundInvite, InviteLink, LinkError, find_invites};

fn found(text: &str) -> Vec<FoundInvite> {
    find_invites(text).collect()
}

#[test]
fn everything_people_paste_is_understood() {
    for text in [
        "abc-DEF",
        " abc-DEF\n",
        "<abc-DEF>",
        "abc-DEF.",
        "discord.gg/abc-DEF",
        "discord.gg/abc-DEF/",
        "discord.gg/invite/abc-DEF",
        "discord.com/invite/abc-DEF",
        "discordapp.com/invite/abc-DEF",
        "http://discord.gg/abc-DEF",
        "https://discord.gg/abc-DEF",
        "HTTPS://DISCORD.GG/abc-DEF",
        "https://www.discord.gg/abc-DEF",
        "https://www.discord.com/invite/abc-DEF",
        "https://ptb.discord.com/invite/abc-DEF",
        "https://canary.discordapp.com/invite/abc-DEF",
        "//discord.gg/abc-DEF",
        "discord://-/invite/abc-DEF",
        "discord:///invite/abc-DEF",
        "discord://discord.gg/abc-DEF",
        "<https://discord.gg/abc-DEF>",
        "<https://discord.gg/abc-DEF>,",
        "(https://discord.gg/abc-DEF)",
        "\"discord.gg/abc-DEF\"",
        "`discord.gg/abc-DEF`",
        "**discord.gg/abc-DEF**",
        "||discord.gg/abc-DEF||",
        "_discord.gg/abc-DEF_",
        "https://discord.gg/abc-DEF!!!",
        "https://discord.gg/abc-DEF?",
        "https://discord.gg/abc-DEF?utm_source=x",
        "https://discord.gg/abc-DEF#top",
        "[Join us](https://discord.gg/abc-DEF)",
        "\u{feff}https://discord.gg/abc-DEF\u{200b}",
        "https:\\\\discord.gg\\abc-DEF",
        "https%3A%2F%2Fdiscord.gg%2Fabc-DEF",
        "https://discord.gg:443/abc-DEF",
        "discord.gg./abc-DEF",
        "[Join us](<https://discord.gg/abc-DEF>)",
        "discord\u{2024}gg/abc-DEF",
    ] {
        match text.parse::<InviteLink>() {
            Ok(link) => {
                assert_eq!(link.to_string(), "https://discord.gg/abc-DEF", "{text:?}");
                assert_eq!(link.to_string().parse::<InviteLink>().unwrap(), link);
            }
            Err(error) => panic!("{text:?}: {error}"),
        }
    }
}

#[test]
fn a_printed_link_parses_whatever_the_code() {
    for code in [
        "_",
        "a_",
        "__a__",
        "-",
        "invite",
        "discord",
        "x".repeat(100).as_str(),
    ] {
        let link = InviteLink::new(code.parse().unwrap()).with_event("7".parse().unwrap());
        assert_eq!(
            link.code()
                .to_string()
                .parse::<InviteLink>()
                .unwrap()
                .code(),
            link.code()
        );
        let plain = InviteLink::new(link.code().clone());
        assert_eq!(plain.to_string().parse::<InviteLink>().unwrap(), plain);
        assert_eq!(link.to_string().parse::<InviteLink>().unwrap(), link);
    }
}

#[test]
fn an_event_belongs_to_the_link() {
    for text in [
        "https://discord.gg/abc?event=42",
        "https://discord.com/invite/abc?event=42",
        "https://discord.gg/abc/?event=42",
        "https://discord.gg/abc?x=1&event=42#y",
        "abc?event=42",
        "<https://discord.gg/abc?event=42>.",
    ] {
        let link: InviteLink = text
            .parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(
            link.to_string(),
            "https://discord.gg/abc?event=42",
            "{text}"
        );
    }
    let link: InviteLink = "discord.gg/abc?event=0".parse().unwrap();
    assert_eq!(link.event_id(), None);
}

#[test]
fn what_is_no_link_is_refused_with_a_reason() {
    for text in ["", "  ", "<>", "..."] {
        assert_eq!(
            text.parse::<InviteLink>(),
            Err(LinkError::Empty),
            "{text:?}"
        );
    }
    for text in [
        "https://example.com/abc",
        "https://example.com/discord.gg/abc",
        "notdiscord.gg/abc",
        "my-discord.gg/abc",
        "discord.gg.example.com/abc",
        "https://discord.com/channels/1/2",
        "come to discord.gg/abc",
        "../users/@me",
    ] {
        assert!(
            matches!(text.parse::<InviteLink>(), Err(LinkError::Elsewhere(_))),
            "{text:?}"
        );
    }
    for text in [
        "discord.gg/",
        "discord.gg/..",
        "discord.gg/a b",
        "discord.gg/abc discord.gg/def",
        "discord.gg/a\u{0}b",
        "discord.gg/a/b",
        "discord.gg/a%2Fb",
        "a b",
        "a\u{0}b",
        "日本",
    ] {
        assert!(
            matches!(text.parse::<InviteLink>(), Err(LinkError::Code(_))),
            "{text:?}: {:?}",
            text.parse::<InviteLink>()
        );
    }
}

#[test]
fn disguised_links_are_found_with_their_place_in_the_original_text() {
    for (text, code, span, disguise) in [
        ("discord.gg/abc", "abc", "discord.gg/abc", Disguise::NONE),
        (
            "x https://discord.gg/abc, y",
            "abc",
            "https://discord.gg/abc",
            Disguise::NONE,
        ),
        (
            "加入discord.gg/abc吧",
            "abc",
            "discord.gg/abc",
            Disguise::NONE,
        ),
        (
            "see.discord.gg/abc",
            "abc",
            "discord.gg/abc",
            Disguise::NONE,
        ),
        (
            "https://www.discord.com/invite/abc",
            "abc",
            "https://www.discord.com/invite/abc",
            Disguise::NONE,
        ),
        (
            "?q=https://discord.gg/abc&x",
            "abc",
            "https://discord.gg/abc",
            Disguise::NONE,
        ),
        ("dIsCoRd.Gg/aBc", "aBc", "dIsCoRd.Gg/aBc", Disguise::CASE),
        (
            "dis\u{200b}cord.g\u{200d}g/a\u{2060}bc\u{200b}",
            "abc",
            "dis\u{200b}cord.g\u{200d}g/a\u{2060}bc",
            Disguise::INVISIBLE,
        ),
        (
            "ｄｉｓｃｏｒｄ．ｇｇ／ａｂｃ！",
            "abc",
            "ｄｉｓｃｏｒｄ．ｇｇ／ａｂｃ",
            Disguise::LETTERS,
        ),
        ("𝐝𝐢𝐬𝐜𝐨𝐫𝐝.𝕘𝕘/abc", "abc", "𝐝𝐢𝐬𝐜𝐨𝐫𝐝.𝕘𝕘/abc", Disguise::LETTERS),
        (
            "ⓓiscord。gg/abc",
            "abc",
            "ⓓiscord。gg/abc",
            Disguise::LETTERS,
        ),
        (
            "%64iscord%2egg%2Fabc",
            "abc",
            "%64iscord%2egg%2Fabc",
            Disguise::PERCENT,
        ),
        (
            "discord%252Egg%252F%2561bc",
            "abc",
            "discord%252Egg%252F%2561bc",
            Disguise::PERCENT,
        ),
        (
            "a%20discord.gg/abc",
            "abc",
            "discord.gg/abc",
            Disguise::NONE,
        ),
        (
            "discord.gg\\abc",
            "abc",
            "discord.gg\\abc",
            Disguise::BACKSLASH,
        ),
        (
            "discord\\.gg\\/abc",
            "abc",
            "discord\\.gg\\/abc",
            Disguise::BACKSLASH,
        ),
        (
            "https:\\/\\/discord.gg/abc",
            "abc",
            "https:\\/\\/discord.gg/abc",
            Disguise::BACKSLASH,
        ),
        (
            "discord.gg//\\/abc",
            "abc",
            "discord.gg//\\/abc",
            Disguise::BACKSLASH,
        ),
        (
            "so**discord.gg/abc**",
            "abc",
            "discord.gg/abc",
            Disguise::NONE,
        ),
        (
            "dis**cord**.gg/||abc||",
            "abc",
            "dis**cord**.gg/||abc",
            Disguise::MARKUP,
        ),
        ("_discord.gg/abc_", "abc", "discord.gg/abc", Disguise::NONE),
        (
            "[free](https://discord.gg/abc)",
            "abc",
            "https://discord.gg/abc",
            Disguise::MASKED,
        ),
        (
            "[free](<discord.gg/abc>)",
            "abc",
            "discord.gg/abc",
            Disguise::MASKED,
        ),
        (
            "discord.gg/abc?event=42.",
            "abc",
            "discord.gg/abc?event=42",
            Disguise::NONE,
        ),
        (
            "discord://-/invite/abc",
            "abc",
            "discord://-/invite/abc",
            Disguise::NONE,
        ),
        (
            "discord.gg/discord.gg/abc",
            "abc",
            "discord.gg/abc",
            Disguise::NONE,
        ),
        (
            "discord.gg/invite/abc",
            "abc",
            "discord.gg/invite/abc",
            Disguise::NONE,
        ),
        (
            "discord.gg/invite",
            "invite",
            "discord.gg/invite",
            Disguise::NONE,
        ),
        (
            "evil.com@discord.gg/abc",
            "abc",
            "discord.gg/abc",
            Disguise::NONE,
        ),
    ] {
        let found = found(text);
        assert_eq!(found.len(), 1, "{text:?}: {found:?}");
        assert_eq!(found[0].code(), code, "{text:?}");
        assert_eq!(&text[found[0].span.clone()], span, "{text:?}");
        assert_eq!(
            found[0].disguise, disguise,
            "{text:?}: {}",
            found[0].disguise
        );
    }
}

#[test]
fn what_is_no_invite_is_left_alone() {
    for text in [
        "",
        "discord",
        "discord.gg",
        "discord.gg/",
        "discord.gg /abc",
        "notdiscord.gg/abc",
        "not-discord.gg/abc",
        "discord.gg.example.com/abc",
        "discord.ggg/abc",
        "discord.com/abc",
        "discord.com/channels/1/2",
        "https://example.com/invite/abc",
        "xdiscord.com/invite/abc",
        "%%%%//\\\\%2F",
        "discord.gg/..",
        "discord.gg/%00",
        "discord%gg/abc",
    ] {
        assert_eq!(found(text), [], "{text:?}");
    }
    assert_eq!(found(&format!("discord.gg/{}", "a".repeat(101))), []);
}

#[test]
fn several_invites_are_found_in_order() {
    let text = "a discord.gg/one b DISCORD.com/invite/two?event=3 <https://discord.gg/three>discord.gg/four";
    let codes: Vec<_> = found(text)
        .iter()
        .map(|found| found.code().to_string())
        .collect();
    assert_eq!(codes, ["one", "two", "three", "four"]);
}

#[test]
fn hostile_texts_take_linear_time() {
    for unit in [
        "/",
        "\\",
        "%",
        "g/",
        "e/",
        "gg/",
        "invite/",
        "discord.gg/",
        "discord.gg/invite/",
        "%2f",
        "%25",
        "%252f",
        "\u{200b}",
        "\u{200b}/",
        "g\u{200b}/",
        "*",
        "*/",
        "g*/",
        "g\\/",
        "／",
        "ｇ／",
        "discord.gg/_",
        "_",
        "discord.com/invite",
        "discord\u{200b}",
        "https:/",
        "discord.gg/a?event=1",
        "discord.gg:",
        "gg:1/",
        "gg:11111\u{200b}/",
        "1/",
        ".gg./",
        "a.b/",
        "a.b/discord.gg/a",
    ] {
        for prefix in ["", "discord.gg/", "discord.gg/a", "g"] {
            let text = format!("{prefix}{}", unit.repeat(20_000 / unit.len()));
            let start = std::time::Instant::now();
            let mut end = 0;
            for found in find_invites(&text) {
                assert!(found.span.start >= end && found.span.end <= text.len());
                end = found.span.end;
                assert!(text.get(found.span.clone()).is_some());
            }
            assert!(
                start.elapsed().as_secs() < 2,
                "{prefix:?} and {unit:?}: {:?}",
                start.elapsed()
            );
        }
    }
}

#[test]
fn what_is_invisible_behind_a_link_is_not_part_of_it() {
    for text in [
        "discord.gg/abc\u{61c}",
        "discord.gg/abc\u{61c}_",
        "discord.gg/abc_\u{200b}_",
        "__discord.gg/abc\u{61c}__",
        "discord.gg/abc\u{202e}.",
    ] {
        let found = find_invites(text).next().unwrap();
        assert_eq!(&text[found.span], "discord.gg/abc", "{text:?}");
        assert!(found.disguise.is_none(), "{text:?}: {}", found.disguise);
        let link = text.parse::<InviteLink>();
        assert_eq!(
            link.map(|link| link.code().as_str().trim_end_matches('_').to_owned()),
            Ok("abc".to_owned()),
            "{text:?}"
        );
    }
}
