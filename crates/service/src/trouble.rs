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
                    tracing::info!(%guild, request = label, "Discord answers again");
                }
            }
            Some(failure) if is_ordinary(failure) => {
                tracing::debug!(%guild, request = label, %failure, "no answer");
            }
            Some(failure) => {
                let words = failure.to_string();
                if self.0.get(&about) != Some(&words) {
                    tracing::warn!(%guild, request = label, failure = words, "a request fails; joins may stay without an answer");
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
                "what was deduced was false; counts prove nothing in this server for a week"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use guestlist_model::Id;

    use super::*;

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
