//! What the tracker states goes through JSON, MessagePack and CBOR, also behind serde's buffers.
//! (The facade's tests do so with generated values, and with Postcard.)

#![expect(clippy::unwrap_used, reason = "a test stops at what is wrong")]

use std::fmt::Debug;

use guestlist_model::{GuildId, Timestamp, UserId};
use guestlist_tracker::{
    Attribution, Candidate, Certainty, Config, ConfirmPolicy, Evidence, JoinKey, MemberQuery,
    Origin, PhantomUses, Reason, Record, Request, Stats,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
enum Any {
    Record(Record),
    Request(Request),
    Stats(Stats),
    Config(Config),
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Buffered {
    #[serde(flatten)]
    any: Any,
}

fn formats<T: Debug + DeserializeOwned + PartialEq + Serialize>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
    let json = serde_json::to_value(value).unwrap();
    assert_eq!(&serde_json::from_value::<T>(json).unwrap(), value);
    let packed = rmp_serde::to_vec_named(value).unwrap();
    assert_eq!(&rmp_serde::from_slice::<T>(&packed).unwrap(), value);
    let mut cbor = Vec::new();
    ciborium::into_writer(value, &mut cbor).unwrap();
    assert_eq!(
        &ciborium::from_reader::<T, _>(cbor.as_slice()).unwrap(),
        value
    );
}

fn everywhere(any: Any) {
    formats(&any);
    formats(&Buffered { any });
}

fn ids() -> (GuildId, UserId) {
    (
        "613425648685547541".parse().unwrap(),
        u64::MAX.to_string().parse().unwrap(),
    )
}

#[test]
fn answers_of_every_certainty() {
    let (guild, user) = ids();
    let at = Timestamp::from_millis(1_690_050_611_047);
    let key = JoinKey::new(guild, user, at);
    let origins = [
        Origin::Invite {
            code: "abc".parse().unwrap(),
            inviter: Some(user),
            channel: None,
        },
        Origin::Vanity { code: None },
        Origin::Bot {
            added_by: Some(user),
        },
        Origin::Discovery,
        Origin::Other {
            join_source_type: 99,
        },
    ];
    let mut answers = vec![Certainty::Unknown(Reason::Offline)];
    for origin in &origins {
        answers.push(Certainty::Confirmed(origin.clone()));
        answers.push(Certainty::Deduced(origin.clone()));
    }
    answers.push(Certainty::Ambiguous(
        origins
            .iter()
            .map(|origin| Candidate::new(origin.clone(), 0.25))
            .collect(),
    ));
    for certainty in answers {
        let evidence = vec![Evidence::UsesRose {
            code: "abc".parse().unwrap(),
            from: 1,
            to: 2,
            between: (at, at),
        }];
        let answer = Attribution::new(key, certainty, at).with_evidence(evidence);
        everywhere(Any::Record(Record::Attribution(answer)));
    }
}

#[test]
fn requests_counts_and_settings() {
    let (guild, user) = ids();
    everywhere(Any::Request(Request::ListInvites { guild }));
    everywhere(Any::Request(Request::SearchMembers {
        guild,
        query: MemberQuery::Users(vec![user]),
        limit: 10,
    }));
    everywhere(Any::Stats(Stats::default()));
    let config = Config::new()
        .confirm(ConfirmPolicy::WhenAmbiguous)
        .phantom_uses(PhantomUses::Anywhere)
        .max_joins(7);
    everywhere(Any::Config(config.clone()));
    // A file of settings names those that differ.
    let file = r#"{"confirm":"when_ambiguous","phantom_uses":"anywhere","max_joins":7}"#;
    assert_eq!(serde_json::from_str::<Config>(file).unwrap(), config);
}
