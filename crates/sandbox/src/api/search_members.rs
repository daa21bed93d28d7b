//! `POST /guilds/{guild_id}/members-search`: an index that lags behind.
//!
//! See Discord Userdoccers/Guild#search-guild-members.

use serde_json::{Map, Value, json};

use super::{Answer, ApiError, Body, Call, FormErrors, Reply};
use crate::{
    json::number,
    world::{
        Guild, MEMBER_DID_REJOIN, Member, PrivilegedIntent,
        permissions::MANAGE_GUILD,
        time::{MILLISECOND, Micros},
    },
};

pub(super) fn search_members(call: &mut Call<'_>) -> Answer {
    let guild = call.guild_with(MANAGE_GUILD)?;
    if !call.has_intent(PrivilegedIntent::Members) {
        return Err(ApiError::missing_access());
    }
    let body = call.object()?;
    let search = Search::read(&body)?;
    if !guild.indexed {
        let body = json!({
            "message": "Index not yet available. Try again later",
            "code": 110_000,
            "documents_indexed": 0,
            "retry_after": 2,
        });
        return Ok(Reply {
            status: 202,
            body: Body::Json(body),
            effects: Vec::new(),
        });
    }
    Ok(Reply::ok(search.run(guild, call.world.now())))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    JoinedDesc,
    JoinedAsc,
    UserDesc,
    UserAsc,
}

struct Search {
    limit: usize,
    sort: Sort,
    all: Vec<Condition>,
    any: Vec<Condition>,
    before: Option<(u64, Micros)>,
    after: Option<(u64, Micros)>,
}

enum Condition {
    UserIn(Vec<u64>),
    UserRange(u64, u64),
    NameIn(Vec<String>),
    AnyRole(Vec<u64>),
    AllRoles(Vec<u64>),
    JoinedRange(i64, i64),
    Pending(bool),
    Rejoined(bool),
    SourceIn(Vec<u64>),
    CodeIn(Vec<String>),
    /// Safety signals: nobody in a sandbox has any.
    Signal(bool),
}

impl Condition {
    fn holds(&self, member: &Member) -> bool {
        match self {
            Self::UserIn(ids) => ids.contains(&member.user.id),
            Self::UserRange(from, to) => (*from..=*to).contains(&member.user.id),
            Self::NameIn(names) => {
                let user = &member.user;
                let known = [Some(&user.username), user.global_name.as_ref()];
                names.iter().any(|name| {
                    let wanted = name.to_lowercase();
                    known
                        .iter()
                        .flatten()
                        .any(|it| it.to_lowercase().contains(&wanted))
                })
            }
            Self::AnyRole(ids) => ids.iter().any(|id| member.roles.contains(id)),
            Self::AllRoles(ids) => ids.iter().all(|id| member.roles.contains(id)),
            Self::JoinedRange(from, to) => {
                (*from..=*to).contains(&member.joined_at.div_euclid(MILLISECOND))
            }
            Self::Pending(wanted) => member.pending == *wanted,
            Self::Rejoined(wanted) => (member.flags & MEMBER_DID_REJOIN != 0) == *wanted,
            Self::SourceIn(kinds) => kinds.contains(&u64::from(member.source.kind)),
            Self::CodeIn(codes) => member
                .source
                .code
                .as_ref()
                .is_some_and(|code| codes.contains(code)),
            Self::Signal(wanted) => !*wanted,
        }
    }
}

impl Search {
    fn read(body: &Map<String, Value>) -> Result<Self, ApiError> {
        let mut errors = FormErrors::default();
        let limit = whole(body, "limit", 1, 1000, &mut errors).unwrap_or(25);
        let sort = match whole(body, "sort", 1, 4, &mut errors) {
            Some(2) => Sort::JoinedAsc,
            Some(3) => Sort::UserDesc,
            Some(4) => Sort::UserAsc,
            _ => Sort::JoinedDesc,
        };
        let search = Self {
            limit: usize::try_from(limit).unwrap_or(25),
            sort,
            all: conditions(body, "and_query", &mut errors),
            any: conditions(body, "or_query", &mut errors),
            before: place(body, "before", &mut errors),
            after: place(body, "after", &mut errors),
        };
        if errors.is_empty() {
            Ok(search)
        } else {
            Err(errors.into_error())
        }
    }

    fn run(&self, guild: &Guild, now: Micros) -> Value {
        let mut found: Vec<&Member> = guild
            .members
            .values()
            .filter(|member| member.indexed_at <= now)
            .filter(|member| self.all.iter().all(|it| it.holds(member)))
            .filter(|member| self.any.is_empty() || self.any.iter().any(|it| it.holds(member)))
            .collect();
        let total = found.len();
        let key = |id: u64, joined: Micros| match self.sort {
            Sort::JoinedDesc | Sort::JoinedAsc => (joined.div_euclid(MILLISECOND), id),
            Sort::UserDesc | Sort::UserAsc => (0, id),
        };
        let own = |member: &Member| key(member.user.id, member.joined_at);
        found.sort_by_key(|member| own(member));
        if matches!(self.sort, Sort::JoinedDesc | Sort::UserDesc) {
            found.reverse();
        }
        // "After" is further down the list, whichever way it is sorted.
        let down = matches!(self.sort, Sort::JoinedAsc | Sort::UserAsc);
        if let Some((id, joined)) = self.after {
            found.retain(|it| {
                if down {
                    own(it) > key(id, joined)
                } else {
                    own(it) < key(id, joined)
                }
            });
        }
        if let Some((id, joined)) = self.before {
            found.retain(|it| {
                if down {
                    own(it) < key(id, joined)
                } else {
                    own(it) > key(id, joined)
                }
            });
        }
        found.truncate(self.limit);
        let members: Vec<Value> = found.into_iter().map(supplemental).collect();
        json!({
            "guild_id": guild.id.to_string(),
            "page_result_count": members.len(),
            "total_result_count": total,
            "members": members,
        })
    }
}

fn supplemental(member: &Member) -> Value {
    json!({
        "member": crate::json::member(member),
        "source_invite_code": member.source.code,
        "join_source_type": member.source.kind,
        "inviter_id": member.source.inviter.map(|id| id.to_string()),
        "join_source_application_id": null,
        "join_source_channel_id": null,
    })
}

fn whole(
    body: &Map<String, Value>,
    name: &str,
    least: u64,
    most: u64,
    errors: &mut FormErrors,
) -> Option<u64> {
    let value = body.get(name).filter(|value| !value.is_null())?;
    match value.as_i64() {
        Some(number) => match u64::try_from(number) {
            Ok(number) if number > most => errors.add_too_large(name, most),
            Ok(number) if number >= least => return Some(number),
            _ => errors.add_too_small(name, least),
        },
        None => errors.add_type(name, value, "int"),
    }
    None
}

fn part<'a>(
    body: &'a Map<String, Value>,
    name: &str,
    errors: &mut FormErrors,
) -> Option<&'a Map<String, Value>> {
    match body.get(name)? {
        Value::Null => None,
        Value::Object(object) => Some(object),
        other => {
            errors.add_type(name, other, "dict");
            None
        }
    }
}

fn place(body: &Map<String, Value>, name: &str, errors: &mut FormErrors) -> Option<(u64, Micros)> {
    let object = part(body, name, errors)?;
    let user = object.get("user_id").and_then(number);
    let joined = object.get("guild_joined_at").and_then(number);
    match (user, joined) {
        (Some(user), Some(joined)) => Some((
            user,
            i64::try_from(joined)
                .unwrap_or(0)
                .saturating_mul(MILLISECOND),
        )),
        (None, _) => {
            let path = format!("{name}.user_id");
            errors.add_missing(&path);
            None
        }
        (_, None) => {
            let path = format!("{name}.guild_joined_at");
            errors.add_missing(&path);
            None
        }
    }
}

fn conditions(body: &Map<String, Value>, query: &str, errors: &mut FormErrors) -> Vec<Condition> {
    let Some(filter) = part(body, query, errors) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (field, value) in filter {
        let path = format!("{query}.{field}");
        match (field.as_str(), value) {
            (_, Value::Null) => {}
            ("is_pending", Value::Bool(wanted)) => all.push(Condition::Pending(*wanted)),
            ("did_rejoin", Value::Bool(wanted)) => all.push(Condition::Rejoined(*wanted)),
            ("is_pending" | "did_rejoin", other) => errors.add_type(&path, other, "bool"),
            ("safety_signals", Value::Object(signals)) => {
                all.push(Condition::Signal(
                    signals.values().any(|it| *it != Value::Bool(false)),
                ));
            }
            (_, Value::Object(object)) => one_field(field, object, &path, &mut all, errors),
            (_, other) => errors.add_type(&path, other, "dict"),
        }
    }
    all
}

/// Reads `{"or_query": […], "and_query": […], "range": {…}}` of one field.
fn one_field(
    field: &str,
    object: &Map<String, Value>,
    path: &str,
    all: &mut Vec<Condition>,
    errors: &mut FormErrors,
) {
    for (operator, value) in object {
        let path = format!("{path}.{operator}");
        match (field, operator.as_str()) {
            (_, _) if value.is_null() => {}
            ("user_id", "or_query") => {
                all.extend(numbers(value, &path, errors).map(Condition::UserIn));
            }
            ("role_ids", "or_query") => {
                all.extend(numbers(value, &path, errors).map(Condition::AnyRole));
            }
            ("role_ids", "and_query") => {
                all.extend(numbers(value, &path, errors).map(Condition::AllRoles));
            }
            ("join_source_type", "or_query") => {
                all.extend(numbers(value, &path, errors).map(Condition::SourceIn));
            }
            ("usernames", "or_query") => {
                all.extend(texts(value, &path, errors).map(Condition::NameIn));
            }
            ("source_invite_code", "or_query") => {
                all.extend(texts(value, &path, errors).map(Condition::CodeIn));
            }
            ("user_id" | "guild_joined_at", "range") => {
                let Value::Object(range) = value else {
                    errors.add_type(&path, value, "dict");
                    continue;
                };
                let mut bound = |name: &str, otherwise: u64| {
                    let Some(value) = range.get(name).filter(|value| !value.is_null()) else {
                        return otherwise;
                    };
                    number(value).unwrap_or_else(|| {
                        errors.add_type(&format!("{path}.{name}"), value, "int");
                        otherwise
                    })
                };
                let (from, to) = (bound("gte", 0), bound("lte", u64::MAX));
                all.push(if field == "user_id" {
                    Condition::UserRange(from, to)
                } else {
                    let signed = |bound| i64::try_from(bound).unwrap_or(i64::MAX);
                    Condition::JoinedRange(signed(from), signed(to))
                });
            }
            // What Discord does not know in a form, it passes over.
            _ => {}
        }
    }
}

fn list<'a>(value: &'a Value, path: &str, errors: &mut FormErrors) -> Option<&'a Vec<Value>> {
    match value {
        Value::Array(values) if (1..=10).contains(&values.len()) => Some(values),
        Value::Array(_) => {
            errors.add_length(path, 1, 10);
            None
        }
        other => {
            errors.add_type(path, other, "list");
            None
        }
    }
}

fn numbers(value: &Value, path: &str, errors: &mut FormErrors) -> Option<Vec<u64>> {
    let values = list(value, path, errors)?;
    let mut numbers = Vec::new();
    for (index, value) in values.iter().enumerate() {
        match number(value) {
            Some(number) => numbers.push(number),
            None => errors.add_type(&format!("{path}.{index}"), value, "snowflake"),
        }
    }
    Some(numbers)
}

fn texts(value: &Value, path: &str, errors: &mut FormErrors) -> Option<Vec<String>> {
    let values = list(value, path, errors)?;
    let mut texts = Vec::new();
    for (index, value) in values.iter().enumerate() {
        match value {
            Value::String(text) if (1..=100).contains(&text.chars().count()) => {
                texts.push(text.clone());
            }
            Value::String(_) => {
                let path = format!("{path}.{index}");
                errors.add_length(&path, 1, 100);
            }
            other => errors.add_type(&format!("{path}.{index}"), other, "string"),
        }
    }
    Some(texts)
}
