//! What is planned: one thing after another of the kinds that happen.

use rand::{Rng, seq::IndexedRandom};

use super::{Act, Scenario, Way};
use crate::world::{Micros, NewInvite, Via, World};

impl Scenario {
    /// Plans the next incident, and when to plan again.
    pub(super) fn plan(&mut self, world: &World, now: Micros) {
        let left = self.options.joins.saturating_sub(self.planned);
        if left == 0 {
            self.planning = false;
            return;
        }
        let Some(guild) = self.guilds.choose(&mut self.rng).copied() else {
            return;
        };
        let before = self.planned;
        self.incident(world, guild, now, left);
        let joins = (self.planned - before).max(1);
        let pace = if self.options.per_second > 0.0 {
            self.options.per_second
        } else {
            1.0
        };
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "a gap need not be exact, and is far below 2^52 microseconds"
        )]
        let gap = (joins as f64 / pace * 1e6 * self.rng.random_range(0.4..1.6)) as Micros;
        self.put(now + gap.max(1), Act::Plan);
    }

    fn will_join(&mut self, at: Micros, guild: u64, way: Way) {
        self.planned += 1;
        self.put(
            at,
            Act::Join {
                guild,
                way,
                again: false,
            },
        );
    }

    fn will_create(&mut self, at: Micros, guild: u64, invite: NewInvite, role: bool) -> u64 {
        let number = self.serial;
        let invite = Box::new(NewInvite {
            unique: true,
            ..invite
        });
        self.put(
            at,
            Act::Create {
                guild,
                invite,
                number,
                role,
            },
        );
        number
    }

    /// Plans one thing of the kinds that happen in servers.
    fn incident(&mut self, world: &World, guild: u64, now: Micros, left: usize) {
        let has = |feature: &str| {
            world
                .guild(guild)
                .is_some_and(|guild| guild.features.contains(feature))
        };
        let vanity = world
            .guild(guild)
            .is_some_and(|guild| guild.vanity_code.is_some());
        match self.rng.random_range(0..100) {
            0..26 => self.will_join(now, guild, Way::Standing),
            26..40 => self.burst(guild, now, left, vanity),
            40..50 => {
                let number = self.will_create(now, guild, NewInvite::default().max_uses(1), false);
                let at = now + self.millis(800, 6_000);
                self.will_join(at, guild, Way::Made(number));
            }
            50..55 => {
                // Made and used up before any list can show it.
                let number = self.will_create(now, guild, NewInvite::default().max_uses(1), false);
                let at = now + self.millis(20, 700);
                self.will_join(at, guild, Way::Made(number));
            }
            55..60 => {
                let uses = self.rng.random_range(2..=4_u32);
                let new = NewInvite::default().max_uses(uses);
                let number = self.will_create(now, guild, new, false);
                let mut at = now + self.millis(300, 2_000);
                for _ in 0..left.min(usize::try_from(uses).unwrap_or(2)) {
                    self.will_join(at, guild, Way::Made(number));
                    at += self.millis(30, 1_500);
                }
            }
            60..65 => {
                let age = self.rng.random_range(2..=6_u32);
                let number = self.will_create(now, guild, NewInvite::default().max_age(age), false);
                if self.rng.random_bool(0.6) {
                    let at = now + self.millis(100, 900);
                    self.will_join(at, guild, Way::Made(number));
                }
            }
            65..72 if vanity => self.will_join(now, guild, Way::Other(Via::Vanity)),
            72..76 => self.will_join(now, guild, Way::Other(Via::Bot)),
            76..80 if has("DISCOVERABLE") => {
                self.will_join(now, guild, Way::Other(Via::Discovery));
            }
            80..83 => self.put(now, Act::Leave { guild }),
            83..87 => {
                self.planned += 1;
                self.put(
                    now,
                    Act::Join {
                        guild,
                        way: Way::Standing,
                        again: true,
                    },
                );
            }
            87..89 => {
                let number = self.will_create(now, guild, NewInvite::default(), false);
                let at = now + self.millis(200, 3_000);
                self.will_join(at, guild, Way::Made(number));
                let at = at + self.millis(1, 800);
                self.put(
                    at,
                    Act::Revoke {
                        guild,
                        number: Some(number),
                    },
                );
            }
            89 => self.put(
                now,
                Act::Revoke {
                    guild,
                    number: None,
                },
            ),
            90..93 => self.put(now, Act::AcceptAgain { guild }),
            93..96 => {
                let number = self.will_create(now, guild, NewInvite::default().max_age(0), true);
                let at = now + self.millis(400, 3_000);
                self.will_join(at, guild, Way::Made(number));
            }
            96 => {
                let new = NewInvite::default().temporary();
                let number = self.will_create(now, guild, new, false);
                let at = now + self.millis(400, 3_000);
                self.will_join(at, guild, Way::Made(number));
                let at = at + self.millis(500, 5_000);
                self.put(at, Act::Disconnect { guild });
            }
            97 => self.will_join(now, guild, Way::Other(Via::Integration)),
            98 => self.will_join(now, guild, Way::Other(Via::GuildsJoin)),
            _ => self.will_join(now, guild, Way::Standing),
        }
    }

    /// Several people in a window that one snapshot may have to explain,
    /// over several ways in.
    fn burst(&mut self, guild: u64, now: Micros, left: usize, vanity: bool) {
        let people = self.rng.random_range(2..=6).min(left);
        let window = if self.rng.random_bool(0.5) {
            150
        } else {
            1_500
        };
        let once = if self.rng.random_bool(0.3) {
            Some(self.will_create(now, guild, NewInvite::default().max_uses(1), false))
        } else {
            None
        };
        for person in 0..people {
            let at = now + self.millis(1, window);
            let way = match once {
                Some(number) if person == 0 => Way::Made(number),
                _ if vanity && self.rng.random_bool(0.15) => Way::Other(Via::Vanity),
                _ if self.rng.random_bool(0.05) => Way::Other(Via::Bot),
                _ => Way::Standing,
            };
            self.will_join(at, guild, way);
        }
        if self.rng.random_bool(0.15) {
            let at = now + self.millis(1, window);
            self.put(at, Act::Leave { guild });
        }
    }
}
