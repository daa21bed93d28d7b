//! `guestlist inspect`.

use std::path::Path;

use serde_json::Value;

use crate::harness::{Place, snapshot, words};

const INVITE: &str = r##"{
  "type": 0, "code": "hB6mWNqr", "uses": 3, "max_uses": 10, "max_age": 0, "temporary": false,
  "created_at": "2026-03-01T18:30:12.123456+00:00", "expires_at": null,
  "guild": {"id": "613425648685547541", "name": "Rust", "features": []},
  "channel": {"id": "613425648685547545", "name": "general", "type": 0},
  "inviter": {"id": "80351110224678912", "username": "ferris", "avatar": null},
  "approximate_member_count": 1234, "not_documented": {"kept": [1, null]}
}"##;

#[test]
fn an_invite_is_told_in_lines() {
    let place = Place::new();
    place.file("invite.json", INVITE);
    snapshot!(
        place,
        "inspect_invite",
        place.run(words("inspect invite.json"))
    );
}

#[test]
fn json_gives_the_document_back_whole() {
    let place = Place::new();
    place.file("invite.json", INVITE);
    let outcome = place.run(words("inspect --json invite.json"));
    assert_eq!(outcome.code, 0, "{outcome}");
    assert_eq!(outcome.stdout.lines().count(), 1);
    let before: Value = serde_json::from_str(INVITE).unwrap();
    let after: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(before, after);
}

#[test]
fn standard_input_may_hold_several_documents() {
    let place = Place::new();
    let input = format!("{INVITE}\n[{INVITE}]\n{{\"code\": \"alien\", \"uses\": 7}}\n");
    let outcome = place.run_with_input(["inspect", "--check", "-"], input.as_bytes());
    snapshot!(place, "inspect_stdin", outcome);
    let twice = place.run(words("inspect - -"));
    assert_eq!(twice.code, 2, "{twice}");
}

#[test]
fn broken_and_hostile_files_do_not_stop_the_others() {
    let place = Place::new();
    place.file("1-good.json", INVITE);
    place.file("2-cut.json", &INVITE[..INVITE.len() / 2]);
    place.file("3-empty.json", "");
    place.file("4-binary.json", [0_u8, 159, 146, 150, 255]);
    place.file("5-deep.json", "[".repeat(200_000));
    place.file(
        "6-wrong-type.json",
        r#"{"code": "abc", "guild": {"id": "not an id"}}"#,
    );
    place.file(
        "7-code.json",
        r#"{"code": "../../x", "guild": null, "channel": null}"#,
    );
    place.file(
        "8-one-odd.json",
        format!("[{INVITE}, {{\"code\": 7, \"guild\": null, \"channel\": null}}]"),
    );
    place.file("9-no-invite.json", r#"{"shopping": ["milk"]}"#);
    std::fs::create_dir(place.path("a-directory.json")).unwrap();
    let files = [
        "1-good.json",
        "2-cut.json",
        "3-empty.json",
        "4-binary.json",
        "5-deep.json",
        "6-wrong-type.json",
        "7-code.json",
        "8-one-odd.json",
        "9-no-invite.json",
        "a-directory.json",
        "b-missing.json",
    ];
    let check = place.run(["inspect", "--check"].iter().chain(&files));
    assert_eq!(
        check.stdout.lines().count(),
        files.len(),
        "a line each: {check}"
    );
    snapshot!(place, "inspect_hostile_check", check);
    let print = place.run(["inspect"].iter().chain(&files));
    assert_eq!(print.code, 3, "{print}");
    assert!(!print.stderr.contains("panicked"), "{print}");
    snapshot!(place, "inspect_hostile", print);
    let json = place.run(["inspect", "--check", "--json"].iter().chain(&files));
    assert_eq!(json.code, 1);
    for line in json.stdout.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(
            line["file"].is_string() && line["status"].is_string(),
            "{line}"
        );
    }
}

#[test]
fn what_is_read_is_not_called_lossy() {
    let place = Place::new();
    place.file("bom.json", format!("\u{feff}{INVITE}"));
    place.file("big.json", r#"{"code":"abc","uses":1e400}"#);
    place.file(
        "digits.json",
        r#"{"code":"abc","own":[123456789012345678901234567890,1.50,"\ud83d"],"own":2,"own":3}"#,
    );
    for name in ["bom.json", "big.json", "digits.json"] {
        let read = place.run(["inspect", name]);
        assert_eq!(read.code, 0, "{read}");
        let check = place.run(["inspect", "--check", name]);
        assert_eq!(check.code, 0, "{check}");
        assert!(check.stdout.contains("nothing lost"), "{check}");
    }
}

#[test]
fn a_kind_can_be_told() {
    let place = Place::new();
    place.file(
        "event.json",
        r#"{"channel_id": "2", "guild_id": "1", "code": "abc"}"#,
    );
    let found = place.run(words("inspect --check event.json"));
    assert!(found.stdout.contains("invite:"), "{found}");
    let told = place.run(words("inspect --check --as invite-delete event.json"));
    assert!(told.stdout.contains("invite-delete:"), "{told}");
    let wrong = place.run(words("inspect --as audit-log event.json"));
    snapshot!(place, "inspect_wrong_kind", wrong);
}

/// What INDEX.md of the recorded payloads expects not to decode: members
/// without a user.
const NO_MEMBER: [&str; 2] = ["49-", "50-"];

#[test]
fn recorded_payloads_lose_nothing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/payloads");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not there", folder.display());
        return;
    };
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "json"))
        .collect();
    files.sort();
    let place = Place::new();
    let args = ["inspect".into(), "--check".into(), "--json".into()];
    let outcome = place.run(
        args.into_iter()
            .chain(files.iter().map(|it| it.clone().into_os_string())),
    );
    let lines: Vec<Value> = outcome
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), files.len());
    for (line, file) in lines.iter().zip(&files) {
        let name = file.file_name().unwrap().to_str().unwrap();
        if NO_MEMBER.iter().any(|odd| name.starts_with(odd)) {
            assert_eq!(line["status"], "error", "{line}");
            assert_eq!(line["path"], "$.d.user", "{line}");
        } else {
            assert_eq!(line["status"], "ok", "{line}");
        }
    }
    assert_eq!(outcome.code, 1, "typed errors count: {outcome}");
}
