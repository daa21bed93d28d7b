//! What was stated about each join, beside what is true.

use std::collections::{BTreeMap, HashMap};

use guestlist::ledger::News;
use guestlist::model::UserId;
use guestlist::tracker::{Attribution, Certainty, Join, JoinKey, Origin};
use serde::Serialize;

/// How somebody really came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Truth {
    /// `invite`, `vanity`, `bot` …: the words of `Origin::label`.
    pub(super) via: String,
    /// The code, of an invite or the vanity one.
    pub(super) code: Option<String>,
    /// Who made the invite, or added the bot.
    #[serde(skip)]
    pub(super) inviter: Option<UserId>,
}

/// A statement beside the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It states what is true, all of it.
    Agrees,
    /// It states what is true, and leaves out who invited.
    Incomplete,
    /// It states something else.
    Differs,
    /// It states nothing, or the truth is not known yet.
    Open,
}

/// One join, as far as it is known.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// The member's name.
    pub(super) name: Option<String>,
    /// Whether it is a bot.
    pub(super) bot: bool,
    /// The latest attribution.
    pub(super) latest: Option<Attribution>,
    /// Everything that was stated as a fact, in order.
    stated: Vec<Origin>,
}

/// All joins of the demo.
#[derive(Debug, Default)]
pub(super) struct Scores {
    truth: HashMap<JoinKey, Truth>,
    seen: BTreeMap<JoinKey, Seen>,
    names: HashMap<UserId, String>,
}

/// The numbers at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Joins that happened.
    pub(super) joins: u64,
    /// By certainty.
    pub(super) confirmed: u64,
    pub(super) deduced: u64,
    pub(super) ambiguous: u64,
    /// Including joins that nothing was said about.
    pub(super) unknown: u64,
    /// Joins about which something untrue was stated as a fact.
    pub(super) wrong: u64,
    /// Joins that nothing was said about so far.
    pub(super) waiting: u64,
}

impl Scores {
    /// Learns the truth about joins.
    pub(super) fn learn(&mut self, truth: impl IntoIterator<Item = (JoinKey, Truth)>) {
        self.truth.extend(truth);
    }

    /// How many joins the truth has.
    pub(super) fn known(&self) -> usize {
        self.truth.len()
    }

    /// Takes in what was stored. Returns the join if it has an answer now.
    pub(super) fn take(&mut self, news: News) -> Option<JoinKey> {
        match news {
            News::Join(row) => {
                self.joined(&row.join);
                None
            }
            News::Attribution(row) => {
                self.joined(&row.join);
                let attribution = row.attribution.filter(|it| it.certainty.is_final())?;
                Some(self.answered(attribution, row.inviter_name))
            }
            _ => None,
        }
    }

    /// Takes in a join.
    pub(super) fn joined(&mut self, join: &Join) {
        let seen = self.seen.entry(join.key).or_default();
        seen.name.clone_from(&join.name);
        seen.bot = join.bot;
        if let Some(name) = &join.name {
            self.names.insert(join.key.user, name.clone());
        }
    }

    /// Takes in an answer, with the name of the inviter. Returns the join.
    pub(super) fn answered(
        &mut self,
        attribution: Attribution,
        inviter_name: Option<String>,
    ) -> JoinKey {
        let key = attribution.key;
        let origin = attribution.certainty.origin();
        if let (Some(inviter), Some(name)) = (origin.and_then(Origin::inviter), inviter_name) {
            self.names.insert(inviter, name);
        }
        let seen = self.seen.entry(key).or_default();
        seen.stated.extend(origin.cloned());
        let latest = seen.latest.as_ref();
        if latest.is_none_or(|latest| latest.revision <= attribution.revision) {
            seen.latest = Some(attribution);
        }
        key
    }

    /// A join.
    pub(super) fn get(&self, key: &JoinKey) -> Option<&Seen> {
        self.seen.get(key)
    }

    /// The truth about a join.
    pub(super) fn truth(&self, key: &JoinKey) -> Option<&Truth> {
        self.truth.get(key)
    }

    /// A user's name.
    pub(super) fn name(&self, user: UserId) -> Option<&str> {
        self.names.get(&user).map(String::as_str)
    }

    /// Whether what is said about a join now is true.
    pub(super) fn verdict(&self, key: &JoinKey) -> Verdict {
        let certainty = self
            .seen
            .get(key)
            .and_then(|seen| seen.latest.as_ref())
            .map(|latest| &latest.certainty);
        match (certainty.and_then(Certainty::origin), self.truth.get(key)) {
            (Some(origin), Some(truth)) if contradicts(origin, truth) => Verdict::Differs,
            (Some(origin), Some(truth)) if origin.inviter() == truth.inviter => Verdict::Agrees,
            (Some(_), Some(_)) => Verdict::Incomplete,
            _ => Verdict::Open,
        }
    }

    /// The numbers.
    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        let invented = self.seen.keys().filter(|key| !self.truth.contains_key(key));
        for key in self.truth.keys().chain(invented) {
            counts.joins += 1;
            let seen = self.seen.get(key);
            match seen
                .and_then(|seen| seen.latest.as_ref())
                .map(|it| &it.certainty)
            {
                Some(Certainty::Confirmed(_)) => counts.confirmed += 1,
                Some(Certainty::Deduced(_)) => counts.deduced += 1,
                Some(Certainty::Ambiguous(_)) => counts.ambiguous += 1,
                Some(Certainty::Unknown(_)) => counts.unknown += 1,
                // What is provisional is no answer yet.
                Some(Certainty::Provisional(_)) | None => {
                    counts.unknown += 1;
                    counts.waiting += 1;
                }
            }
            let wrong = match (seen, self.truth.get(key)) {
                (Some(seen), Some(truth)) => {
                    let misstated = seen.stated.iter().any(|origin| contradicts(origin, truth));
                    // Left out for a while is fine; at the end it is a fault.
                    misstated || self.verdict(key) == Verdict::Incomplete
                }
                (Some(_), None) => true,
                (None, _) => false,
            };
            counts.wrong += u64::from(wrong);
        }
        counts
    }
}

/// Whether an answer states something that is not true. Who invited may be left
/// out; through which invite may not.
fn contradicts(origin: &Origin, truth: &Truth) -> bool {
    let code = origin.code().map(ToString::to_string);
    origin.label() != truth.via
        || (code != truth.code && (code.is_some() || truth.via == "invite"))
        || (origin.inviter().is_some() && origin.inviter() != truth.inviter)
}

#[cfg(test)]
mod tests {
    use guestlist::model::Timestamp;

    use super::*;

    fn key(user: &str) -> JoinKey {
        JoinKey::new(
            "1".parse().unwrap(),
            user.parse().unwrap(),
            Timestamp::from_secs(1_700_000_000),
        )
    }

    fn by(code: &str, inviter: &str) -> Truth {
        Truth {
            via: "invite".into(),
            code: Some(code.into()),
            inviter: Some(inviter.parse().unwrap()),
        }
    }

    fn stated(user: &str, certainty: Certainty, revision: u32) -> Attribution {
        let at = Timestamp::from_secs(1_700_000_001);
        Attribution::new(key(user), certainty, at).with_revision(revision)
    }

    fn invite(code: &str, inviter: Option<&str>) -> Origin {
        Origin::Invite {
            code: code.parse().unwrap(),
            inviter: inviter.map(|id| id.parse().unwrap()),
            channel: None,
        }
    }

    #[test]
    fn a_true_answer_agrees_and_a_join_without_answer_is_unknown() {
        let mut scores = Scores::default();
        scores.learn([(key("7"), by("abc", "9")), (key("8"), by("abc", "9"))]);
        scores.answered(
            stated("7", Certainty::Deduced(invite("abc", None)), 0),
            None,
        );
        assert_eq!(scores.verdict(&key("7")), Verdict::Incomplete);
        assert_eq!(scores.counts().wrong, 1, "at the end it would be");
        scores.answered(
            stated("7", Certainty::Confirmed(invite("abc", Some("9"))), 1),
            None,
        );
        assert_eq!(scores.verdict(&key("7")), Verdict::Agrees);
        assert_eq!(scores.verdict(&key("8")), Verdict::Open);
        let counts = scores.counts();
        assert_eq!(
            (counts.joins, counts.confirmed, counts.unknown, counts.wrong),
            (2, 1, 1, 0)
        );
        assert_eq!(counts.waiting, 1);
    }

    #[test]
    fn something_untrue_counts_even_if_it_is_taken_back() {
        let mut scores = Scores::default();
        scores.learn([(key("7"), by("abc", "9"))]);
        scores.answered(
            stated("7", Certainty::Deduced(invite("xyz", Some("9"))), 0),
            None,
        );
        scores.answered(
            stated("7", Certainty::Confirmed(invite("abc", Some("9"))), 1),
            None,
        );
        assert_eq!(scores.verdict(&key("7")), Verdict::Agrees);
        assert_eq!(scores.counts().wrong, 1);
    }

    #[test]
    fn a_join_that_never_was_counts_as_wrong() {
        let mut scores = Scores::default();
        scores.answered(
            stated("7", Certainty::Deduced(invite("xyz", None)), 0),
            None,
        );
        assert_eq!(scores.counts().wrong, 1);
    }
}
