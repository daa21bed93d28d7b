//! `guestlist invite`, against a sandbox.

use serde_json::{Value, json};

use crate::harness::{Outcome, Place, outcome, outcome_unread};
use crate::server::Server;

fn first(outcome: &Outcome) -> Value {
    serde_json::from_str(
        outcome
            .stdout
            .lines()
            .next()
            .unwrap_or_else(|| panic!("{outcome}")),
    )
    .unwrap()
}

#[test]
fn an_invite_is_created_looked_up_listed_and_deleted() {
    let place = Place::new();
    let server = Server::start(&place, &["--seed", "1"]);
    let run = |line: &str| outcome(&mut server.command(&place, line));
    let channel = server.channel();
    let guild = server.guild();

    let made = run(&format!(
        "invite create {channel} --max-age 7d --max-uses 5 --unique --json"
    ));
    assert_eq!(made.code, 0, "{made}");
    let made = first(&made);
    assert_eq!(
        (&made["max_age"], &made["max_uses"]),
        (&json!(604_800), &json!(5))
    );
    let code = made["code"].as_str().unwrap();

    let got = run(&format!("invite get https://discord.gg/{code} --json"));
    assert_eq!(got.code, 0, "{got}");
    assert_eq!(first(&got)["guild"]["id"], json!(guild));
    let told = run(&format!("invite get {code}"));
    assert!(
        told.stdout.contains(&format!("https://discord.gg/{code}")),
        "{told}"
    );

    let list = run(&format!("invite list --guild {guild}"));
    assert!(
        list.stdout.contains(code) && list.stdout.contains("invites"),
        "{list}"
    );
    let list = run(&format!("invite list --channel {channel} --json"));
    assert!(
        list.stdout.lines().any(|line| line.contains(code)),
        "{list}"
    );

    let gone = run(&format!("invite delete {code} --reason tidy"));
    assert_eq!(
        (gone.code, gone.stdout.as_str()),
        (0, format!("deleted {code}\n").as_str()),
        "{gone}"
    );
    let again = run(&format!("invite delete {code}"));
    assert_eq!(again.code, 4, "{again}");
    let again = run(&format!("invite get {code} --json"));
    assert_eq!(again.code, 4, "{again}");
    let error: Value = serde_json::from_str(&again.stderr).unwrap();
    assert_eq!(error["kind"], "refused");
}

#[test]
fn a_code_is_looked_up_without_a_token() {
    let place = Place::new();
    let server = Server::start(&place, &[]);
    let list = outcome(&mut server.command(
        &place,
        &format!("invite list --guild {} --json", server.guild()),
    ));
    let code = first(&list)["code"].as_str().unwrap().to_owned();
    let mut command = server.command(&place, &format!("invite get {code} --json"));
    let got = outcome(command.env_remove("DISCORD_TOKEN"));
    assert_eq!(got.code, 0, "{got}");
}

#[test]
fn refusals_say_what_is_missing() {
    let place = Place::new();
    let server = Server::start(&place, &[]);
    let run = |line: &str| outcome(&mut server.command(&place, line));
    let elsewhere = run("invite list --guild 1234567890123456789");
    assert_eq!(elsewhere.code, 4, "{elsewhere}");
    assert!(elsewhere.stderr.contains("help:"), "{elsewhere}");
    let nowhere = run("invite create 1234567890123456789");
    assert_eq!(nowhere.code, 4, "{nowhere}");
    let mut command = server.command(&place, &format!("invite list --guild {}", server.guild()));
    let wrong = outcome(command.env("DISCORD_TOKEN", "MTIz.abc.wrong"));
    assert_eq!(wrong.code, 7, "{wrong}");
    assert!(!format!("{wrong}").contains("MTIz"), "{wrong}");
}

/// Creates so many invites and gives their codes.
fn create(server: &Server, place: &Place, number: usize) -> Vec<String> {
    let line = format!("invite create {} --unique --json", server.channel());
    (0..number)
        .map(|_| {
            let made = first(&outcome(&mut server.command(place, &line)));
            made["code"].as_str().unwrap().to_owned()
        })
        .collect()
}

/// Those of the codes that lead somewhere.
fn alive<'a>(server: &Server, place: &Place, codes: &'a [String]) -> Vec<&'a str> {
    let line = format!("invite list --channel {} --json", server.channel());
    let list = outcome(&mut server.command(place, &line)).stdout;
    let codes = codes.iter().map(String::as_str);
    codes.filter(|code| list.contains(*code)).collect()
}

#[test]
fn all_are_deleted_although_nobody_reads_the_output() {
    let place = Place::new();
    let server = Server::start(&place, &[]);
    let codes = create(&server, &place, 4);
    let line = format!("invite delete {}", codes.join(" "));
    let unread = outcome_unread(&mut server.command(&place, &line));
    assert_eq!((unread.code, unread.stderr.as_str()), (0, ""), "{unread}");
    assert_eq!(alive(&server, &place, &codes), [""; 0]);
}

#[test]
fn an_unknown_code_is_named_and_does_not_cost_the_others() {
    let place = Place::new();
    let server = Server::start(&place, &[]);
    let codes = create(&server, &place, 3);
    let [a, b, c] = codes.as_slice() else {
        panic!("{codes:?}");
    };
    let run = |line: String| outcome(&mut server.command(&place, &line));
    let human = run(format!("invite delete {a} nope999 {a} {b} gone999"));
    assert_eq!(human.code, 4, "{human}");
    assert_eq!(human.stdout, format!("deleted {a}\ndeleted {b}\n"));
    for code in ["nope999", "gone999"] {
        let says = format!("failed to delete {code}");
        assert!(human.stderr.contains(&says), "{human}");
    }
    let json = run(format!("invite delete nope999 {c} gone999 --json"));
    assert_eq!(json.code, 4, "{json}");
    assert_eq!(first(&json)["code"], **c);
    let errors: Vec<Value> = json
        .stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let about: Vec<&Value> = errors.iter().map(|error| &error["code"]).collect();
    assert_eq!(about, ["nope999", "gone999"], "{json}");
    assert_eq!(alive(&server, &place, &codes), [""; 0]);
}

#[test]
fn after_a_failure_that_concerns_all_codes_the_rest_is_named_and_left_alone() {
    let place = Place::new();
    let server = Server::start(&place, &[]);
    let codes = create(&server, &place, 3);
    let [a, b, c] = codes.as_slice() else {
        panic!("{codes:?}");
    };
    let cut = |line: String, after: &str| {
        let path = format!("/invites/{after}");
        let rule = json!({"method": "DELETE", "path": path, "times": 1, "status": 401});
        let (status, answer) = server.http("POST", "/sandbox/faults", &rule);
        assert!((200..300).contains(&status), "{status}: {answer}");
        outcome(&mut server.command(&place, &line))
    };
    let human = cut(format!("invite delete {a} nope999 {b} {c}"), "nope999");
    assert_eq!(human.code, 7, "{human}");
    assert_eq!(human.stdout, format!("deleted {a}\n"));
    assert!(
        human.stderr.contains(&format!("not tried: {b}, {c}")),
        "{human}"
    );
    assert_eq!(alive(&server, &place, &codes), [b, c]);
    let json = cut(format!("invite delete {b} {c} --json"), b);
    assert_eq!(json.code, 7, "{json}");
    let last: Value = serde_json::from_str(json.stderr.lines().last().unwrap()).unwrap();
    assert_eq!(last, json!({"event": "not_tried", "codes": [c]}));
    assert_eq!(alive(&server, &place, &codes), [b, c]);
}

#[test]
fn target_users_are_set_read_and_followed() {
    let place = Place::new();
    let server = Server::start(&place, &[]);
    let channel = server.channel();
    let run = |line: &str| outcome(&mut server.command(&place, line));
    place.file(
        "users.csv",
        "user_id\n80351110224678912\n613425648685547541\n",
    );
    place.file("bad.csv", "user_id\n80351110224678912\nferris\n");
    let made = run(&format!(
        "invite create {channel} --target-users users.csv --json"
    ));
    assert_eq!(made.code, 0, "{made}");
    let code = first(&made)["code"].as_str().unwrap().to_owned();
    let status = run(&format!("invite targets status {code} --wait"));
    assert!(matches!(status.code, 0 | 1), "{status}");
    let set = run(&format!("invite targets set {code} users.csv"));
    assert_eq!(set.code, 0, "{set}");
    let get = run(&format!("invite targets get {code}"));
    assert!(get.stdout.starts_with("user_id\n"), "{get}");
    let bad = run(&format!("invite targets set {code} bad.csv"));
    assert_eq!(bad.code, 3, "{bad}");
    assert!(bad.stderr.contains("line 3"), "{bad}");
}

#[test]
fn invites_are_paused_and_resumed() {
    let place = Place::new();
    let server = Server::start(&place, &[]);
    let run = |line: &str| outcome(&mut server.command(&place, line));
    let guild = server.guild();
    let paused = run(&format!("invite pause {guild} --for 2h --json"));
    assert_eq!(paused.code, 0, "{paused}");
    assert!(first(&paused)["invites_disabled_until"].is_string());
    let resumed = run(&format!("invite resume {guild}"));
    assert_eq!(
        resumed.stdout,
        format!("invites of {guild} work again\n"),
        "{resumed}"
    );
}
