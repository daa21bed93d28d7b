//! The tracker's statements, and whether they are true.

use std::collections::BTreeMap;

use guestlist_tracker::{Attribution, Certainty, Join, JoinKey, Record};

use super::World;

impl World {
    /// All joins that were recorded, in order.
    pub fn joins(&self) -> Vec<&Join> {
        self.records
            .iter()
            .filter_map(|record| match record {
                Record::Join(join) => Some(join),
                _ => None,
            })
            .collect()
    }

    /// All statements about one join, in order.
    pub fn attributions(&self, key: JoinKey) -> Vec<&Attribution> {
        self.records
            .iter()
            .filter_map(|record| match record {
                Record::Attribution(said) if said.key == key => Some(said),
                _ => None,
            })
            .collect()
    }

    /// The answers about one join that are not provisional, in order.
    pub fn answers(&self, key: JoinKey) -> Vec<&Attribution> {
        let mut said = self.attributions(key);
        said.retain(|said| said.certainty.is_final());
        said
    }

    /// The latest answer that is not provisional.
    pub fn answer(&self, key: JoinKey) -> Option<&Certainty> {
        self.answers(key).last().map(|said| &said.certainty)
    }

    /// All reported states of an invite.
    pub fn states_of(&self, text: &str) -> Vec<&guestlist_tracker::InviteRecord> {
        self.records
            .iter()
            .filter_map(|record| match record {
                Record::Invite(invite) if invite.code == *text => Some(invite),
                _ => None,
            })
            .collect()
    }

    /// How many requests with this label were sent.
    pub fn count_requests(&self, label: &str) -> usize {
        self.sent
            .iter()
            .filter(|request| request.label() == label)
            .count()
    }

    /// Checks every statement against the truth. Returns how many joins were confirmed,
    /// deduced, ambiguous, unknown, unanswered.
    pub fn check(&self, seed: u64) -> [usize; 5] {
        let mut latest: BTreeMap<JoinKey, &Attribution> = BTreeMap::new();
        for record in &self.records {
            let Record::Attribution(said) = record else {
                continue;
            };
            let truth = &self.server.truth[&said.key];
            if let Some(origin) = said.certainty.origin() {
                assert!(
                    truth.is(origin),
                    "seed {seed}: {} of {:?}, but in truth {truth:?}: {:?}",
                    said.certainty,
                    said.key,
                    said.evidence,
                );
            }
            let before = latest.insert(said.key, said);
            assert_eq!(
                said.revision,
                before.map_or(0, |before| before.revision + 1),
                "seed {seed}: revisions count up"
            );
            if let Some(before) = before {
                assert!(
                    !matches!(before.certainty, Certainty::Confirmed(_)),
                    "seed {seed}: what is confirmed changes no more"
                );
                assert!(
                    said.certainty.is_final() || !before.certainty.is_final(),
                    "seed {seed}: nothing provisional follows a final answer"
                );
            }
            let candidates = said.certainty.candidates();
            if !candidates.is_empty() {
                let sum: f64 = candidates.iter().map(|candidate| candidate.weight).sum();
                assert!((sum - 1.0).abs() < 1e-6, "seed {seed}: weights sum to 1");
            }
        }
        let mut seen: BTreeMap<JoinKey, usize> = BTreeMap::new();
        for join in self.joins() {
            *seen.entry(join.key).or_default() += 1;
            assert_eq!(seen[&join.key], 1, "seed {seed}: {:?} twice", join.key);
            assert!(
                self.server.truth.contains_key(&join.key),
                "seed {seed}: {:?} never happened",
                join.key
            );
        }
        let mut counts = [0; 5];
        for key in seen.keys() {
            let place = match latest.get(key).map(|said| &said.certainty) {
                Some(Certainty::Confirmed(_)) => 0,
                Some(Certainty::Deduced(_)) => 1,
                Some(Certainty::Ambiguous(_)) => 2,
                Some(Certainty::Unknown(_)) => 3,
                Some(Certainty::Provisional(_)) | None => 4,
            };
            counts[place] += 1;
        }
        counts
    }
}
