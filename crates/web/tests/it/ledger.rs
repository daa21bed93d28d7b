//! Ledgers to show.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use guestlist_ledger::{Batch, Claim, GuildInfo, Partition, SqliteLedger, Store};
use guestlist_model::{GuildId, Timestamp, UserId};
use guestlist_tracker::{
    Attribution, Candidate, Certainty, Evidence, Gap, InviteRecord, Join, JoinKey, Leave, Origin,
    Reason, Record,
};

/// Tries to leave its place in HTML, in an attribute, in a script and on a line.
pub(crate) const HOSTILE: &str =
    "</title></script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u{202e}=1+1\u{7}";

pub(crate) fn guild() -> GuildId {
    "613425648685547541".parse().unwrap()
}

pub(crate) fn user(number: u64) -> UserId {
    format!("8035111022467{number:04}").parse().unwrap()
}

/// So many minutes ago.
pub(crate) fn ago(minutes: u64) -> Timestamp {
    let now = Timestamp::from(SystemTime::now());
    now.saturating_sub(Duration::from_secs(minutes * 60))
}

pub(crate) fn by(code: &str) -> Origin {
    Origin::Invite {
        code: code.parse().unwrap(),
        inviter: Some(user(1)),
        channel: None,
    }
}

pub(crate) fn join(number: u64, name: &str, at: Timestamp) -> (JoinKey, Record) {
    let key = JoinKey::new(guild(), user(number), at);
    let mut join = Join::new(key, at);
    join.name = Some(name.to_owned());
    (key, Record::Join(join))
}

pub(crate) fn invite(code: &str, inviter: &str) -> Record {
    let mut invite = InviteRecord::new(guild(), code.parse().unwrap(), ago(600));
    invite.inviter = Some(user(1));
    invite.inviter_name = Some(inviter.to_owned());
    invite.created_at = Some(ago(700));
    invite.uses = Some(3);
    Record::Invite(invite)
}

/// An empty ledger and who may write it.
pub(crate) async fn empty() -> (Arc<SqliteLedger>, Claim) {
    let ledger = SqliteLedger::in_memory().await.unwrap();
    let claim = ledger.claim(Partition::ALL, "a test").await.unwrap();
    (Arc::new(ledger), claim)
}

/// One server, with a join of each certainty, a leave and a gap. Everything that has a name
/// has this one.
pub(crate) async fn small(name: &str) -> (Arc<SqliteLedger>, Claim) {
    let (ledger, claim) = empty().await;
    let evidence = Evidence::UsesRose {
        code: "rust".parse().unwrap(),
        from: 2,
        to: 3,
        between: (ago(31), ago(30)),
    };
    let mut records = vec![invite("rust", name), invite("ferris", name)];
    let candidates = vec![
        Candidate::new(by("rust"), 0.75),
        Candidate::new(by("ferris"), 0.25),
    ];
    let answers = [
        Certainty::Confirmed(by("rust")),
        Certainty::Deduced(by("ferris")),
        Certainty::Ambiguous(candidates.clone()),
        Certainty::Unknown(Reason::NoBaseline),
        Certainty::Provisional(candidates),
    ];
    for (number, certainty) in (10..).zip(answers) {
        let (key, record) = join(number, name, ago(40 - number));
        records.push(record);
        let answer =
            Attribution::new(key, certainty, ago(29)).with_evidence(vec![evidence.clone()]);
        records.push(Record::Attribution(answer));
    }
    records.push(Record::Leave(Leave::new(guild(), user(10), None, ago(5))));
    records.push(Record::Gap(Gap::new(guild(), ago(20), ago(19))));
    let mut batch = Batch::of(records);
    batch.guilds.push(GuildInfo::new(guild(), name));
    ledger.commit(claim, &batch).await.unwrap();
    (ledger, claim)
}
