//! The part of a statement that has no column: candidates or a reason, and evidence, as
//! short JSON.
//!
//! A statement with a way in is a list of its evidence. Others are an object: under `k` the
//! candidates, as pairs of a way's number and a weight, or the reason; under `e` the
//! evidence, unless there is none. The usual kinds of evidence are lists themselves, with
//! times as microseconds after the join, and 0 where a code or an inviter is the answer's.
//! What is not usual stands as the tracker's own JSON, and so do whole statements of
//! earlier versions.

use guestlist_model::{InviteCode, Timestamp, UserId};
use guestlist_tracker::{Candidate, Certainty, Evidence, Origin, Reason};
use serde::Deserialize;
use serde_json::{Value, json};

/// Why a text is not a statement.
pub(super) type Unreadable = Box<dyn std::error::Error + Send + Sync>;

/// What is told besides the columns. Candidates are given with the numbers of their ways.
pub(super) fn encode(
    certainty: &Certainty,
    evidence: &[Evidence],
    joined_at: Timestamp,
    ways: &[i64],
) -> Result<String, serde_json::Error> {
    let origin = certainty.origin();
    let evidence: Vec<Value> = (evidence.iter())
        .map(|evidence| shorten(evidence, joined_at, origin))
        .collect::<Result<_, _>>()?;
    let kind = match certainty {
        Certainty::Confirmed(_) | Certainty::Deduced(_) => {
            return serde_json::to_string(&evidence);
        }
        Certainty::Ambiguous(candidates) | Certainty::Provisional(candidates) => {
            let pairs = candidates.iter().zip(ways);
            pairs.map(|(it, way)| json!([way, it.weight])).collect()
        }
        Certainty::Unknown(reason) => serde_json::to_value(reason)?,
    };
    let told = if evidence.is_empty() {
        json!({ "k": kind })
    } else {
        json!({ "k": kind, "e": evidence })
    };
    serde_json::to_string(&told)
}

/// What a statement is about, from its columns.
pub(super) struct Columned {
    /// By its place in [`CertaintyKind::ALL`](crate::CertaintyKind::ALL).
    pub(super) certainty: usize,
    /// The way in, of what is confirmed or deduced.
    pub(super) origin: Option<Origin>,
    /// The ways of the candidates.
    pub(super) candidates: Vec<Origin>,
    pub(super) joined_at: Timestamp,
}

/// A whole statement of an earlier version.
#[derive(Deserialize)]
struct Whole {
    certainty: Certainty,
    evidence: Vec<Evidence>,
}

pub(super) fn decode(
    text: &str,
    columned: Columned,
) -> Result<(Certainty, Vec<Evidence>), Unreadable> {
    let mut told: Value = serde_json::from_str(text)?;
    if told.get("certainty").is_some() {
        let whole: Whole = serde_json::from_value(told)?;
        return Ok((whole.certainty, whole.evidence));
    }
    let evidence = match &mut told {
        Value::Array(evidence) => std::mem::take(evidence),
        object => match object.get_mut("e").map(Value::take) {
            Some(Value::Array(evidence)) => evidence,
            None => Vec::new(),
            Some(_) => return Err("the evidence is not a list".into()),
        },
    };
    let origin = columned.origin.clone();
    let evidence = (evidence.into_iter())
        .map(|short| lengthen(short, columned.joined_at, origin.as_ref()))
        .collect::<Result<_, _>>()?;
    let kind = told.get_mut("k").map(Value::take).unwrap_or_default();
    let origin = || columned.origin.ok_or("the way in is missing");
    let certainty = match columned.certainty {
        0 => Certainty::Confirmed(origin()?),
        1 => Certainty::Deduced(origin()?),
        2 => Certainty::Ambiguous(candidates(kind, columned.candidates)?),
        4 => Certainty::Provisional(candidates(kind, columned.candidates)?),
        3 => Certainty::Unknown(serde_json::from_value::<Reason>(kind)?),
        _ => return Err("there is no such certainty".into()),
    };
    Ok((certainty, evidence))
}

/// Ways with the weights that are told beside their numbers.
fn candidates(pairs: Value, ways: Vec<Origin>) -> Result<Vec<Candidate>, Unreadable> {
    let pairs: Vec<(i64, f64)> = serde_json::from_value(pairs)?;
    if pairs.len() != ways.len() {
        return Err("the way of a candidate is missing".into());
    }
    let weights = pairs.into_iter().map(|(_, weight)| weight);
    let candidates = ways.into_iter().zip(weights);
    Ok(candidates
        .map(|(way, weight)| Candidate::new(way, weight))
        .collect())
}

/// A time, after the join.
fn after(at: Timestamp, joined_at: Timestamp) -> Value {
    json!(at.as_micros().wrapping_sub(joined_at.as_micros()))
}

fn shorten(
    evidence: &Evidence,
    joined_at: Timestamp,
    origin: Option<&Origin>,
) -> Result<Value, serde_json::Error> {
    let short_code = |code: &InviteCode| {
        if origin.and_then(Origin::code) == Some(code) {
            json!(0)
        } else {
            json!(code.as_str())
        }
    };
    let short = match evidence {
        Evidence::UsesRose {
            code,
            from,
            to,
            between: (earlier, later),
        } => {
            let times = (after(*earlier, joined_at), after(*later, joined_at));
            json!(["r", short_code(code), from, to, times.0, times.1])
        }
        Evidence::Shared { joins } => json!(["s", joins]),
        Evidence::MoreWays { ways } => json!(["w", ways]),
        Evidence::BotFlag => json!(["b"]),
        Evidence::MembersSearch {
            join_source_type,
            code,
            inviter,
        } => {
            let of_answer = origin.and_then(Origin::inviter);
            let inviter = match inviter {
                Some(inviter) if Some(*inviter) == of_answer => json!(0),
                inviter => serde_json::to_value(inviter)?,
            };
            let code = code.as_ref().map_or(Value::Null, short_code);
            json!(["m", join_source_type, code, inviter])
        }
        other => serde_json::to_value(other)?,
    };
    Ok(short)
}

fn lengthen(
    short: Value,
    joined_at: Timestamp,
    origin: Option<&Origin>,
) -> Result<Evidence, Unreadable> {
    let Value::Array(parts) = &short else {
        return Ok(serde_json::from_value(short)?);
    };
    let number = |at: usize| {
        parts
            .get(at)
            .and_then(Value::as_u64)
            .ok_or("a number is missing")
    };
    let time = |at: usize| {
        let micros = parts.get(at).and_then(Value::as_i64);
        let at = |micros| Timestamp::from_micros(joined_at.as_micros().wrapping_add(micros));
        micros.map(at).ok_or("a time is missing")
    };
    let code = |at: usize| -> Result<Option<InviteCode>, Unreadable> {
        match parts.get(at) {
            Some(Value::Number(_)) => Ok(origin.and_then(Origin::code).cloned()),
            Some(Value::String(code)) => Ok(Some(code.parse()?)),
            _ => Ok(None),
        }
    };
    let tag = parts.first().and_then(Value::as_str);
    Ok(match tag {
        Some("r") => Evidence::UsesRose {
            code: code(1)?.ok_or("a code is missing")?,
            from: number(2)?,
            to: number(3)?,
            between: (time(4)?, time(5)?),
        },
        Some("s") => Evidence::Shared { joins: number(1)? },
        Some("w") => Evidence::MoreWays { ways: number(1)? },
        Some("b") => Evidence::BotFlag,
        Some("m") => Evidence::MembersSearch {
            join_source_type: number(1)?,
            code: code(2)?,
            inviter: match parts.get(3) {
                Some(Value::Number(_)) => origin.and_then(Origin::inviter),
                Some(id @ Value::String(_)) => Some(serde_json::from_value::<UserId>(id.clone())?),
                _ => None,
            },
        },
        _ => return Err("there is no such evidence".into()),
    })
}

/// An origin from its columns.
pub(super) fn origin(
    label: &str,
    code: Option<InviteCode>,
    inviter: Option<UserId>,
    channel: Option<guestlist_model::ChannelId>,
    join_source_type: Option<u64>,
) -> Result<Origin, Unreadable> {
    Ok(match label {
        "invite" => Origin::Invite {
            code: code.ok_or("the code of an invite is missing")?,
            inviter,
            channel,
        },
        "vanity" => Origin::Vanity { code },
        "bot" => Origin::Bot { added_by: inviter },
        "integration" => Origin::Integration,
        "discovery" => Origin::Discovery,
        "hub" => Origin::Hub,
        "linked_lobby" => Origin::LinkedLobby,
        "manual_verification" => Origin::ManualVerification,
        "other" => Origin::Other {
            join_source_type: join_source_type.ok_or("the number of a way in is missing")?,
        },
        "unseen" => Origin::Unseen,
        other => return Err(format!("there is no way in called {other}").into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> InviteCode {
        text.parse().unwrap()
    }

    fn user(number: u64) -> UserId {
        UserId::new_checked(number).unwrap()
    }

    #[test]
    fn whatever_is_told_can_be_read_again() {
        let joined_at = Timestamp::from_micros(1_700_000_000_123_000);
        let between = (
            Timestamp::from_micros(1_699_999_999_999_999),
            Timestamp::from_micros(1_700_000_001_000_001),
        );
        let answer = Origin::Invite {
            code: code("abc"),
            inviter: Some(user(7)),
            channel: None,
        };
        let rose = |of: &str| Evidence::UsesRose {
            code: code(of),
            from: 1,
            to: u64::MAX,
            between,
        };
        let search = |code, inviter| Evidence::MembersSearch {
            join_source_type: 5,
            code,
            inviter,
        };
        let evidence = vec![
            rose("abc"),
            rose("other"),
            search(Some(code("abc")), Some(user(7))),
            search(Some(code("x")), Some(user(u64::MAX))),
            search(None, None),
            Evidence::Shared { joins: 2 },
            Evidence::MoreWays { ways: 3 },
            Evidence::BotFlag,
            Evidence::VanityRose {
                code: None,
                from: 1,
                to: 2,
                between,
            },
            Evidence::AuditLog {
                action_type: 42,
                by: Some(user(9)),
                at: between.0,
            },
            Evidence::Contradicts {
                deduced: answer.clone(),
            },
        ];
        let candidates = vec![
            Candidate::new(answer.clone(), 0.7),
            Candidate::new(Origin::Unseen, 0.3),
        ];
        let all = [
            (0, Certainty::Confirmed(answer.clone())),
            (1, Certainty::Deduced(Origin::Discovery)),
            (2, Certainty::Ambiguous(candidates.clone())),
            (3, Certainty::Unknown(Reason::NoBaseline)),
            (4, Certainty::Provisional(candidates)),
        ];
        for (number, certainty) in all {
            for evidence in [&evidence[..], &[]] {
                let text = encode(&certainty, evidence, joined_at, &[1, 2]).unwrap();
                let columned = Columned {
                    certainty: number,
                    origin: certainty.origin().cloned(),
                    candidates: (certainty.candidates().iter())
                        .map(|it| it.origin.clone())
                        .collect(),
                    joined_at,
                };
                let read = decode(&text, columned).unwrap();
                assert_eq!(read, (certainty.clone(), evidence.to_vec()), "{text}");
            }
        }
    }

    #[test]
    fn the_usual_is_short() {
        let joined_at = Timestamp::from_secs(1_700_000_000);
        let answer = Certainty::Deduced(Origin::invite(code("abcdefgh")));
        let evidence = [Evidence::UsesRose {
            code: code("abcdefgh"),
            from: 1,
            to: 2,
            between: (joined_at, Timestamp::from_secs(1_700_000_001)),
        }];
        let text = encode(&answer, &evidence, joined_at, &[]).unwrap();
        assert_eq!(text, r#"[["r",0,1,2,0,1000000]]"#);
    }
}
