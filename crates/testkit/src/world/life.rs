//! A world drawn from a seed: more difficult than Discord in every respect.

use guestlist_tracker::{Config, ConfirmPolicy, PhantomUses};

use super::{How, Invite, Lists, Random, Weather, World};

/// A world drawn from a seed.
struct Plan {
    config: Config,
    weather: Weather,
    events: u64,
    pause: (i64, i64),
    /// Existing members use any invite, which counts.
    haunted: bool,
}

fn plan(seed: u64) -> (Plan, Random) {
    let mut random = Random::new(seed ^ 0xABCD);
    let mut config = Config::default();
    config.confirm = match random.below(3) {
        0 => ConfirmPolicy::Always,
        1 => ConfirmPolicy::WhenAmbiguous,
        _ => ConfirmPolicy::Never,
    };
    let weather = Weather {
        event: (0, random.of([50, 1500, 4000])),
        count: (0, random.of([0, 1500, 6000])),
        latency: (1, random.of([50, 800, 3000])),
        reply: None,
        index: (0, random.of([500, 20_000, 100_000])),
        audit: (0, random.of([0, 1500, 9000])),
        failing: random.of([0, 0, 150]),
        twice: 100,
        garbled: random.of([0, 0, 0, 100]),
    };
    let haunted = random.chance(200);
    if haunted {
        config.phantom_uses = PhantomUses::Anywhere;
    }
    config.barriers = random.chance(500);
    if random.chance(250) {
        config.light_work = 0;
    }
    let plan = Plan {
        haunted,
        config,
        weather,
        events: 10 + random.below(25),
        pause: random.of([(0, 200), (0, 5000), (2000, 30_000), (0, 60_000)]),
    };
    (plan, random)
}

/// A seed's world, from its beginning to long after its last event.
///
/// With `cut_every`, the tracker is restarted from its stored state each time after so many
/// steps.
#[must_use]
pub fn live(seed: u64, cut_every: Option<u64>) -> World {
    let (plan, random) = plan(seed);
    live_by(seed, plan, random, cut_every)
}

/// The same in a calm world, where no event depends on what the tracker does.
#[must_use]
pub fn live_calmly(seed: u64, cut_every: Option<u64>) -> World {
    let (mut plan, random) = plan(seed);
    plan.weather = Weather::CALM;
    live_by(seed, plan, random, cut_every)
}

fn live_by(seed: u64, plan: Plan, mut random: Random, cut_every: Option<u64>) -> World {
    let mut world = World::new(seed, plan.config, plan.weather);
    world.cut_every = cut_every;
    let mut codes = 0;
    let mut new_code = || {
        codes += 1;
        format!("c{codes}")
    };
    if random.chance(400) {
        world.server.vanity = Some((String::from("vain"), 100));
        world.server.vanity_as_invite = random.chance(500);
    }
    if random.chance(150) {
        world.server.permissions.search = false;
    }
    if random.chance(150) {
        world.server.permissions.audit = false;
    }
    if random.chance(150) {
        world.server.permissions.manage_channels = false;
    }
    if random.chance(100) {
        world.server.permissions.lists = random.of([Lists::WithoutUses, Lists::Forbidden]);
    }
    let roles_too = random.chance(300);
    for _ in 0..1 + random.below(6) {
        let mut invite = Invite::new(&new_code());
        if random.chance(300) {
            invite = invite.max_uses(1 + random.below(3));
        }
        if roles_too && random.chance(300) {
            invite = invite.grants_roles();
        }
        if random.chance(200) {
            let at = world.discord();
            let span = std::time::Duration::from_millis(random.below(300_000));
            invite = invite.expires(at.saturating_add(span));
        }
        world.server.add(invite);
    }
    world.announce();
    // Sometimes the first member comes before the first list.
    world.run(if random.chance(800) { 15_000 } else { 10 });
    for _ in 0..plan.events {
        let pause = random.between(plan.pause.0, plan.pause.1);
        world.run(pause);
        match random.below(100) {
            0..55 => {
                let burst = if random.chance(150) {
                    1 + random.below(8)
                } else {
                    1
                };
                let same = random.chance(500);
                let mut way = None;
                for _ in 0..burst {
                    let codes = world.server.acceptable(world.discord());
                    let fresh = match random.below(11) {
                        0 => How::Integration,
                        1 => How::Discovery,
                        2 if world.server.vanity.is_some() => How::Vanity,
                        3 if world.server.vanity.is_some() => How::Vanity,
                        10 => match random.pick(&codes) {
                            Some(code) if world.server.invites[&code].max_uses == 0 => {
                                How::Verified(code, random.chance(500))
                            }
                            _ => How::Integration,
                        },
                        _ => random.pick(&codes).map_or(How::Discovery, How::Invite),
                    };
                    let how = if same {
                        way.clone().unwrap_or(fresh)
                    } else {
                        fresh
                    };
                    // It may be used up by now.
                    let how = match how {
                        How::Invite(code) if !codes.contains(&code) => How::Integration,
                        how => how,
                    };
                    way = Some(how.clone());
                    world.join(how);
                }
            }
            55..60 => {
                world.join(How::Bot);
            }
            60..68 => {
                let mut invite = Invite::new(&new_code());
                if random.chance(500) {
                    invite = invite.max_uses(1 + random.below(2));
                }
                if roles_too && random.chance(300) {
                    invite = invite.grants_roles();
                }
                if random.chance(300) {
                    invite = invite.terse();
                }
                let name = invite.code.clone();
                if random.chance(700) && world.server.permissions.manage_channels {
                    world.create(invite);
                } else {
                    world.create_silently(invite);
                }
                if random.chance(500) {
                    world.join(How::Invite(name));
                }
            }
            68..74 => {
                let codes = world.server.acceptable(world.discord());
                if let Some(code) = random.pick(&codes) {
                    world.revoke(&code);
                    if random.chance(500) {
                        world.tell_audit(world.server.audit.len() - 1);
                    }
                }
            }
            74..82 => {
                let users: Vec<_> = world.server.members.keys().copied().collect();
                if let Some(user) = random.pick(&users) {
                    world.leave(user);
                    if random.chance(300) {
                        world.run(1 + i64::try_from(random.below(3000)).unwrap());
                        let codes = world.server.acceptable(world.discord());
                        let how = random.pick(&codes).map_or(How::Discovery, How::Invite);
                        world.join_as(user, how);
                    }
                }
            }
            82..88 => {
                // An existing member accepts an invite that grants roles, perhaps since now.
                let codes: Vec<String> = world.server.invites.keys().cloned().collect();
                if roles_too
                    && random.chance(300)
                    && let Some(code) = random.pick(&codes)
                {
                    world.grant_roles(&code);
                }
                let codes: Vec<String> = world
                    .server
                    .acceptable(world.discord())
                    .into_iter()
                    .filter(|code| {
                        let invite = &world.server.invites[code];
                        let open = invite.max_uses == 0 || invite.accepted < invite.max_uses;
                        (invite.roles || plan.haunted) && open
                    })
                    .collect();
                if let Some(code) = random.pick(&codes) {
                    world.accept_again(&code);
                }
            }
            // Without barriers that would be more than the tracker can bear.
            88..91 if world.config().barriers && random.chance(500) => {
                world.hang_for(random.between(0, 90_000));
            }
            88..91 => {
                world.disconnect();
                world.resume_after(random.between(100, 20_000));
            }
            91..93 => {
                // The session is lost, and what happens meanwhile is never told.
                world.disconnect();
                world.run(1);
                world.deaf = true;
                for _ in 0..random.below(3) {
                    world.run(500);
                    let codes = world.server.acceptable(world.discord());
                    let how = random.pick(&codes).map_or(How::Discovery, How::Invite);
                    world.join(how);
                }
                let pause = random.of([0, 0, 1000, 10_000]);
                world.run(random.between(0, pause));
                world.new_session();
            }
            93..95 => {
                let pause = random.of([0, 0, 10_000, 600_000]);
                world.restart_after(random.between(0, pause));
            }
            95..97 => world.server.not_indexed += 1 + random.below(4),
            _ => world.run(20_000),
        }
    }
    world.run(400_000);
    world
}
