//! Browsers that have logged in. They are known until they log out, for twelve hours, or
//! until the dashboard stops.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use guestlist_client::AccessToken;
use guestlist_model::{GuildId, UserId};
use sha2::{Digest as _, Sha256};

const LASTS: Duration = Duration::from_secs(12 * 3_600);
const MOST: usize = 1_000;
/// How long Discord is not asked again if it did not answer.
const PAUSE: Duration = Duration::from_secs(30);

/// How much longer what Discord said is believed, if it does not answer.
const GRACE: Duration = Duration::from_secs(600);

/// Somebody who logged in with Discord.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) user: UserId,
    pub(super) name: String,
    pub(super) token: AccessToken,
    /// The servers that they manage.
    pub(super) guilds: Arc<BTreeSet<GuildId>>,
    /// When Discord said so.
    pub(super) checked: Instant,
}

impl Person {
    /// Whether Discord has not said for too long what they manage, so that nobody knows.
    pub(super) fn is_unsure(&self, every: Duration, now: Instant) -> bool {
        now.duration_since(self.checked) > every + GRACE
    }
}

/// A browser that has logged in.
#[derive(Debug)]
struct Open {
    until: Instant,
    /// None has logged in with the token.
    person: Option<Person>,
    /// When Discord is to be asked again what the person manages.
    look: Instant,
}

/// Who has logged in, by a digest of what their cookie says.
#[derive(Debug, Default)]
pub(super) struct Visits(HashMap<[u8; 32], Open>);

fn digest(id: &str) -> [u8; 32] {
    Sha256::digest(id).into()
}

impl Visits {
    /// Lets a browser in: with the token, or as a person, for so long at most.
    pub(super) fn open(
        &mut self,
        id: &str,
        person: Option<(Person, Duration)>,
        every: Duration,
        now: Instant,
    ) {
        self.0.retain(|_, it| it.until > now);
        if self.0.len() >= MOST {
            let oldest = self.0.iter().min_by_key(|(_, it)| it.until);
            if let Some(oldest) = oldest.map(|(id, _)| *id) {
                self.0.remove(&oldest);
            }
        }
        let lasts = person
            .as_ref()
            .map_or(LASTS, |(_, lasts)| LASTS.min(*lasts));
        let open = Open {
            until: now + lasts,
            person: person.map(|(person, _)| person),
            look: now + every,
        };
        self.0.insert(digest(id), open);
    }

    pub(super) fn close(&mut self, id: &str) -> Option<Person> {
        self.0.remove(&digest(id))?.person
    }

    /// Whether a browser is in, and as whom.
    pub(super) fn get(&self, id: &str, now: Instant) -> Option<Option<Person>> {
        let open = self.0.get(&digest(id)).filter(|it| it.until > now)?;
        Some(open.person.clone())
    }

    /// Whether it is time to ask Discord again. Who is told so has to ask; others are not
    /// told for a while.
    pub(super) fn is_due(&mut self, id: &str, now: Instant) -> bool {
        let open = self.0.get_mut(&digest(id));
        let due = open.filter(|it| it.person.is_some() && it.look <= now);
        due.map(|it| it.look = now + PAUSE).is_some()
    }

    /// Takes over what Discord said.
    pub(super) fn learn(
        &mut self,
        id: &str,
        guilds: Arc<BTreeSet<GuildId>>,
        every: Duration,
        now: Instant,
    ) {
        if let Some(open) = self.0.get_mut(&digest(id))
            && let Some(person) = &mut open.person
        {
            (person.guilds, person.checked) = (guilds, now);
            open.look = now + every;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: Duration = Duration::from_secs(300);

    #[test]
    fn a_visit_ends_by_itself_and_the_oldest_makes_room() {
        let (mut visits, now) = (Visits::default(), Instant::now());
        let is_open = |visits: &Visits, id: &str, at| visits.get(id, at).is_some();
        visits.open("first", None, EVERY, now);
        assert!(is_open(&visits, "first", now));
        assert!(!is_open(&visits, "other", now));
        assert!(!is_open(&visits, "first", now + LASTS));
        assert!(
            !visits.is_due("first", now + EVERY),
            "nobody is asked of a token"
        );
        for number in 0..MOST {
            let later = now + Duration::from_secs(1);
            visits.open(&number.to_string(), None, EVERY, later);
        }
        assert!(!is_open(&visits, "first", now));
        assert!(is_open(&visits, "7", now));
        visits.close("7");
        assert!(!is_open(&visits, "7", now));
    }

    #[tokio::test]
    async fn a_person_is_asked_about_again_and_not_believed_forever() {
        let (mut visits, now) = (Visits::default(), Instant::now());
        let guilds = |id: &str| Arc::new(BTreeSet::from([id.parse().unwrap()]));
        let person = Person {
            user: "1".parse().unwrap(),
            name: "ada".to_owned(),
            token: AccessToken::new("s3cret").unwrap(),
            guilds: guilds("7"),
            checked: now,
        };
        assert!(!format!("{person:?}").contains("s3cret"));
        assert!(!person.is_unsure(EVERY, now + EVERY + GRACE));
        assert!(person.is_unsure(EVERY, now + EVERY + GRACE + PAUSE));
        let lasts = Duration::from_secs(3_600);
        visits.open("a", Some((person.clone(), lasts)), EVERY, now);
        assert!(
            visits.get("a", now + lasts).is_none(),
            "no longer than the token"
        );
        assert!(!visits.is_due("a", now));
        assert!(visits.is_due("a", now + EVERY));
        assert!(!visits.is_due("a", now + EVERY), "one asks for all");
        assert!(visits.is_due("a", now + EVERY + PAUSE), "it did not answer");
        visits.learn("a", guilds("8"), EVERY, now + EVERY);
        let known = visits.get("a", now).flatten().unwrap();
        assert_eq!((known.guilds, known.checked), (guilds("8"), now + EVERY));
        assert!(!visits.is_due("a", now + EVERY + PAUSE));
        visits.open("b", Some((person, Duration::MAX)), EVERY, now);
        assert!(
            visits.get("b", now + LASTS).is_none(),
            "nor than twelve hours"
        );
    }
}
