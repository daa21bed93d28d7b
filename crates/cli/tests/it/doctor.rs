//! `guestlist doctor`.

use serde_json::Value;

use crate::harness::{Place, outcome, snapshot, words};
use crate::server::Server;

#[test]
fn a_bot_that_has_everything_is_well() {
    let place = Place::new();
    let server = Server::start(&place, &["--guilds", "2"]);
    let well = outcome(&mut server.command(&place, "doctor --db new.db --json"));
    assert_eq!(well.code, 0, "{well}");
    let checks: Vec<String> = well
        .stdout
        .lines()
        .map(|line| {
            let finding: Value = serde_json::from_str(line).unwrap();
            assert_eq!(finding["status"], "ok", "{finding}");
            finding["check"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(
        checks,
        [
            "token",
            "clock",
            "intents",
            "gateway",
            "permissions",
            "permissions",
            "database"
        ]
    );
    assert!(!place.path("new.db").exists(), "it changes nothing");
}

#[test]
fn what_is_missing_is_said_with_its_cure() {
    let place = Place::new();
    snapshot!(
        place,
        "doctor_no_token",
        place.run(words("doctor --db no/such/dir/x.db"))
    );
    let server = Server::start(&place, &[]);
    let mut command = server.command(&place, "doctor");
    let wrong = outcome(command.env("DISCORD_TOKEN", "MTIz.abc.wrong"));
    assert_eq!(wrong.code, 1, "{wrong}");
    assert!(wrong.stdout.contains("✗ token"), "{wrong}");
    assert!(!wrong.stdout.contains("MTIz"), "{wrong}");
}

/// A directory with write permissions in which nobody can make a file, not
/// even the superuser who runs tests in containers.
#[cfg(target_os = "linux")]
#[test]
fn whether_the_database_can_be_created_is_tried() {
    let place = Place::new();
    let doctor = place.run(words("doctor --db /sys/kernel/guestlist.db"));
    assert_eq!(doctor.code, 1, "{doctor}");
    assert!(
        doctor
            .stdout
            .contains("✗ database: /sys/kernel/guestlist.db cannot be created"),
        "{doctor}"
    );
    place.run(words("doctor --db new.db"));
    let left = std::fs::read_dir(place.path("")).unwrap().count();
    assert_eq!(left, 0, "it leaves nothing behind");
}
