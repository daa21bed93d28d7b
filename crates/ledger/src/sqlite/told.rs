//! The part of a statement that has no column: candidates or a reason, and evidence, as
//! short JSON.
//!
//! A statement with a way in is a list of its evidence. Others are an object: under `k` the
//! candidates, as pairs of a way's number and a weight, or the reason; under `e` the
//! evidence, unless there is none. The usual kinds of evidence are lists themselves, with
//! times as microseconds after the join, 0 where a code or an inviter is the answer's, and
//! the place of a candidate, from 1, where a code is that one's. Counts that rose in the same
//! time are one list: the time, then a list of each. What is not usual stands as the tracker's
//! own JSON, and so do whole statements of earlier versions.

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
    let named = &Named {
        answer: certainty.origin(),
        candidates: certainty.candidates().iter().map(|it| &it.origin).collect(),
    };
    let evidence: Vec<Value> = evidence
        .chunk_by(|a, b| rise(a).is_some() && rise(a) == rise(b))
        .map(|alike| match alike {
            [evidence] => shorten(evidence, joined_at, named),
            alike => Ok(gather(alike, joined_at, named)),
        })
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
    let named = Named {
        answer: columned.origin.as_ref(),
        candidates: columned.candidates.iter().collect(),
    };
    let mut long = Vec::with_capacity(evidence.len());
    for short in evidence {
        lengthen(short, columned.joined_at, &named, &mut long)?;
    }
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
    Ok((certainty, long))
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

/// The ways in that a statement names, so that its evidence need not spell their codes.
struct Named<'a> {
    answer: Option<&'a Origin>,
    candidates: Vec<&'a Origin>,
}

impl Named<'_> {
    fn shorten(&self, code: &InviteCode) -> Value {
        let is = |origin: &&Origin| origin.code() == Some(code);
        if self.answer.as_ref().is_some_and(is) {
            return json!(0);
        }
        match self.candidates.iter().position(is) {
            Some(place) => json!(place + 1),
            None => json!(code.as_str()),
        }
    }

    fn lengthen(&self, code: Option<&Value>) -> Result<Option<InviteCode>, Unreadable> {
        let Some(code) = code.filter(|code| !code.is_null()) else {
            return Ok(None);
        };
        if let Some(text) = code.as_str() {
            return Ok(Some(text.parse()?));
        }
        let place = code.as_u64().and_then(|place| usize::try_from(place).ok());
        let way = match place.ok_or("a code is missing")? {
            0 => self.answer,
            place => self.candidates.get(place - 1).copied(),
        };
        Ok(way.and_then(Origin::code).cloned())
    }
}

/// When a count rose, if that is what a piece of evidence says.
const fn rise(evidence: &Evidence) -> Option<(Timestamp, Timestamp)> {
    match evidence {
        Evidence::UsesRose { between, .. } => Some(*between),
        _ => None,
    }
}

/// Counts that rose in the same time.
fn gather(alike: &[Evidence], joined_at: Timestamp, named: &Named<'_>) -> Value {
    let between = alike.first().and_then(rise);
    let mut list = vec![json!("g")];
    list.extend(
        between
            .into_iter()
            .flat_map(|(earlier, later)| [after(earlier, joined_at), after(later, joined_at)]),
    );
    list.extend(alike.iter().filter_map(|evidence| match evidence {
        Evidence::UsesRose { code, from, to, .. } => Some(json!([named.shorten(code), from, to])),
        _ => None,
    }));
    Value::Array(list)
}

fn shorten(
    evidence: &Evidence,
    joined_at: Timestamp,
    named: &Named<'_>,
) -> Result<Value, serde_json::Error> {
    let short = match evidence {
        Evidence::UsesRose {
            code,
            from,
            to,
            between: (earlier, later),
        } => {
            let times = (after(*earlier, joined_at), after(*later, joined_at));
            json!(["r", named.shorten(code), from, to, times.0, times.1])
        }
        Evidence::Shared { joins } => json!(["s", joins]),
        Evidence::MoreWays { ways } => json!(["w", ways]),
        Evidence::BotFlag => json!(["b"]),
        Evidence::MembersSearch {
            join_source_type,
            code,
            inviter,
        } => {
            let of_answer = named.answer.and_then(Origin::inviter);
            let inviter = match inviter {
                Some(inviter) if Some(*inviter) == of_answer => json!(0),
                inviter => serde_json::to_value(inviter)?,
            };
            let code = code
                .as_ref()
                .map_or(Value::Null, |code| named.shorten(code));
            json!(["m", join_source_type, code, inviter])
        }
        other => serde_json::to_value(other)?,
    };
    Ok(short)
}

fn lengthen(
    short: Value,
    joined_at: Timestamp,
    named: &Named<'_>,
    into: &mut Vec<Evidence>,
) -> Result<(), Unreadable> {
    let Value::Array(parts) = &short else {
        into.push(serde_json::from_value(short)?);
        return Ok(());
    };
    let number = |parts: &[Value], at: usize| {
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
    // A code and two counts, from a place on.
    let rose = |parts: &[Value], at: usize, between| -> Result<Evidence, Unreadable> {
        Ok(Evidence::UsesRose {
            code: named.lengthen(parts.get(at))?.ok_or("a code is missing")?,
            from: number(parts, at + 1)?,
            to: number(parts, at + 2)?,
            between,
        })
    };
    let tag = parts.first().and_then(Value::as_str);
    into.push(match tag {
        Some("r") => rose(parts, 1, (time(4)?, time(5)?))?,
        Some("g") => {
            let between = (time(1)?, time(2)?);
            for alike in parts.iter().skip(3) {
                let alike = alike.as_array().ok_or("a count is missing")?;
                into.push(rose(alike, 0, between)?);
            }
            return Ok(());
        }
        Some("s") => Evidence::Shared {
            joins: number(parts, 1)?,
        },
        Some("w") => Evidence::MoreWays {
            ways: number(parts, 1)?,
        },
        Some("b") => Evidence::BotFlag,
        Some("m") => Evidence::MembersSearch {
            join_source_type: number(parts, 1)?,
            code: named.lengthen(parts.get(2))?,
            inviter: match parts.get(3) {
                Some(Value::Number(_)) => named.answer.and_then(Origin::inviter),
                Some(id @ Value::String(_)) => Some(serde_json::from_value::<UserId>(id.clone())?),
                _ => None,
            },
        },
        _ => return Err("there is no such evidence".into()),
    });
    Ok(())
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
            Evidence::Shared { joins: 1 },
            rose("abc"),
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
        let ways = ["abcdefgh", "bcdefghi"].map(|it| Origin::invite(code(it)));
        let guess = ways.map(|way| Candidate::new(way, 0.5)).to_vec();
        let rose = |of: &str, from| Evidence::UsesRose {
            code: code(of),
            from,
            to: from + 1,
            between: (joined_at, Timestamp::from_secs(1_700_000_001)),
        };
        let evidence = [rose("bcdefghi", 3), rose("abcdefgh", 7), rose("x", 9)];
        let text = encode(
            &Certainty::Ambiguous(guess),
            &evidence,
            joined_at,
            &[40, 41],
        )
        .unwrap();
        assert_eq!(
            text,
            r#"{"e":[["g",0,1000000,[2,3,4],[1,7,8],["x",9,10]]],"k":[[40,0.5],[41,0.5]]}"#
        );
    }
}
