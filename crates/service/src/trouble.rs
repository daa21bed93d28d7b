//! What goes wrong with requests, said once and not for each of them.

use std::collections::BTreeMap;

use guestlist_model::GuildId;
use guestlist_tracker::{Evidence, Failure, Record, Request};

/// What a request was about, to remember it by.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct About {
    guild: GuildId,
    label: &'static str,
}

impl About {
    pub(crate) fn new(request: &Request) -> Self {
        Self {
            guild: request.guild(),
            label: request.label(),
        }
    }

    pub(crate) const fn label(self) -> &'static str {
        self.label
    }
}

/// The kinds of requests that fail at present, and how.
#[derive(Debug, Default)]
pub(crate) struct Troubles(BTreeMap<About, String>);

impl Troubles {
    /// Takes in how a request ended, and logs what is news.
    pub(crate) fn ended(&mut self, about: About, failure: Option<&Failure>) {
        let About { guild, label } = about;
        match failure {
            None => {
                if self.0.remove(&about).is_some() {
                    tracing::info!(%guild, request = label, "requests succeed again");
                }
            }
            Some(failure) if is_ordinary(failure) => {
                tracing::debug!(%guild, request = label, %failure, "no answer");
            }
            Some(failure) => {
                let words = failure.to_string();
                if self.0.get(&about) != Some(&words) {
                    tracing::warn!(%guild, request = label, failure = words, "a request failed; joins may stay without an answer");
                    self.0.insert(about, words);
                }
            }
        }
    }
}

/// What happens all the time, and says nothing about the set-up.
const fn is_ordinary(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::NotFound
            | Failure::Unavailable
            | Failure::NotReady { .. }
            | Failure::RateLimited { .. }
    )
}

/// Says at once that something deduced was false.
pub(crate) fn warn_if_contradicted(record: &Record) {
    let Record::Attribution(said) = record else {
        return;
    };
    for evidence in &said.evidence {
        if let Evidence::Contradicts { deduced } = evidence {
            tracing::warn!(
                guild = %said.key.guild,
                user = %said.key.user,
                %deduced,
                now = %said.certainty,
                "a deduced answer was wrong; counts in this server prove nothing for a week"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use guestlist_model::{Id, Timestamp};
    use guestlist_testkit::Log;
    use guestlist_tracker::{Attribution, Certainty, JoinKey, Origin};

    use super::*;

    #[test]
    fn a_false_deduction_is_warned_about_with_what_is_true() {
        let log = Log::default();
        let collector = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(log.clone())
            .finish();
        let key = JoinKey::new(
            Id::new_checked(7).unwrap(),
            Id::new_checked(8).unwrap(),
            Timestamp::from_millis(1_700_000_000_000),
        );
        let said = |evidence| {
            let true_way = Certainty::Confirmed(Origin::Discovery);
            let said = Attribution::new(key, true_way, key.joined_at);
            Record::Attribution(said.with_evidence(evidence))
        };
        let deduced = Origin::Invite {
            code: "aB3dE".parse().unwrap(),
            inviter: None,
            channel: None,
        };
        tracing::subscriber::with_default(collector, || {
            warn_if_contradicted(&said(Vec::new()));
            assert_eq!(log.text(), "");
            warn_if_contradicted(&said(vec![Evidence::Contradicts { deduced }]));
        });
        let log = log.text();
        assert_eq!(log.lines().count(), 1, "{log}");
        for part in [
            "WARN",
            "guild=7",
            "user=8",
            "aB3dE",
            "discovery",
            "was wrong",
        ] {
            assert!(log.contains(part), "no {part} in {log}");
        }
    }

    #[test]
    fn a_trouble_is_remembered_until_it_is_over() {
        let about = About::new(&Request::ListInvites {
            guild: Id::new_checked(1).unwrap(),
        });
        let mut troubles = Troubles::default();
        troubles.ended(about, Some(&Failure::NotFound));
        assert!(troubles.0.is_empty());
        troubles.ended(about, Some(&Failure::MissingPermission));
        troubles.ended(about, Some(&Failure::MissingPermission));
        assert_eq!(troubles.0.len(), 1);
        troubles.ended(about, None);
        assert!(troubles.0.is_empty());
    }
}
