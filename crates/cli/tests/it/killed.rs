//! `track` is killed again and again, and loses nothing.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use guestlist::ledger::{Page, Partition, Reports, Resume, Scope, SqliteLedger};
use guestlist_sandbox::{Options, RateLimits, Running, Sandbox, world::NewInvite};
use guestlist_testkit::{Random, until};
use tokio::time::sleep;

fn track(server: &Running, database: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_guestlist"))
        .args(["track", "--log", "off", "--api", &server.api_url(), "--db"])
        .arg(database)
        .env_clear()
        .env("DISCORD_TOKEN", server.token())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// How often each join is in the ledger, by guild, user and time.
async fn held(database: &Path) -> BTreeMap<(u64, u64, i64), u32> {
    let mut held = BTreeMap::new();
    let Ok(ledger) = SqliteLedger::open_read_only(database).await else {
        return held;
    };
    for row in ledger.joins(&Scope::new(), Page::ALL).await.unwrap() {
        let (key, at) = (row.join.key, row.join.joined_at);
        let key = (key.guild.get(), key.user.get(), at.as_micros());
        *held.entry(key).or_default() += 1;
    }
    held
}

#[test]
fn killed_at_fifty_random_moments_it_has_every_join_once() {
    tokio::runtime::Runtime::new().unwrap().block_on(story());
}

async fn story() {
    let mut random = Random::new(guestlist_testkit::seed("KILLED_SEED", 50));
    let mut below = |limit: u64| random.below(limit);
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("guestlist.db");
    let mut options = Options::seeded(50)
        .guilds(2)
        .rate_limits(RateLimits::none());
    // Where the session is lost too, members are searched for; what the index does
    // not hold yet would be found half a minute later.
    options.world.quirks.search_lag = 0;
    let server = Sandbox::start(options).await.unwrap();
    let world = server.world();
    let mut codes = Vec::new();
    for guild in server.guild_ids() {
        let owner = world.read(|world| world.guild(guild).unwrap().owner_id);
        let invite = NewInvite::default().by(owner).max_age(0);
        codes.push(world.create_invite(guild, invite).unwrap().code);
    }
    let join = |which: u64| {
        let code = &codes[usize::try_from(which).unwrap() % codes.len()];
        world.accept_invite(code, None).unwrap();
    };

    let mut process = track(&server, &database);
    // What happened before anybody watched is no join that could be known.
    until("a stored session", || async {
        match SqliteLedger::open_read_only(&database).await {
            Ok(ledger) => !ledger
                .resume_point(Partition::ALL)
                .await
                .unwrap()
                .positions
                .is_empty(),
            Err(_) => false,
        }
    })
    .await;
    for _ in 0..50 {
        for _ in 0..below(4) {
            join(below(2));
            sleep(Duration::from_micros(below(60_000))).await;
        }
        sleep(Duration::from_micros(below(200_000))).await;
        process.kill().unwrap();
        process.wait().unwrap();
        if below(3) == 0 {
            join(below(2));
        }
        if below(10) == 0 {
            // Discord forgets the session as well.
            world.drop_gateway(None, false);
        }
        process = track(&server, &database);
    }
    let truth: BTreeMap<_, _> = world
        .read(|world| world.true_joins().to_vec())
        .into_iter()
        .map(|join| ((join.guild_id, join.user_id, join.joined_at), 1))
        .collect();
    until("every join in the ledger", || async {
        held(&database).await.len() >= truth.len()
    })
    .await;
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!(
        held(&database).await,
        truth,
        "every join of the truth, once, and no other"
    );
    println!("{} joins", truth.len());
}
