//! The audit log: its entries, and the gateway events for them.

use super::delay::{Micros, discord};
use super::member::Entry;
use super::payload;
use super::switch::Switch;
use super::world::World;
use crate::Random;

/// A moderator.
const MODERATORS: [u64; 3] = [201, 202, 203];

impl World<'_> {
    /// Adds an entry about an invite to the audit log; its event takes this long.
    pub(super) fn entry_of_invite(
        &mut self,
        guild: usize,
        action: u64,
        code: &str,
        event: Micros,
        random: &mut Random,
    ) -> Option<usize> {
        let by = Self::moderator(random);
        let code = Some(code.to_owned());
        self.enter(guild, action, by, None, code, event, random)
    }

    /// Adds an entry to the audit log.
    #[expect(clippy::too_many_arguments, reason = "an entry has as many parts")]
    pub(super) fn enter(
        &mut self,
        guild: usize,
        action: u64,
        by: u64,
        mut target: Option<u64>,
        mut code: Option<String>,
        event: Micros,
        random: &mut Random,
    ) -> Option<usize> {
        if self.switches.has(Switch::AuditGaps) {
            match random.below(10) {
                0 | 1 => return None,
                2 => code = None,
                3 => target = None,
                _ => {}
            }
        }
        let shown = self.now + self.weather.audit(random, event);
        // An id contains the milliseconds since 2015.
        let millis = (discord(self.now) + self.weather.skew(random)).div_euclid(1000);
        let id = u64::try_from(millis - 1_420_070_400_000).unwrap() << 22;
        let number = self.guilds[guild].number();
        self.guilds[guild].audit.push(Entry {
            id: id + number % (1 << 22),
            at: millis * 1000,
            action,
            by,
            target,
            code,
            shown,
        });
        Some(self.guilds[guild].audit.len() - 1)
    }

    /// Sometimes sends an entry through the gateway as well.
    pub(super) fn tell_entry(&mut self, guild: usize, entry: usize, random: &mut Random) {
        let state = &self.guilds[guild];
        if !state.audit_allowed || random.chance(500) {
            return;
        }
        let data = &state.audit[entry];
        let (delay, body) = (data.shown - self.now, payload::audit_entry(state.id, data));
        let name = "GUILD_AUDIT_LOG_ENTRY_CREATE";
        self.emit(guild, delay, name, body, None, random);
    }

    /// A moderator.
    pub(super) fn moderator(random: &mut Random) -> u64 {
        random.pick(&MODERATORS).unwrap()
    }
}
