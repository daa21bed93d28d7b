//! Who is a member, as far as a ledger with a tracker's records would know.

use std::collections::BTreeMap;

use guestlist_model::{GuildId, Timestamp, UserId};
use guestlist_tracker::{JoinKey, Leave, MemberPage, Record, Request, Response};

/// See the module's documentation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Here(BTreeMap<GuildId, BTreeMap<UserId, JoinKey>>);

impl Here {
    pub(crate) fn hear(&mut self, record: &Record) {
        match record {
            Record::Join(join) => {
                let members = self.0.entry(join.key.guild).or_default();
                let known = members.entry(join.key.user).or_insert(join.key);
                *known = join.key.max(*known);
            }
            Record::Leave(leave) => self.leave(leave),
            _ => {}
        }
    }

    fn leave(&mut self, leave: &Leave) {
        let members = self.0.entry(leave.guild).or_default();
        let is_ended = members.get(&leave.user).is_some_and(|key| {
            let ended = leave
                .joined_at
                .map(|at| JoinKey::new(leave.guild, leave.user, at));
            let is_later = leave.joined_before.is_some_and(|at| key.joined_at > at);
            ended.map_or(!is_later, |ended| ended == *key)
        });
        if is_ended {
            members.remove(&leave.user);
        }
    }

    /// Whether a member is stored as here by a join at this time, in microseconds.
    pub(crate) fn has(&self, guild: u64, user: u64, joined_at: i64) -> bool {
        let key = JoinKey::new(
            GuildId::new_checked(guild).unwrap(),
            UserId::new_checked(user).unwrap(),
            Timestamp::from_micros(joined_at),
        );
        self.0
            .get(&key.guild)
            .and_then(|members| members.get(&key.user))
            == Some(&key)
    }

    /// Compares a page of members with who is stored.
    pub(crate) fn compare(&self, request: &Request, response: Response) -> Response {
        let Response::MemberPage(page) = response else {
            return response;
        };
        let members = self.0.get(&request.guild());
        let stored: Vec<JoinKey> = members
            .into_iter()
            .flat_map(|it| it.values())
            .copied()
            .collect();
        Response::MemberPage(page.compare(&stored))
    }

    /// What is answered without Discord: nothing if nobody is stored who may be on the page.
    pub(crate) fn answer(&self, request: &Request) -> Option<Response> {
        let Request::ListMembers {
            guild,
            after,
            whole: false,
            ..
        } = request
        else {
            return None;
        };
        let mut members = self.0.get(guild).into_iter().flat_map(BTreeMap::keys);
        let is_any = members.any(|user| Some(*user) > *after);
        (!is_any).then(|| Response::MemberPage(MemberPage::nobody()))
    }
}
