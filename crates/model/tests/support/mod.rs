//! Generated payloads, for the tests of properties.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value};

/// A number with a fraction; one that `serde_json` reads exactly, which it does not do with
/// all.
fn fraction() -> impl Strategy<Value = Value> {
    any::<i32>().prop_map(|thousandths| Value::from(f64::from(thousandths) / 1_000.0))
}

/// Any JSON value, a few levels deep.
pub(crate) fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        fraction(),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(".{0,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn id() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (1..=u64::MAX).prop_map(|id| Value::from(id.to_string())),
        1 => (1..=u64::MAX).prop_map(Value::from),
        1 => (1..1000u64).prop_map(|id| Value::from(format!("00{id}"))),
    ]
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (0..1000u64).prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => fraction(),
        1 => Just(Value::Null),
    ]
}

fn moment() -> impl Strategy<Value = Value> {
    let form = (
        0..6u8,
        any::<u32>(),
        select(vec!["Z", "+00:00", "-00:00", "+05:30", "-11:45", "z"]),
    );
    (1900..2200i32, 1..=12u8, 1..=28u8, 0..24u8, 0..60u8, 0..=60u8, form).prop_map(
        |(year, month, day, hour, minute, second, (form, fraction, offset))| {
            let fraction = match form {
                0 => String::new(),
                1 => format!(".{:03}", fraction % 1_000),
                2 | 3 => format!(".{:06}", fraction % 1_000_000),
                4 => format!(".{:09}", fraction % 1_000_000_000),
                _ => format!(".{}", fraction % 10),
            };
            let separator = if form == 5 { ' ' } else { 'T' };
            Value::from(format!(
                "{year}-{month:02}-{day:02}{separator}{hour:02}:{minute:02}:{second:02}{fraction}{offset}"
            ))
        },
    )
}

/// An entity: perhaps an id, the strings it may have, and anything else.
fn entity() -> impl Strategy<Value = Value> {
    let strings = prop::collection::hash_map(
        select(vec![
            "name",
            "icon",
            "username",
            "avatar",
            "description",
            "global_name",
            "discriminator",
        ]),
        prop_oneof![3 => ".{0,12}".prop_map(Value::from), 1 => Just(Value::Null)],
        0..4,
    );
    let others = prop::collection::hash_map("x[a-z]{0,3}", anything(), 0..3);
    let entity =
        (prop::option::weighted(0.9, id()), strings, others).prop_map(|(id, strings, others)| {
            let mut map: Map<String, Value> = others.into_iter().collect();
            map.extend(
                strings
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value)),
            );
            map.extend(id.map(|id| ("id".to_owned(), id)));
            Value::Object(map)
        });
    prop_oneof![8 => entity, 1 => Just(Value::Null)]
}

/// The keys of an invite, each there or not, and others.
pub(crate) fn keys() -> impl Strategy<Value = Map<String, Value>> {
    let maybe = |key: &'static str, value: BoxedStrategy<Value>| {
        prop::option::of(value).prop_map(move |value| value.map(|value| (key.to_owned(), value)))
    };
    let nullable =
        |strategy: BoxedStrategy<Value>| prop_oneof![6 => strategy, 1 => Just(Value::Null)].boxed();
    let entities: Vec<_> = [
        "guild",
        "channel",
        "inviter",
        "target_user",
        "target_application",
        "guild_scheduled_event",
        "stage_instance",
    ]
    .map(|key| maybe(key, entity().boxed()).boxed())
    .into();
    let numbers: Vec<_> = [
        "type",
        "target_type",
        "target_user_type",
        "flags",
        "uses",
        "max_uses",
        "max_age",
        "approximate_member_count",
        "approximate_presence_count",
    ]
    .map(|key| maybe(key, number().boxed()).boxed())
    .into();
    let others: Vec<_> = vec![
        maybe("guild_id", nullable(id().boxed())).boxed(),
        maybe("channel_id", nullable(id().boxed())).boxed(),
        maybe("created_at", nullable(moment().boxed())).boxed(),
        maybe("expires_at", nullable(moment().boxed())).boxed(),
        maybe(
            "temporary",
            nullable(any::<bool>().prop_map(Value::from).boxed()),
        )
        .boxed(),
        maybe(
            "role_ids",
            nullable(
                prop::collection::vec(id(), 0..3)
                    .prop_map(Value::from)
                    .boxed(),
            ),
        )
        .boxed(),
        maybe(
            "roles",
            nullable(
                prop::collection::vec(entity().prop_filter("no null", |it| !it.is_null()), 0..3)
                    .prop_map(Value::from)
                    .boxed(),
            ),
        )
        .boxed(),
    ];
    let unknown = prop::collection::hash_map(".{0,6}", anything(), 0..3);
    (entities, numbers, others, unknown).prop_map(|(entities, numbers, others, unknown)| {
        let mut map: Map<String, Value> = unknown
            .into_iter()
            .filter(|(key, _)| key != "code")
            .collect();
        map.extend(entities.into_iter().chain(numbers).chain(others).flatten());
        map
    })
}

pub(crate) fn invite() -> impl Strategy<Value = Value> {
    ("[A-Za-z0-9_-]{1,40}", keys()).prop_map(|(code, mut map)| {
        map.insert("code".to_owned(), Value::from(code));
        Value::Object(map)
    })
}

/// The same cases each time, unless PROPTEST_RNG_SEED asks for others.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    let given = ProptestConfig::default();
    let rng_seed = match given.rng_seed {
        RngSeed::Random => RngSeed::Fixed(1),
        RngSeed::Fixed(seed) => RngSeed::Fixed(seed),
    };
    println!("PROPTEST_RNG_SEED={rng_seed}");
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed,
        ..given
    }
}
