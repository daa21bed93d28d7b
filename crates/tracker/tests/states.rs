//! States that earlier versions stored are taken up: what follows is what follows from a
//! state of this version.
//!
//! The folder `states` has what each released version stored in the stories below. When a
//! version is released that stores another form, add what it stores:
//! `WRITE_STATES=1 cargo test -p guestlist-tracker --test states` writes it.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on stops"
)]

use std::path::PathBuf;
use std::time::Duration;

use guestlist_testkit::world::{How, Invite, World, by, guild};
use guestlist_tracker::{Config, ConfirmPolicy, GuildState};

fn guild_with(confirm: ConfirmPolicy) -> World {
    let mut config = Config::default();
    config.confirm = confirm;
    // The first versions stated nothing provisionally.
    config.provisional = false;
    // And what they stored was under way when they waited for company.
    config.list_delay = Duration::from_millis(250);
    let mut world = World::with(config);
    for name in ["a", "b", "c"] {
        world.server.add(Invite::new(name).used(3));
    }
    let once = Invite::new("once").max_uses(1).grants_roles();
    world.server.add(once);
    world.server.vanity = Some((String::from("vain"), 100));
    world.begin();
    world
}

/// Joins wait: one whose list is under way, a bot, and one before that has its answer.
fn waiting() -> World {
    let mut world = guild_with(ConfirmPolicy::Always);
    world.join(by("b"));
    world.run(30_000);
    world.join(How::Bot);
    world.join(by("a"));
    world.join(How::Vanity);
    world.run(280);
    world
}

/// Answers are deduced and held back for a confirmation that does not come, and another
/// member has left meanwhile.
fn held() -> World {
    let mut world = guild_with(ConfirmPolicy::Always);
    world.weather.index = (200_000, 200_000);
    let gone = world.join(by("c"));
    world.run(30_000);
    world.join(by("a"));
    world.run(1000);
    world.leave(gone.user);
    world.run(8000);
    world
}

/// Invites have ended, and why is not known yet; counts were told to nobody's surprise.
fn ended() -> World {
    let mut world = guild_with(ConfirmPolicy::Never);
    world.weather.audit = (9000, 9000);
    world.join(by("a"));
    world.run(30_000);
    world.create(Invite::new("new").terse());
    world.revoke("b");
    world.grant_roles("a");
    world.tell_audit(world.server.audit.len() - 1);
    world.join(by("once"));
    world.run(3000);
    world
}

/// Events were missed, and who joined meanwhile has not been found yet.
fn gap() -> World {
    let mut world = guild_with(ConfirmPolicy::WhenAmbiguous);
    world.join(by("b"));
    world.run(60_000);
    world.disconnect();
    world.run(1);
    world.deaf = true;
    world.join(by("a"));
    world.run(600_000);
    world.server.not_indexed = 1;
    world.new_session();
    world.run(500);
    world.join(by("c"));
    world.run(100);
    world
}

/// A provisional answer has been stated, and the final one waits.
fn estimated() -> World {
    let mut world = guild_with(ConfirmPolicy::Never);
    world.config_mut().provisional = true;
    world.kill();
    world.run(1000);
    assert!(world.restart(), "all is as it was");
    world.new_session();
    world.run(60_000);
    let key = world.join(by("a"));
    world.run(1000);
    assert!(!world.attributions(key).is_empty());
    world
}

type Story = fn() -> World;

/// The stories, each with the first version that has a state of it.
const STORIES: [(&str, Story, u32); 5] = [
    ("waiting", waiting, 1),
    // Version 1 did not say which counts a confirmed join had moved, so that a join after
    // one is deduced only later.
    ("held", held, 2),
    ("ended", ended, 1),
    ("gap", gap, 1),
    ("estimated", estimated, 2),
];

fn file(version: u32, name: &str) -> PathBuf {
    let name = format!("tests/states/v{version}-{name}.json");
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn stored(version: u32, name: &str) -> GuildState {
    let text = std::fs::read_to_string(file(version, name)).unwrap();
    match version {
        1 => GuildState::version_1(text),
        _ => serde_json::from_str(&text).unwrap(),
    }
}

/// Kills the tracker for a while, starts another one, and lets it finish.
fn go_on(world: &mut World) {
    world.config_mut().provisional = true;
    world.kill();
    world.run(20_000);
    assert!(world.restart(), "all is as it was");
    world.run(1000);
    world.join(by("c"));
    world.run(400_000);
    world.check(0);
    assert_eq!(world.tracker.pending(), 0);
}

/// How late this server counts was not learnt in every version, and weights depend on it.
fn without_weights(line: &str) -> String {
    let mut parts = line.split(r#""weight":"#);
    let mut kept = String::from(parts.next().unwrap_or_default());
    for part in parts {
        kept.push_str(r#""weight":"#);
        kept.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit() || ".e-".contains(c)));
    }
    kept
}

/// How many joins may be missing is not known of a gap that began in an earlier version.
fn without_maximum(line: &str) -> String {
    let Some((before, after)) = line.split_once(r#""joins_missing_at_most":"#) else {
        return line.to_owned();
    };
    let (_, after) = after.split_once(',').unwrap_or_default();
    format!("{before}{after}")
}

/// Since when a count was watched is as it was in that version, and so is from when on members
/// are searched for after a gap.
fn without_since(line: &str) -> String {
    if let Some((before, _)) = line.split_once("JoinedBetween { from: ") {
        return before.to_owned();
    }
    // When that was is written into the record of a gap.
    let known = line.split_once(r#""last_known":""#);
    let without = known.map(|(before, after)| {
        let (_, after) = after.split_once(',').unwrap_or_default();
        format!("{before}{after}")
    });
    let line = without.as_deref().unwrap_or(line);
    let mut parts = line.split(r#""between":["#);
    let mut kept = String::from(parts.next().unwrap_or_default());
    for part in parts {
        kept.push_str(r#""between":["#);
        kept.push_str(part.split_once(',').map_or(part, |(_, rest)| rest));
    }
    kept
}

/// The world numbers what happens in the microseconds of its times, and more may have
/// happened in that version.
fn without_micros(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('.') {
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let (number, behind) = after.split_at(digits);
        kept.push_str(before);
        if digits == 6 && behind.starts_with('Z') {
            let millis = number[..3].trim_end_matches('0');
            if !millis.is_empty() {
                kept.push('.');
                kept.push_str(&number[..3]);
            }
        } else {
            kept.push('.');
            kept.push_str(number);
        }
        rest = behind;
    }
    kept.push_str(rest);
    kept
}

/// Writes what this version stores, where nothing is stored yet.
fn write() {
    for (name, story, _) in STORIES {
        if file(2, name).exists() {
            continue;
        }
        let mut text = serde_json::to_string_pretty(&story().states[&guild()]).unwrap();
        text.push('\n');
        std::fs::write(file(2, name), text).unwrap();
    }
}

#[test]
fn every_released_version_is_taken_up() {
    if std::env::var_os("WRITE_STATES").is_some() {
        write();
    }
    for version in [1, 2] {
        for (name, story, first) in STORIES {
            if version < first {
                continue;
            }
            let mut own = story();
            let mut earlier = story();
            earlier.states.insert(guild(), stored(version, name));
            let (before, same) = (own.trace.len(), earlier.trace.len());
            go_on(&mut own);
            go_on(&mut earlier);
            assert!(own.trace.len() > before, "{name}: much was under way");
            // What was done until the kill may have changed since that version.
            let since = |world: &World, from: usize| -> Vec<String> {
                let lines = world.trace.iter().skip(from);
                let lines =
                    lines.map(|line| without_maximum(&without_since(&without_weights(line))));
                lines.map(|line| without_micros(&line)).collect()
            };
            assert_eq!(
                since(&earlier, same),
                since(&own, before),
                "version {version}, {name}"
            );
            // Once taken up, it is stored as this version does.
            let parts = earlier.states[&guild()].parts();
            let heads: Vec<&str> = parts
                .filter(|(name, _)| *name == "head")
                .map(|(_, body)| body)
                .collect();
            assert!(
                matches!(heads.as_slice(), [head] if head.contains(r#""v":2"#)),
                "version {version}, {name}: {heads:?}"
            );
        }
    }
}
