//! Broken and hostile JSON: an error that names the place, never a panic.

use guestlist_model::Invite;

#[test]
fn errors_name_the_path_the_problem_and_the_byte() {
    for (json, message) in [
        ("", "$: unexpected end of the JSON (at byte 0)"),
        ("nul", "$: expected an object, found null (at byte 0)"),
        ("{}", "$.code: missing (at byte 0)"),
        ("[]", "$: expected an object, found an array (at byte 0)"),
        (
            r#"{"code":"a"} x"#,
            "$: unexpected text after the JSON value (at byte 13)",
        ),
        (
            r#"{"code":null}"#,
            "$.code: expected a string, found null (at byte 8)",
        ),
        (
            r#"{"code":7}"#,
            "$.code: expected a string, found a number (at byte 8)",
        ),
        (
            r#"{"code":"a/b"}"#,
            "$.code: an invite code cannot contain '/' (at byte 8)",
        ),
        (
            r#"{"code":"a","guild":{"id":"0"}}"#,
            "$.guild.id: an id cannot be 0 (at byte 26)",
        ),
        (
            r#"{"code":"a","guild":{"id":"18446744073709551616"}}"#,
            "$.guild.id: an id must fit in 64 bits (at byte 26)",
        ),
        (
            r#"{"code":"a","guild":{"id":"1e3"}}"#,
            "$.guild.id: an id consists of digits only (at byte 26)",
        ),
        (
            r#"{"code":"a","guild":{"id":-1}}"#,
            "$.guild.id: an id consists of digits only (at byte 26)",
        ),
        (
            r#"{"code":"a","guild":{"id":true}}"#,
            "$.guild.id: expected an id, found a boolean (at byte 26)",
        ),
        (
            r#"{"code":"a","guild":7}"#,
            "$.guild: expected a guild, found a number (at byte 20)",
        ),
        (
            r#"{"code":"a","inviter":{"id":"1","username":5}}"#,
            "$.inviter.username: expected a string, found a number (at byte 43)",
        ),
        (
            r#"{"code":"a","role_ids":["1",{}]}"#,
            "$.role_ids[1]: expected an id, found an object (at byte 28)",
        ),
        (
            r#"{"code":"a","uses":"3"}"#,
            "$.uses: expected a number, found a string (at byte 19)",
        ),
        (
            r#"{"code":"a","created_at":"today"}"#,
            "$.created_at: not a timestamp like 2023-07-22T18:30:11+00:00 (at byte 25)",
        ),
        (
            r#"{"code":"a","temporary":1}"#,
            "$.temporary: expected a boolean, found a number (at byte 24)",
        ),
        (
            r#"{"code":"a","x":[1,]}"#,
            "$.x: not valid JSON: expected a value (at byte 19)",
        ),
        (
            r#"{"code":"a","x":01}"#,
            "$: not valid JSON: expected a comma or the end of the object (at byte 17)",
        ),
        (
            r#"{"code":"a","x":"\x"}"#,
            "$.x: not valid JSON: expected an escape (at byte 17)",
        ),
        (
            r#"{"code":"a",}"#,
            "$: not valid JSON: expected a key (at byte 12)",
        ),
        (
            "{\"code\":\"a\",\"x\":\"\n\"}",
            "$.x: not valid JSON: expected an escaped control character (at byte 17)",
        ),
        (
            r#"{"code":"a","we ird":{"y":.5}}"#,
            "$[\"we ird\"]: not valid JSON: expected a value (at byte 26)",
        ),
    ] {
        match Invite::from_slice(json.as_bytes()) {
            Ok(invite) => panic!("{json} gave {invite:?}"),
            Err(error) => assert_eq!(error.to_string(), message, "{json}"),
        }
    }
    assert!(Invite::from_slice(b"{\"code\":\"\xff\"}").is_err());
}

#[test]
fn depth_is_limited_and_no_stack_needed() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |depth: usize| {
            let inner = if open == "[" { "" } else { "0" };
            format!(
                r#"{{"code":"a","x":{}{inner}{}}}"#,
                open.repeat(depth),
                close.repeat(depth)
            )
        };
        let invite: Invite = nested(126).parse().unwrap();
        let original: serde_json::Value = serde_json::from_str(&nested(126)).unwrap();
        assert_eq!(invite.to_value(), original);
        let error = nested(127).parse::<Invite>().unwrap_err();
        assert!(error.to_string().contains("nested too deeply"), "{error}");
        assert!(serde_json::from_str::<serde_json::Value>(&nested(127)).is_err());
        assert!(open.repeat(3_000_000).parse::<Invite>().is_err());
        assert!(
            format!(r#"{{"code":"a","x":{}"#, open.repeat(3_000_000))
                .parse::<Invite>()
                .is_err()
        );
        assert!(
            format!(r#"{{"code":"a","guild":{}"#, open.repeat(3_000_000))
                .parse::<Invite>()
                .is_err()
        );
    }
}
