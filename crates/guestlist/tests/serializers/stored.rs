//! What the tracker, the client, the ledger and the service return goes through six serializers:
//! generated values of each type, in the JSON that its documentation describes.

use std::fmt::Debug;

use guestlist::client::{
    AnswerError, ApiBase, Application, Cause, Channel, Done, GatewayBot, GatewayUrl, Guild,
    GuildSummary, MaxAge, MaxUses, MemberQuery, Overwrite, RawAnswer, Reason, Role, RoleIds,
    SavedSession, ShardRange, Shards, TargetUsers,
};
use guestlist::ledger::{
    Accuracy, Bucket, Burst, BurstLimits, ChangeFilter, Changes, Claim, Cohort, Committed,
    Forgotten, GapRow, GuildInfo, GuildRow, InviteRow, InviteStatus, InviterProfile, InviterRow,
    JoinFact, JoinRow, LabelRow, Page, Partition, Position, ProfileLimits, RetentionQuestion,
    RetentionRow, Scope, SeriesRow, Totals, TreePage, TreeQuestion,
};
use guestlist::model::Timestamp;
use guestlist::service::{Attributed, Report, Status, Trouble};
use guestlist::tracker::{
    Config, ConfirmPolicy, Failure, GuildChange, HttpRequest, MemberPage, Record, Request,
    Response, Stats,
};
use proptest::prelude::*;
use proptest::sample::select;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::config;

/// One of everything, so that each format is compiled for one type.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
enum Any {
    Accuracy(Accuracy),
    AnswerError(AnswerError),
    ApiBase(ApiBase),
    Application(Application),
    Attributed(Box<Attributed>),
    Bucket(Bucket),
    Burst(Burst),
    BurstLimits(BurstLimits),
    Cause(Cause),
    ChangeFilter(ChangeFilter),
    Changes(Changes),
    Channel(Channel),
    Claim(Claim),
    Cohort(Cohort),
    Committed(Committed),
    Config(Box<Config>),
    Done(Done<Role>),
    Failure(Failure),
    Forgotten(Forgotten),
    GapRow(Box<GapRow>),
    GatewayBot(GatewayBot),
    GatewayUrl(GatewayUrl),
    Guild(Box<Guild>),
    GuildChange(GuildChange),
    GuildInfo(GuildInfo),
    GuildRow(Box<GuildRow>),
    GuildSummary(GuildSummary),
    HttpRequest(HttpRequest),
    InviteRow(Box<InviteRow>),
    InviteStatus(InviteStatus),
    InviterProfile(Box<InviterProfile>),
    InviterRow(InviterRow),
    JoinFact(Box<JoinFact>),
    JoinRow(Box<JoinRow>),
    LabelRow(LabelRow),
    MaxAge(MaxAge),
    MaxUses(MaxUses),
    MemberPage(MemberPage),
    MemberQuery(MemberQuery),
    Overwrite(Overwrite),
    Page(Page),
    Partition(Partition),
    Position(Position),
    ProfileLimits(ProfileLimits),
    RawAnswer(RawAnswer),
    Reason(Reason),
    Record(Box<Record>),
    Report(Box<Report>),
    Request(Request),
    Response(Response),
    RetentionQuestion(RetentionQuestion),
    RetentionRow(RetentionRow),
    Role(Role),
    RoleIds(RoleIds),
    SavedSession(SavedSession),
    Scope(Box<Scope>),
    SeriesRow(SeriesRow),
    ShardRange(ShardRange),
    Shards(Shards),
    Stats(Stats),
    Status(Box<Status>),
    TargetUsers(TargetUsers),
    Totals(Totals),
    TreePage(TreePage),
    TreeQuestion(TreeQuestion),
    Trouble(Trouble),
}

/// The same, buffered by serde before it is read.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Buffered {
    before: u8,
    #[serde(flatten)]
    any: Any,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(untagged)]
enum Untagged {
    Number(u8),
    Any(Any),
}

/// Formats that describe what they contain.
fn described<T: Debug + DeserializeOwned + PartialEq + Serialize>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
    let json = serde_json::to_value(value).unwrap();
    assert_eq!(&serde_json::from_value::<T>(json).unwrap(), value, "{text}");
    let named = rmp_serde::to_vec_named(value).unwrap();
    assert_eq!(&rmp_serde::from_slice::<T>(&named).unwrap(), value);
    let mut cbor = Vec::new();
    ciborium::into_writer(value, &mut cbor).unwrap();
    let back: T = ciborium::from_reader(cbor.as_slice()).unwrap();
    assert_eq!(&back, value);
}

fn everywhere(json: &Value) {
    let any: Any = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(&serde_json::to_value(&any).unwrap(), json);
    described(&any);
    let bytes = rmp_serde::to_vec(&any).unwrap();
    assert_eq!(rmp_serde::from_slice::<Any>(&bytes).unwrap(), any);
    let bytes = postcard::to_allocvec(&any).unwrap();
    assert_eq!(postcard::from_bytes::<Any>(&bytes).unwrap(), any);
    described(&Untagged::Any(any.clone()));
    described(&Buffered { before: 1, any });
}

type Json = BoxedStrategy<Value>;

fn count() -> Json {
    prop_oneof![0..1_000u64, 0..=u64::from(u32::MAX)]
        .prop_map(Value::from)
        .boxed()
}

fn flag() -> Json {
    any::<bool>().prop_map(Value::from).boxed()
}

fn text() -> Json {
    "\\PC{0,12}".prop_map(Value::from).boxed()
}

fn id() -> Json {
    (1..=u64::MAX)
        .prop_map(|id| Value::from(id.to_string()))
        .boxed()
}

fn ids(count: impl Into<prop::collection::SizeRange>) -> Json {
    list(id(), count)
}

fn code() -> Json {
    "[A-Za-z0-9]{2,12}".prop_map(Value::from).boxed()
}

fn written(at: Timestamp) -> Value {
    serde_json::to_value(at).unwrap()
}

fn time() -> Json {
    (0..4_000_000_000_000_000i64)
        .prop_map(|micros| written(Timestamp::from_micros(micros)))
        .boxed()
}

/// A time in whole milliseconds, as in the key of a join.
fn millis() -> Json {
    (0..4_000_000_000_000i64)
        .prop_map(|millis| written(Timestamp::from_millis(millis)))
        .boxed()
}

fn duration() -> Json {
    (0..1_000_000u64, 0..1_000_000_000u32)
        .prop_map(|(secs, nanos)| json!({"secs": secs, "nanos": nanos}))
        .boxed()
}

/// A number that every text format holds exactly.
fn share() -> Json {
    (0..=1_024u32)
        .prop_map(|part| Value::from(f64::from(part) / 1_024.0))
        .boxed()
}

fn permissions() -> Json {
    any::<u64>()
        .prop_map(|bits| Value::from(bits.to_string()))
        .boxed()
}

fn maybe(value: Json) -> Json {
    prop_oneof![1 => Just(Value::Null), 2 => value].boxed()
}

fn list(value: Json, count: impl Into<prop::collection::SizeRange>) -> Json {
    prop::collection::vec(value, count)
        .prop_map(Value::from)
        .boxed()
}

fn word(words: &[&str]) -> Json {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    select(words).prop_map(Value::from).boxed()
}

fn fixed(value: impl Into<Value>) -> Json {
    Just(value.into()).boxed()
}

fn object<const N: usize>(fields: [(&'static str, Json); N]) -> Json {
    let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    values
        .prop_map(move |values| names.iter().copied().zip(values).collect())
        .boxed()
}

/// Each of these fields is a count.
fn counts<const N: usize>(names: [&'static str; N]) -> Vec<(&'static str, Json)> {
    names.into_iter().map(|name| (name, count())).collect()
}

fn with<const N: usize>(
    fields: [(&'static str, Json); N],
    more: Vec<(&'static str, Json)>,
) -> Json {
    let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().chain(more).unzip();
    values
        .prop_map(move |values| names.iter().copied().zip(values).collect())
        .boxed()
}

/// A variant of an externally tagged enum.
fn variant(name: &'static str, value: Json) -> Json {
    object([(name, value)])
}

fn one_of(values: Vec<Json>) -> Json {
    proptest::strategy::Union::new(values).boxed()
}

fn key() -> Json {
    object([("guild", id()), ("user", id()), ("joined_at", millis())])
}

fn join() -> Json {
    object([
        ("key", key()),
        ("joined_at", time()),
        ("name", maybe(text())),
        ("bot", flag()),
        ("pending", flag()),
        ("rejoined", maybe(flag())),
        ("guest", flag()),
        ("observed_at", time()),
        ("observed_by", word(&["gateway", "catch_up"])),
    ])
}

fn leave() -> Json {
    object([
        ("guild", id()),
        ("user", id()),
        ("joined_at", maybe(time())),
        ("joined_before", maybe(time())),
        ("observed_at", time()),
        ("since", maybe(time())),
    ])
}

fn invite() -> Json {
    object([
        ("guild", id()),
        ("code", code()),
        ("channel", maybe(id())),
        ("inviter", maybe(id())),
        ("inviter_name", maybe(text())),
        ("created_at", maybe(time())),
        ("expires_at", maybe(time())),
        ("max_uses", maybe(count())),
        ("max_age", maybe(count())),
        ("temporary", maybe(flag())),
        ("uses", maybe(count())),
        (
            "state",
            word(&["active", "expired", "exhausted", "revoked", "gone"]),
        ),
        ("ended_at", maybe(time())),
        ("ended_by", maybe(id())),
        ("observed_at", time()),
    ])
}

fn gap() -> Json {
    object([
        ("guild", id()),
        ("last_known", maybe(time())),
        ("observed_at", time()),
        ("closed_at", time()),
        ("joins_found", count()),
        ("joins_missing", count()),
        ("joins_missing_at_most", maybe(count())),
        ("caught_up", flag()),
        ("uses_moved", maybe(count())),
        ("leaves_found", count()),
        ("compared", flag()),
    ])
}

fn origin() -> Json {
    let named = |name| ("origin", fixed(name));
    one_of(vec![
        object([
            named("invite"),
            ("code", code()),
            ("inviter", maybe(id())),
            ("channel", maybe(id())),
        ]),
        object([named("vanity"), ("code", maybe(code()))]),
        object([named("bot"), ("added_by", maybe(id()))]),
        object([(
            "origin",
            word(&[
                "integration",
                "discovery",
                "hub",
                "linked_lobby",
                "manual_verification",
                "unseen",
            ]),
        )]),
        object([named("other"), ("join_source_type", count())]),
    ])
}

fn certainty() -> Json {
    let answer = |name, answer| object([("certainty", word(name)), ("answer", answer)]);
    let candidate = object([("origin", origin()), ("weight", share())]);
    one_of(vec![
        answer(&["confirmed", "deduced"], origin()),
        answer(&["ambiguous", "provisional"], list(candidate, 0..4)),
        answer(
            &["unknown"],
            word(&[
                "missing_permission",
                "no_baseline",
                "unproven",
                "offline",
                "left_guild",
            ]),
        ),
    ])
}

fn evidence() -> Json {
    let named = |name| ("evidence", fixed(name));
    let between = || ("between", list(time(), 2));
    one_of(vec![
        object([
            named("uses_rose"),
            ("code", code()),
            ("from", count()),
            ("to", count()),
            between(),
        ]),
        object([
            named("appeared"),
            ("code", code()),
            ("uses", count()),
            between(),
        ]),
        object([
            named("exhausted"),
            ("code", code()),
            ("from", count()),
            ("max_uses", count()),
            between(),
        ]),
        object([
            named("vanished"),
            ("code", code()),
            ("at_most", maybe(count())),
            between(),
        ]),
        object([
            named("vanity_rose"),
            ("code", maybe(code())),
            ("from", count()),
            ("to", count()),
            between(),
        ]),
        object([named("shared"), ("joins", count())]),
        object([named("more_ways"), ("ways", count())]),
        object([("evidence", word(&["uncompared", "bot_flag"]))]),
        object([
            named("members_search"),
            ("join_source_type", count()),
            ("code", maybe(code())),
            ("inviter", maybe(id())),
        ]),
        object([
            named("audit_log"),
            ("action_type", count()),
            ("by", maybe(id())),
            ("at", time()),
        ]),
        object([named("contradicts"), ("deduced", origin())]),
    ])
}

fn attribution() -> Json {
    object([
        ("key", key()),
        ("certainty", certainty()),
        ("evidence", list(evidence(), 0..4)),
        ("decided_at", time()),
        ("revision", count()),
    ])
}

/// A record, with the name of its kind among its fields.
fn record() -> Json {
    let tagged = |name: &'static str, record: Json| {
        record
            .prop_map(move |mut record| {
                let fields = record.as_object_mut().unwrap();
                fields.insert("record".to_owned(), name.into());
                record
            })
            .boxed()
    };
    one_of(vec![
        tagged("join", join()),
        tagged("leave", leave()),
        tagged("invite", invite()),
        tagged("attribution", attribution()),
        tagged("gap", gap()),
    ])
}

fn label() -> Json {
    "[a-z]{1,12}".prop_map(Value::from).boxed()
}

fn kind_of_certainty() -> Json {
    word(&[
        "confirmed",
        "deduced",
        "ambiguous",
        "unknown",
        "provisional",
    ])
}

fn join_row() -> Json {
    object([
        ("join", join()),
        ("guild_name", maybe(text())),
        ("attribution", maybe(attribution())),
        ("inviter_name", maybe(text())),
        ("label", maybe(label())),
        ("left_at", maybe(time())),
        ("left_after", maybe(time())),
        ("here", flag()),
        ("joined_before", flag()),
    ])
}

fn gap_row() -> Json {
    object([("gap", gap()), ("guild_name", maybe(text()))])
}

fn totals() -> Json {
    with(
        [("by_certainty", list(count(), 5))],
        counts(["joins", "waiting", "leaves", "missing", "invites", "guilds"]),
    )
}

fn kept() -> Json {
    with(
        [],
        counts(["days", "observed", "stayed", "unsure", "over_gap"]),
    )
}

fn cohort() -> Json {
    one_of(vec![
        word(&["everyone", "rest"]),
        variant(
            "invite",
            (id(), code())
                .prop_map(|(guild, code)| json!([guild, code]))
                .boxed(),
        ),
        variant("label", label()),
        variant("inviter", id()),
        variant("origin", text()),
    ])
}

fn tree_node() -> Json {
    with(
        [
            ("user", id()),
            ("name", maybe(text())),
            ("joined_at", maybe(time())),
            ("code", maybe(code())),
            ("certainty", maybe(kind_of_certainty())),
            ("here", maybe(flag())),
        ],
        counts(["children", "descendants", "descendants_here", "depth"]),
    )
}

fn tree_cursor() -> Json {
    object([("descendants", count()), ("user", id())])
}

fn partition() -> Json {
    (1..1_000u32)
        .prop_flat_map(|count| (0..count, Just(count)))
        .prop_map(|(number, count)| json!([number, count]))
        .boxed()
}

/// What the ledger returns and what it is asked.
fn of_the_ledger() -> Json {
    let profile = [
        ("inviter", id()),
        ("name", maybe(text())),
        ("kept", kept()),
        ("last_join", time()),
    ];
    let news = one_of(vec![
        variant("join", join_row()),
        variant("leave", leave()),
        variant("attribution", join_row()),
        variant("invite_seen", invite()),
        variant("invite_ended", invite()),
        variant("gap", gap_row()),
    ]);
    let of_certainties = [
        "confirmed",
        "deduced",
        "deduced_right",
        "ambiguous",
        "ambiguous_right",
        "provisional",
        "provisional_right",
    ];
    one_of(vec![
        variant("JoinRow", join_row()),
        variant("GapRow", gap_row()),
        variant("Totals", totals()),
        variant("Cohort", cohort()),
        variant("Partition", partition()),
        variant(
            "Claim",
            object([("partition", partition()), ("epoch", count())]),
        ),
        variant(
            "InviteRow",
            with(
                [
                    ("invite", invite()),
                    ("guild_name", maybe(text())),
                    ("label", maybe(label())),
                    ("last_join", maybe(time())),
                ],
                counts(["confirmed", "deduced", "ambiguous", "left", "here"]),
            ),
        ),
        variant(
            "InviterRow",
            with(
                [
                    ("inviter", maybe(id())),
                    ("name", maybe(text())),
                    ("expected", share()),
                    ("last_join", maybe(time())),
                ],
                counts([
                    "confirmed",
                    "deduced",
                    "ambiguous",
                    "unknown",
                    "left",
                    "here",
                ]),
            ),
        ),
        variant(
            "InviterProfile",
            with(
                profile,
                counts([
                    "joined", "here", "left", "rejoined", "young", "own", "quick",
                ]),
            ),
        ),
        variant(
            "GuildRow",
            object([
                ("guild", id()),
                ("name", maybe(text())),
                ("totals", totals()),
                ("gaps", count()),
                ("last_join", maybe(time())),
            ]),
        ),
        variant(
            "SeriesRow",
            object([
                ("from", time()),
                ("certainty", maybe(kind_of_certainty())),
                ("origin", maybe(text())),
                ("joins", count()),
                ("leaves", count()),
            ]),
        ),
        variant(
            "JoinFact",
            object([
                ("key", key()),
                ("observed_at", time()),
                ("left_at", maybe(time())),
                ("left_after", maybe(time())),
                ("here", flag()),
                ("rejoined", flag()),
                ("next_at", maybe(time())),
                ("certainty", maybe(kind_of_certainty())),
                ("origin", maybe(text())),
                ("inviter", maybe(id())),
                ("code", maybe(code())),
            ]),
        ),
        variant(
            "Forgotten",
            with(
                [("stand_in", maybe(id()))],
                counts(["joins", "leaves", "mentions"]),
            ),
        ),
        variant(
            "Changes",
            object([
                (
                    "entries",
                    list(object([("cursor", count()), ("news", news)]), 0..3),
                ),
                ("next", count()),
            ]),
        ),
        variant(
            "ChangeFilter",
            object([
                ("guild", maybe(id())),
                (
                    "kinds",
                    list(word(&["join", "leave", "invite_seen", "gap"]), 0..3),
                ),
            ]),
        ),
        variant(
            "Committed",
            object([("fresh", list(flag(), 0..4)), ("cursor", count())]),
        ),
        variant(
            "Position",
            object([("key", text()), ("body", maybe(text()))]),
        ),
        variant("GuildInfo", object([("id", id()), ("name", maybe(text()))])),
        variant(
            "LabelRow",
            object([
                ("guild", id()),
                ("guild_name", maybe(text())),
                ("code", code()),
                ("label", label()),
                ("set_at", time()),
            ]),
        ),
        variant(
            "Accuracy",
            object([
                (
                    "months",
                    list(
                        with(
                            [
                                ("guild", id()),
                                ("guild_name", maybe(text())),
                                ("month", text()),
                            ],
                            counts(of_certainties),
                        ),
                        0..3,
                    ),
                ),
                (
                    "weights",
                    list(
                        object([
                            ("certainty", kind_of_certainty()),
                            ("from", (0..100u8).prop_map(Value::from).boxed()),
                            ("candidates", count()),
                            ("given", share()),
                            ("right", count()),
                        ]),
                        0..3,
                    ),
                ),
            ]),
        ),
        variant(
            "Page",
            object([("limit", maybe(count())), ("after", maybe(key()))]),
        ),
        variant(
            "Scope",
            object([
                ("guild", maybe(id())),
                ("user", maybe(id())),
                ("inviter", maybe(id())),
                ("code", maybe(code())),
                ("since", maybe(time())),
                ("until", maybe(time())),
                ("certainty", maybe(kind_of_certainty())),
                ("label", maybe(label())),
                ("origin", maybe(text())),
                ("here", maybe(flag())),
                ("account_younger_than", maybe(duration())),
                ("name", maybe(text())),
            ]),
        ),
        variant(
            "InviteStatus",
            one_of(vec![
                fixed("any"),
                variant("active_at", time()),
                variant("ended_at", time()),
            ]),
        ),
        variant(
            "Bucket",
            (1..=i64::MAX, any::<i64>())
                .prop_map(|(width, origin)| json!({"width": width, "origin": origin}))
                .boxed(),
        ),
        variant(
            "Burst",
            object([
                ("guild", id()),
                (
                    "kind",
                    one_of(vec![fixed("young_accounts"), variant("invite", code())]),
                ),
                ("from", time()),
                ("until", time()),
                ("joins", count()),
                ("usual", share()),
                ("young", count()),
                ("here", count()),
            ]),
        ),
        variant(
            "BurstLimits",
            object([
                ("window", duration()),
                ("least", count()),
                ("least_young", count()),
                ("times", share()),
                ("young", duration()),
                ("now", time()),
            ]),
        ),
        variant(
            "ProfileLimits",
            object([
                ("young", duration()),
                ("quick", duration()),
                ("days", count()),
                ("now", time()),
            ]),
        ),
        variant(
            "RetentionQuestion",
            object([
                ("by", word(&["invite", "label", "inviter", "origin"])),
                ("weekly", flag()),
                ("days", list(count(), 0..4)),
                ("now", time()),
            ]),
        ),
        variant(
            "RetentionRow",
            object([
                ("cohort", cohort()),
                ("inviter_name", maybe(text())),
                ("label", maybe(label())),
                ("week", maybe(time())),
                ("joined", count()),
                ("here", count()),
                ("kept", list(kept(), 0..3)),
            ]),
        ),
        variant(
            "TreeQuestion",
            object([
                ("guild", id()),
                ("parent", maybe(id())),
                ("limit", count()),
                ("after", maybe(tree_cursor())),
            ]),
        ),
        variant(
            "TreePage",
            object([
                ("path", list(tree_node(), 0..3)),
                ("nodes", list(tree_node(), 0..3)),
                ("next", maybe(tree_cursor())),
                ("total", count()),
                ("members", count()),
                ("outside", count()),
            ]),
        ),
    ])
}

fn stats() -> Json {
    with(
        [],
        counts([
            "joins",
            "leaves",
            "duplicates",
            "confirmed",
            "deduced",
            "ambiguous",
            "unknown",
            "provisional",
            "contradictions",
            "list_requests",
            "vanity_requests",
            "search_requests",
            "audit_requests",
            "member_requests",
        ]),
    )
}

fn status() -> Json {
    (400..600u16).prop_map(Value::from).boxed()
}

/// What the tracker states, asks and is told.
fn of_the_tracker() -> Json {
    let guild = || ("guild", id());
    let limit = || ("limit", (1..1_000u16).prop_map(Value::from).boxed());
    let member = object([
        ("user", object([("id", id()), ("username", text())])),
        ("joined_at", time()),
        ("nick", maybe(text())),
        ("roles", ids(0..3)),
        ("pending", flag()),
        ("flags", count()),
    ]);
    let query = one_of(vec![
        variant("users", ids(1..10)),
        variant(
            "joined_between",
            object([("from", time()), ("to", maybe(time()))]),
        ),
    ]);
    let wait = || object([("retry_after", duration())]);
    let invites = || list(object([("code", code()), ("uses", count())]), 0..3);
    let change = object([("name", text()), ("body", maybe(text()))]);
    one_of(vec![
        variant("Record", record()),
        variant("Stats", stats()),
        variant(
            "Request",
            one_of(vec![
                variant("list_invites", object([guild()])),
                variant("vanity_url", object([guild()])),
                variant(
                    "search_members",
                    object([guild(), ("query", query), limit()]),
                ),
                variant(
                    "list_members",
                    object([guild(), ("after", maybe(id())), limit(), ("whole", flag())]),
                ),
                variant(
                    "audit_log",
                    object([
                        guild(),
                        ("action", maybe((1..200u16).prop_map(Value::from).boxed())),
                        limit(),
                    ]),
                ),
            ]),
        ),
        variant(
            "Response",
            one_of(vec![
                variant("invites", invites()),
                variant("some_invites", invites()),
            ]),
        ),
        variant(
            "Failure",
            one_of(vec![
                word(&[
                    "missing_permission",
                    "missing_access",
                    "not_found",
                    "unavailable",
                ]),
                variant("rate_limited", wait()),
                variant("not_ready", wait()),
                variant("transport", text()),
                variant(
                    "other",
                    object([("status", status()), ("code", count()), ("message", text())]),
                ),
            ]),
        ),
        variant(
            "GuildChange",
            object([guild(), ("afresh", flag()), ("parts", list(change, 0..3))]),
        ),
        variant(
            "HttpRequest",
            object([
                ("method", word(&["GET", "POST"])),
                ("path", text()),
                ("body", maybe(text())),
            ]),
        ),
        variant(
            "MemberPage",
            object([
                ("after", maybe(id())),
                ("members", list(member, 0..3)),
                ("is_last", flag()),
                ("departed", list(key(), 0..3)),
            ]),
        ),
    ])
}

fn cause() -> Json {
    object([
        (
            "kind",
            word(&[
                "unreachable",
                "closed",
                "silent",
                "untrusted",
                "forbidden",
                "other",
            ]),
        ),
        ("text", "[a-z]{0,20}".prop_map(Value::from).boxed()),
    ])
}

fn shard() -> Json {
    (1..1_000u32)
        .prop_flat_map(|total| (0..total, Just(total)))
        .prop_map(|(number, total)| json!([number, total]))
        .boxed()
}

fn shard_range() -> Json {
    (1..1_000u32)
        .prop_flat_map(|total| (0..total, Just(total)))
        .prop_flat_map(|(last, total)| (0..=last, Just(last), Just(total)))
        .prop_map(|(first, last, total)| json!({"first": first, "last": last, "total": total}))
        .boxed()
}

fn role() -> Json {
    object([
        ("id", id()),
        ("name", text()),
        ("permissions", maybe(permissions())),
    ])
}

/// The responses of the client and its settings.
fn of_the_client() -> Json {
    let overwrite = || {
        object([
            ("id", id()),
            ("type", (0..=1u8).prop_map(Value::from).boxed()),
            ("allow", permissions()),
            ("deny", permissions()),
        ])
    };
    let gateway = || fixed("wss://gateway.discord.gg");
    let answer_error = || object([("path", text()), ("message", text())]);
    let features = || list(text(), 0..3);
    one_of(vec![
        variant(
            "GuildSummary",
            object([
                ("id", id()),
                ("name", text()),
                ("owner", flag()),
                ("permissions", maybe(permissions())),
                ("features", features()),
                ("approximate_member_count", maybe(count())),
            ]),
        ),
        variant(
            "Guild",
            object([
                ("id", id()),
                ("name", text()),
                ("owner_id", id()),
                ("roles", list(role(), 0..3)),
                ("features", features()),
                ("vanity_url_code", maybe(text())),
                ("incidents_data", fixed(Value::Null)),
            ]),
        ),
        variant("Role", role()),
        variant("Overwrite", overwrite()),
        variant(
            "Channel",
            object([
                ("id", id()),
                ("type", (0..20u8).prop_map(Value::from).boxed()),
                ("name", maybe(text())),
                ("guild_id", maybe(id())),
                ("permission_overwrites", list(overwrite(), 0..3)),
            ]),
        ),
        variant(
            "Application",
            object([
                ("id", id()),
                ("name", text()),
                ("flags", count()),
                ("bot_public", maybe(flag())),
            ]),
        ),
        variant(
            "GatewayBot",
            object([
                ("url", gateway()),
                ("shards", count()),
                (
                    "session_start_limit",
                    with(
                        [
                            ("reset_after", duration()),
                            ("max_concurrency", (1..16u16).prop_map(Value::from).boxed()),
                        ],
                        counts(["total", "remaining"]),
                    ),
                ),
            ]),
        ),
        variant("GatewayUrl", gateway()),
        variant("ApiBase", fixed("https://discord.com")),
        variant(
            "RawAnswer",
            object([
                ("status", status()),
                (
                    "body",
                    list((0..=u8::MAX).prop_map(Value::from).boxed(), 0..8),
                ),
            ]),
        ),
        variant("Reason", "[a-z]{1,20}".prop_map(Value::from).boxed()),
        variant("MaxAge", (0..=5_184_000u32).prop_map(Value::from).boxed()),
        variant("MaxUses", (0..=100u32).prop_map(Value::from).boxed()),
        variant("RoleIds", ids(1..4)),
        variant("TargetUsers", ids(0..4)),
        variant(
            "MemberQuery",
            one_of(vec![fixed("everyone"), variant("users", ids(1..10))]),
        ),
        variant("AnswerError", answer_error()),
        variant(
            "Done",
            one_of(vec![
                fixed("silent"),
                variant("told", role()),
                variant("odd", answer_error()),
            ]),
        ),
        variant("ShardRange", shard_range()),
        variant(
            "Shards",
            one_of(vec![fixed("auto"), variant("range", shard_range())]),
        ),
        variant(
            "SavedSession",
            object([
                ("shard", shard()),
                ("session_id", text()),
                ("resume_url", text()),
                ("sequence", count()),
            ]),
        ),
        variant("Cause", cause()),
    ])
}

fn trouble() -> Json {
    let about = one_of(vec![
        fixed("start"),
        variant("shard", shard()),
        variant("requests", object([("guild", id()), ("kind", text())])),
    ]);
    object([
        ("about", about),
        ("cause", cause()),
        ("since", time()),
        ("times", count()),
    ])
}

/// The status and the answers of the service.
fn of_the_service() -> Json {
    let state = object([
        ("state", word(&["connecting", "connected", "ended"])),
        ("sequence", maybe(count())),
    ]);
    let of_shard = (shard(), state)
        .prop_map(|(shard, state)| json!([[shard, state]]))
        .boxed();
    one_of(vec![
        variant(
            "Status",
            with(
                [
                    ("shards", of_shard),
                    ("committed_at", maybe(time())),
                    ("blocked", maybe(text())),
                    ("stats", stats()),
                    ("troubles", list(trouble(), 0..3)),
                ],
                counts(["guilds", "awaited", "pending", "requests", "uncommitted"]),
            ),
        ),
        variant("Trouble", trouble()),
        variant(
            "Attributed",
            object([
                ("join", join()),
                ("attribution", attribution()),
                ("guild_name", maybe(text())),
                ("inviter_name", maybe(text())),
            ]),
        ),
        variant(
            "Report",
            with(
                [("stats", stats()), ("elapsed", duration())],
                counts([
                    "events",
                    "undecodable",
                    "records",
                    "commits",
                    "resumed",
                    "lost",
                    "pending",
                    "abandoned",
                ]),
            ),
        ),
    ])
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn what_the_tracker_states_goes_through_every_serializer(json in of_the_tracker()) {
        everywhere(&json);
    }

    #[test]
    fn what_the_ledger_returns_goes_through_every_serializer(json in of_the_ledger()) {
        everywhere(&json);
    }

    #[test]
    fn what_the_client_returns_goes_through_every_serializer(json in of_the_client()) {
        everywhere(&json);
    }

    #[test]
    fn what_the_service_reports_goes_through_every_serializer(json in of_the_service()) {
        everywhere(&json);
    }
}

#[test]
fn settings_go_through_every_serializer() {
    everywhere(&json!({"Config": Config::default()}));
    everywhere(&json!({"Config": Config::for_tests().confirm(ConfirmPolicy::Never)}));
}
