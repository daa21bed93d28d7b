//! What holds for any payload, tried on generated ones.

#![expect(clippy::unwrap_used, reason = "a test stops at what is wrong")]

mod support;

use guestlist_model::{
    Decoder, Event, Field, Invite, InviteLink, Timestamp, User, decode_invites, find_invites, json,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use support::{anything, config, invite, keys};

/// JSON text with space in it and everything escaped that can be.
fn odd_text(value: &Value) -> String {
    fn string(text: &str, out: &mut String) {
        out.push('"');
        for unit in text.encode_utf16() {
            out.push_str(&format!("\\u{unit:04X}"));
        }
        out.push('"');
    }
    fn write(value: &Value, out: &mut String) {
        match value {
            Value::String(text) => string(text, out),
            Value::Array(array) => {
                out.push_str("[ ");
                for (index, value) in array.iter().enumerate() {
                    out.push_str(if index > 0 { " ,\n" } else { "" });
                    write(value, out);
                }
                out.push_str("\t]");
            }
            Value::Object(object) => {
                out.push_str("{\r");
                for (index, (key, value)) in object.iter().enumerate() {
                    out.push_str(if index > 0 { "\t, " } else { "" });
                    string(key, out);
                    out.push_str(" : ");
                    write(value, out);
                }
                out.push('}');
            }
            other => out.push_str(&other.to_string()),
        }
    }
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// Finding and parsing agree on a text, except that an underscore at the end is Markdown's in
/// a text and the code's in a link by itself.
fn agree(text: &str) -> Result<(), TestCaseError> {
    let found: Vec<_> = find_invites(text).collect();
    for found in &found {
        let alone = &text[found.span.clone()];
        prop_assert_eq!(
            alone.parse::<InviteLink>(),
            Ok(found.link.clone()),
            "{:?} in {:?}",
            alone,
            text
        );
    }
    // A code by itself is no link.
    if let Ok(link) = text.parse::<InviteLink>()
        && text
            .split(['?', '#'])
            .next()
            .is_some_and(|path| path.contains(['/', '\\', '%', '／']))
    {
        let first = found.first().map(|found| found.code().as_str());
        let code = Some(link.code().as_str().trim_end_matches('_'));
        prop_assert_eq!(first, code.filter(|code| !code.is_empty()), "{:?}", text);
    }
    Ok(())
}

/// What an update should give, by values alone.
fn updated(old: &Value, new: &Map<String, Value>) -> Value {
    let id = |value: &Value| match &value["id"] {
        Value::String(id) => id.trim_start_matches('0').to_owned(),
        other => other.to_string(),
    };
    let mut all = old.as_object().unwrap().clone();
    for (object, bare) in [("guild", "guild_id"), ("channel", "channel_id")] {
        let named = |map: &Map<String, Value>, key: &str| {
            let value = map.get(key).filter(|value| !value.is_null())?;
            let value = if key == object {
                value.get("id")?
            } else {
                value
            };
            Some(id(&json!({"id": value})))
        };
        for (key, other) in [(object, bare), (bare, object)] {
            let (Some(was), Some(is)) = (named(&all, key), named(new, other)) else {
                continue;
            };
            if was != is && !new.contains_key(key) {
                all.remove(key);
            }
        }
    }
    for (key, value) in new {
        let nested = [
            "guild",
            "channel",
            "inviter",
            "target_user",
            "target_application",
            "guild_scheduled_event",
            "stage_instance",
        ];
        match (all.get_mut(key), value) {
            (Some(Value::Object(known)), Value::Object(said))
                if nested.contains(&key.as_str())
                    && (!known.contains_key("id")
                        || !said.contains_key("id")
                        || id(&Value::Object(known.clone())) == id(value)) =>
            {
                known.extend(said.clone());
            }
            _ => {
                all.insert(key.clone(), value.clone());
            }
        }
    }
    Value::Object(all)
}

/// Texts of what links are made of.
fn agreeing() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "discord",
        "discordapp",
        ".gg",
        ".com",
        "/",
        "//",
        "/invite/",
        "abc",
        "x-y_",
        "https://",
        "http:",
        "www.",
        "ptb.",
        "%2F",
        "%64",
        "\\",
        ":",
        ":443",
        ".",
        "\u{2024}",
        "。",
        "\u{200b}",
        "／",
        "ｄ",
        "ⓖ",
        "*",
        "||",
        "_",
        "`",
        "<",
        ">",
        "(",
        ")",
        "[x](",
        "?event=7",
        "?",
        "#",
        "@",
        "example.com/",
        " ",
        ",",
        "!",
        "discord.gg/abc",
        "discord.com/invite/abc",
        "discord://-/invite/",
    ]);
    prop::collection::vec(parts, 0..12).prop_map(|parts| parts.concat())
}

/// A member of a user's text: a known or unknown key, repeated or not, with or without space,
/// escapes and null.
fn member_of_a_user() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec![
        "username",
        "global_name",
        "avatar",
        "clan",
        "banner",
        "avatar_decoration_data",
        "usernam",
        "another",
        "n\\u0061me",
        "cl\\u0061n",
    ]);
    let space = || prop::sample::select(vec!["", "", "", " ", "\n\t"]);
    let value = prop::sample::select(vec![
        "null",
        "null",
        "null",
        "\"a\"",
        "\"\\u00e9\\n\"",
        "\"\u{1f47d} ,null}\"",
        "\"\"",
    ]);
    (key, value, space(), space(), space()).prop_map(|(key, value, before, between, after)| {
        format!("{before}\"{key}\"{between}:{after}{value}")
    })
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn encoding_gives_what_was_decoded(value in invite()) {
        for text in [value.to_string(), odd_text(&value)] {
            let invite = Invite::from_slice(text.as_bytes()).unwrap();
            prop_assert_eq!(&invite.to_value(), &value);
            prop_assert_eq!(&serde_json::from_str::<Value>(&invite.to_json()).unwrap(), &value);
            prop_assert_eq!(&serde_json::to_value(&invite).unwrap(), &value);
            prop_assert_eq!(&serde_json::from_value::<Invite>(value.clone()).unwrap(), &invite);
            for (key, value) in value.as_object().unwrap() {
                prop_assert!(invite.has(key));
                if let Some(extra) = invite.extra(key) {
                    prop_assert_eq!(&serde_json::from_str::<Value>(extra).unwrap(), value);
                }
            }
        }
    }

    #[test]
    fn lists_and_frames_lose_nothing_and_share_soundly(values in prop::collection::vec(invite(), 1..5), again in 0..5usize) {
        // An element again, so that there is something to share.
        let mut values = values;
        values.extend(values.get(again).cloned());
        let mut decoder = Decoder::new();
        for _ in 0..2 {
            let list = decoder.invites(Value::from(values.clone()).to_string().as_bytes()).unwrap();
            prop_assert_eq!(list.failed, []);
            let decoded: Vec<_> = list.invites.iter().map(Invite::to_value).collect();
            prop_assert_eq!(&decoded, &values);
        }
        for value in &values {
            let text = json!({"t": "INVITE_CREATE", "s": 1, "op": 0, "d": value}).to_string();
            let frame = decoder.frame(text.as_bytes()).unwrap().unwrap();
            let Event::InviteCreate(invite) = frame.event else { panic!() };
            prop_assert_eq!(&invite.invite().to_value(), value);
        }
    }

    #[test]
    fn an_entity_keeps_its_text_however_it_is_written(
        members in prop::collection::vec(member_of_a_user(), 0..20),
        at in any::<prop::sample::Index>(),
    ) {
        let mut members = members;
        members.insert(at.index(members.len() + 1), "\"id\":\"7\"".to_owned());
        let json = format!("{{{}}}", members.join(","));
        let user = User::from_slice(json.as_bytes()).unwrap();
        prop_assert_eq!(&*user.json(), &json);
        let value: Value = serde_json::from_str(&json).unwrap();
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        prop_assert_eq!(user.username(), text("username"));
        prop_assert_eq!(user.global_name(), text("global_name"));
        prop_assert_eq!(user.avatar().value(), text("avatar"));
        for (key, of) in value.as_object().unwrap() {
            prop_assert_eq!(&json::to_value(user.get(key).unwrap()).unwrap(), of);
        }
        // The same inside an invite, decoded alone and with others.
        let invite = format!("{{\"code\":\"a\",\"inviter\":{json}}}");
        for invite in [
            Invite::from_slice(invite.as_bytes()).unwrap(),
            decode_invites(format!("[{invite},{invite}]").as_bytes()).unwrap().invites.remove(1),
        ] {
            let inviter = invite.inviter().unwrap();
            prop_assert_eq!(&*inviter.json(), &json);
            prop_assert_eq!(&**inviter, &user);
        }
    }

    #[test]
    fn an_update_sets_what_it_says_and_nothing_else(old in invite(), new in keys()) {
        let mut invite = Invite::from_slice(old.to_string().as_bytes()).unwrap();
        invite.update(Value::Object(new.clone()).to_string().as_bytes()).unwrap();
        prop_assert_eq!(&invite.to_value(), &updated(&old, &new));
        // As if it had been decoded so.
        let fresh = Invite::from_value(&invite.to_value()).unwrap();
        prop_assert_eq!(invite.uses(), fresh.uses());
        prop_assert_eq!(invite.expiry(), fresh.expiry());
        prop_assert_eq!(invite.guild_id(), fresh.guild_id());
        prop_assert_eq!(invite.channel_id(), fresh.channel_id());
        prop_assert_eq!(invite.inviter_id(), fresh.inviter_id());
        prop_assert_eq!(invite.target_type(), fresh.target_type());
        prop_assert_eq!(invite.role_ids().collect::<Vec<_>>(), fresh.role_ids().collect::<Vec<_>>());
        prop_assert_eq!(invite.flags(), fresh.flags());
        prop_assert_eq!(invite.link(), fresh.link());
        prop_assert_eq!(invite.approximate_member_count(), fresh.approximate_member_count());
    }

    #[test]
    fn a_failed_update_changes_nothing(old in invite(), new in keys(), at in any::<prop::sample::Index>()) {
        let mut invite = Invite::from_slice(old.to_string().as_bytes()).unwrap();
        let partial = Value::Object(new).to_string();
        let cut = &partial.as_bytes()[..at.index(partial.len())];
        prop_assert!(invite.update(cut).is_err());
        let mut wrong = partial.trim_end_matches('}').to_owned();
        wrong.push_str(if wrong == "{" { "" } else { "," });
        wrong.push_str("\"temporary\":7}");
        prop_assert!(invite.update(wrong.as_bytes()).is_err());
        prop_assert_eq!(&invite.to_value(), &old);
    }

    #[test]
    fn what_serde_json_reads_is_read_alike(value in anything()) {
        let text = value.to_string();
        prop_assert_eq!(json::to_value(&text).unwrap(), value);
    }

    #[test]
    fn what_is_no_json_is_refused_as_serde_json_does(text in r#"[\[\]{},:"0-9a-u\\. \-+eE]{0,12}"#) {
        let ours = json::to_value(&text);
        let theirs = serde_json::from_str::<Value>(&text);
        // Only lone surrogates and numbers beyond floats are read here and not there.
        if let Err(error) = &theirs {
            let lenient = ["surrogate", "hex escape", "out of range"].iter().any(|it| error.to_string().contains(it));
            prop_assert!(lenient || ours.is_err(), "{} {:?}", error, ours);
        } else {
            prop_assert_eq!(ours.ok(), theirs.ok());
        }
    }

    #[test]
    fn bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = Invite::from_slice(&bytes);
        let _ = decode_invites(&bytes);
        let _ = Event::from_frame(&bytes);
        let _ = Timestamp::parse(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn invites_are_found_wherever_they_are(
        before in "[a-z /%\\\\*ｄ\u{200b}.]{0,20}", code in "[A-Za-z0-9]{2,12}", after in "[ ,.)>!\n]{1,3}[a-z /%\\\\]{0,20}",
    ) {
        let text = format!("{before} discord.gg/{code}{after}");
        let found: Vec<_> = find_invites(&text).collect();
        prop_assert!(found.iter().any(|found| found.code() == code.as_str()), "{:?}", found);
        for found in found {
            prop_assert!(text.get(found.span).is_some());
        }
    }

    #[test]
    fn any_text_is_searched_without_harm(text in "(.|discord|\\.gg|\\.com|/|invite|%2F|\\\\|\u{200b}|／|[a-z0-9_]){0,40}") {
        let mut end = 0;
        for found in find_invites(&text) {
            prop_assert!(end <= found.span.start && found.span.start < found.span.end);
            prop_assert!(text.get(found.span.clone()).is_some());
            end = found.span.end;
        }
    }

    #[test]
    fn finding_and_parsing_agree(text in agreeing()) {
        agree(&text)?;
    }

    #[test]
    fn moments_are_written_as_they_are_read(micros in -62_135_596_800_000_000..253_402_300_799_999_999i64) {
        let at = Timestamp::from_micros(micros);
        prop_assert_eq!(Timestamp::parse(&at.to_string()), Ok(at));
        prop_assert_eq!(Field::Value(at).value(), Some(at));
    }
}
