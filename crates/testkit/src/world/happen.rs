//! What happens in the guild and on the connection, and when it is told.

use guestlist_model::{Event, Timestamp, UserId};
use guestlist_tracker::JoinKey;

use super::{Coming, Ended, How, Invite, Ms, Server, World, by, guild, json, user};

impl World {
    /// A use shows in the counts.
    pub fn count_later(&mut self, delay: Ms, how: How) {
        let work = move |server: &mut Server| server.count(&how);
        self.later(delay, Coming::Count(Box::new(work)));
    }

    /// The gateway delivers an event after this delay.
    pub fn tell(&mut self, delay: Ms, event: Event) {
        self.later(delay, Coming::Event(Some(event)));
    }

    /// The guild is announced, and listed for the first time.
    pub fn begin(&mut self) {
        self.announce();
        self.run(10_000);
    }

    /// GUILD_CREATE comes.
    pub fn announce(&mut self) {
        let event = json::guild_create(&self.server);
        self.tell(0, event);
    }

    /// GUILD_UPDATE comes.
    pub fn announce_update(&mut self) {
        let event = json::guild_update(&self.server);
        self.tell(0, event);
    }

    /// The session is lost, and a new one begins.
    pub fn new_session(&mut self) {
        self.begin_session();
        self.announce();
    }

    /// The same, and the guild is not announced yet.
    pub fn begin_session(&mut self) {
        self.deaf = false;
        self.held = None;
        self.tell(0, json::ready());
    }

    /// The connection is lost; events are kept until it is resumed.
    pub fn disconnect(&mut self) {
        self.later(0, Coming::Connected(false));
    }

    /// For this long, events come to nobody's ears, and nobody notices.
    pub fn hang_for(&mut self, span: Ms) {
        self.later(0, Coming::Quiet(true));
        self.later(span, Coming::Quiet(false));
    }

    /// The session is resumed after this delay, and delivers what was kept.
    pub fn resume_after(&mut self, delay: Ms) {
        self.later(delay, Coming::Connected(true));
    }

    /// Somebody makes an invite, and the event comes.
    pub fn create(&mut self, invite: Invite) {
        let event = json::invite_create(&invite, self.discord());
        self.create_silently(invite);
        let delay = self.within(self.weather.event);
        self.tell(delay, event);
    }

    /// Somebody makes an invite, and no event comes.
    pub fn create_silently(&mut self, mut invite: Invite) {
        invite.created_at = self.discord();
        self.server.invites.insert(invite.code.clone(), invite);
    }

    /// Somebody deletes an invite.
    pub fn revoke(&mut self, text: &str) {
        let Some(invite) = self.server.invites.remove(text) else {
            return;
        };
        self.audit(42, text, Some(invite.uses));
        self.ended(text);
    }

    /// The time of an invite is over, and an event tells of it: Discord does not say that
    /// none comes.
    pub fn expire(&mut self, text: &str) {
        if self.server.invites.remove(text).is_some() {
            self.ended(text);
        }
    }

    /// Somebody gives an invite roles to grant.
    pub fn grant_roles(&mut self, text: &str) {
        if let Some(invite) = self.server.invites.get_mut(text) {
            invite.roles = true;
            self.audit(41, text, None);
        }
    }

    fn audit(&mut self, action: u64, text: &str, uses: Option<u64>) {
        let lag = self.within(self.weather.audit);
        let now = self.discord();
        let shown_at = Timestamp::from_millis(now.as_millis() + lag);
        self.server.audit_invite(action, text, uses, now, shown_at);
    }

    /// INVITE_DELETE comes.
    fn ended(&mut self, text: &str) {
        if self.server.permissions.manage_channels {
            let delay = self.within(self.weather.event);
            self.tell(delay, json::invite_delete(text));
        }
    }

    /// An existing member accepts an invite.
    pub fn accept_again(&mut self, text: &str) {
        let Some(invite) = self.server.invites.get_mut(text) else {
            return;
        };
        invite.accepted += 1;
        let used_up = invite.accepted == invite.max_uses;
        self.server.count(&by(text));
        if used_up {
            self.ended(text);
        }
    }

    /// Somebody joins. Returns which join it is.
    pub fn join(&mut self, how: How) -> JoinKey {
        let number = self.server.next_user();
        self.join_as(user(number), how)
    }

    /// A certain user joins.
    pub fn join_as(&mut self, user: UserId, how: How) -> JoinKey {
        let event = self.within(self.weather.event);
        // What Discord does not do: an event that comes more than the settling time after
        // its count, or a count more than its lag after its event.
        let settle = i64::try_from(self.config.settle.as_millis()).unwrap();
        let lag = i64::try_from(self.config.count_lag.as_millis()).unwrap();
        let count = self.within(self.weather.count);
        let count = count.max(event - settle + 1).min(event + lag - 1).max(0);
        self.join_with(user, how, event, count)
    }

    /// A certain user joins, and event and count have these delays.
    pub fn join_with(&mut self, user: UserId, how: How, event: Ms, count: Ms) -> JoinKey {
        // The event tells microseconds, a search only milliseconds.
        self.number += 1;
        let micros = self.discord().as_micros() + i64::try_from(self.number % 1000).unwrap();
        let joined_at = Timestamp::from_micros(micros);
        let key = JoinKey::new(guild(), user, joined_at);
        let index = self.within(self.weather.index);
        let indexed_at = Timestamp::from_millis(self.discord().as_millis() + index);
        let rejoined = self.server.has_been_here(user);
        let ended = self.server.join(key, &how, indexed_at);
        if how.counted() {
            self.count_later(count, how.clone());
        }
        if let (Some(Ended::UsedUp), How::Invite(code)) = (ended, &how) {
            let code = code.clone();
            self.ended(&code);
        }
        if self.random.chance(self.weather.garbled) {
            self.later(event, Coming::Event(None));
        } else {
            let told = json::member_add(key, joined_at, &how, rejoined);
            self.tell(event, told);
        }
        if self.random.chance(self.weather.twice) {
            let again = json::member_add(key, joined_at, &how, rejoined);
            let delay = event + self.within((0, 60_000));
            self.tell(delay, again);
        }
        key
    }

    /// A member leaves.
    pub fn leave(&mut self, user: UserId) {
        self.server.members.remove(&user);
        let delay = self.within(self.weather.event);
        self.tell(delay, json::member_remove(user));
    }

    /// An entry of the audit log is told on the gateway.
    pub fn tell_audit(&mut self, index: usize) {
        let event = json::audit_entry(&self.server.audit[index]);
        let delay = self.within(self.weather.event);
        self.tell(delay, event);
    }
}
