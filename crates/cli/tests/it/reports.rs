//! `guestlist label`, `report` and `export`.

use guestlist::ledger::{Batch, GuildInfo};
use serde_json::Value;

use crate::harness::{Place, snapshot, words};
use crate::ledger::{GUILD, ledger, write};

/// A ledger with a label in it.
fn labelled() -> Place {
    let place = Place::new();
    ledger(&place);
    let set = [
        "label",
        "set",
        "--guild",
        GUILD,
        "newsletter May",
        "hB6mWNqr",
    ];
    assert_eq!(place.run(set).code, 0);
    place
}

#[test]
fn labels_group_codes() {
    let place = Place::new();
    ledger(&place);
    let set = [
        "label",
        "set",
        "--guild",
        GUILD,
        "newsletter May",
        "https://discord.gg/hB6mWNqr",
        "other",
    ];
    let outcome = place.run(set);
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (
            0,
            "hB6mWNqr now has the label newsletter May\nother now has the label newsletter May\n"
        )
    );
    let again = place.run([&set[..], &["--json"]].concat());
    let first: Value = serde_json::from_str(again.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["event"], &first["code"], &first["changed"]),
        (&"label_set".into(), &"hB6mWNqr".into(), &false.into())
    );
    let list = place.run(words("label list --json"));
    assert_eq!(list.stdout.lines().count(), 2, "{list}");
    let table = place.run(words("label list"));
    assert!(table.stdout.contains("newsletter May  hB6mWNqr"), "{table}");
    let of_it = place.run(["joins", "--json", "--label", "newsletter May"]);
    assert_eq!(of_it.stdout.lines().count(), 2, "{of_it}");
    assert!(
        of_it.stdout.contains(r#""label":"newsletter May""#),
        "{of_it}"
    );
    let invites = place.run(["invites", "--label", "newsletter May"]);
    assert!(invites.stdout.contains("1 invite"), "{invites}");
    let remove = words(&format!("label remove --guild {GUILD} other"));
    let removed = place.run(&remove);
    assert_eq!(removed.stdout, "other no longer has a label\n", "{removed}");
    assert_eq!(place.run(&remove).stdout, "other had no label\n");
    for (wrong, code) in [
        ("label set --guild 1 \u{1b}x abc", 2),
        ("label set --guild 1 May not/a/code", 3),
        ("label set --guild 1 May abc --db none.db", 6),
        ("label", 2),
    ] {
        assert_eq!(place.run(words(wrong)).code, code, "{wrong}");
    }
}

#[test]
fn a_report_in_all_forms() {
    let place = labelled();
    let span = "--since 2026-03-01 --until 2026-03-08";
    let of = |format: &str| place.run(words(&format!("report {span} --format {format}")));
    snapshot!(place, "report_terminal", of("terminal"));
    snapshot!(place, "report_markdown", of("markdown"));
    let page = of("html").stdout;
    assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
    let json: Value = serde_json::from_str(&of("json").stdout).unwrap();
    assert_eq!(json["figures"][0]["now"], 5);
    assert_eq!(json["labels"][0]["key"], "newsletter May");
    assert_eq!(json["labels"][1]["key"], Value::Null);
    let same = place.run(words(&format!("report {span} --json")));
    assert_eq!(
        serde_json::from_str::<Value>(&same.stdout).unwrap()["labels"],
        json["labels"]
    );
    for wrong in ["--since now --until 1d", "--top 0", "--format pdf"] {
        let outcome = place.run(words(&format!("report {wrong}")));
        assert_eq!(outcome.code, 2, "{wrong}: {outcome}");
    }
}

#[test]
fn a_report_needs_to_know_which_server() {
    let place = Place::new();
    write(&place, "none.db", &Batch::new());
    let none = place.run(words("report --db none.db"));
    assert_eq!(none.code, 2, "{none}");
    assert!(none.stderr.contains("no server yet"), "{none}");
    ledger(&place);
    let mut other = Batch::new();
    other.guilds = vec![GuildInfo::new("77".parse().unwrap(), "Other")];
    write(&place, "guestlist.db", &other);
    let several = place.run(words("report"));
    assert_eq!(several.code, 2, "{several}");
    assert!(several.stderr.contains("77 (Other)"), "{several}");
    let named = place.run(words("report --guild 77"));
    assert!(named.stdout.starts_with("Other: "), "{named}");
}

#[test]
fn everything_can_be_exported() {
    let place = labelled();
    let lines = |line: &str| {
        let outcome = place.run(words(&format!("export {line}")));
        assert_eq!(outcome.code, 0, "{line}: {outcome}");
        let lines: Vec<String> = outcome.stdout.lines().map(str::to_owned).collect();
        lines
    };
    let joins = lines("joins");
    assert_eq!(joins.len(), 1 + 5);
    assert!(joins[0].contains(",label,"), "{joins:?}");
    let formula = joins
        .iter()
        .find(|line| line.contains("HYPERLINK"))
        .unwrap();
    assert!(formula.contains("\"'=HYPERLINK"), "{formula}");
    assert_eq!(lines("joins --format jsonl --limit 2").len(), 2);
    assert_eq!(lines("joins --json --name ada").len(), 1);
    let cohorts = lines("retention --by label --json");
    let first: Value = serde_json::from_str(&cohorts[0]).unwrap();
    assert_eq!(first["label"], "newsletter May");
    assert_eq!(
        (&first["joined"], &first["observed_1d"]),
        (&2.into(), &2.into())
    );
    assert_eq!(lines("retention --by invite --weekly").len(), 1 + 2);
    for what in ["invites", "inviters", "labels", "bursts", "gaps"] {
        let header = &lines(what)[0];
        assert!(
            header.contains("guild_id") || header.contains("inviter_id"),
            "{header}"
        );
    }
    for wrong in ["doors", "joins --weekly", "joins --format xml"] {
        let outcome = place.run(words(&format!("export {wrong}")));
        assert_eq!(outcome.code, 2, "{wrong}: {outcome}");
    }
}
