//! What an address asks for. Every filter of a page is in its address, so that it can be
//! kept and shared.

mod address;
mod choices;

use std::time::Duration;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{Uri, request::Parts},
};
use form_urlencoded::parse;
use guestlist_ledger::{CertaintyKind, Label, NotALabel, ORIGINS, Scope, TreeCursor};
use guestlist_model::{GuildId, InviteCode, InviteLink, Timestamp, UserId};
use guestlist_tracker::JoinKey;
use guestlist_view::{When, duration};

use self::address::{address, branch, place};
pub(crate) use self::{
    address::{cursor, join_path},
    choices::{Grouping, Living, Span},
};
use crate::{
    access::Visit,
    app::{App, now},
    fault::Fault,
};

/// The error for an invalid filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {problem}")]
pub(crate) struct BadQuery {
    pub(crate) name: &'static str,
    pub(crate) problem: String,
}

/// The filters of an address.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    /// Who asks.
    pub(crate) visit: Visit,
    /// The path that was asked for.
    pub(crate) path: String,
    /// What was given, in order and without what is empty.
    given: Vec<(String, String)>,
    /// The moment that relative times are seen from.
    pub(crate) now: Timestamp,
    pub(crate) guild: Option<GuildId>,
    pub(crate) span: Span,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    pub(crate) inviter: Option<UserId>,
    pub(crate) user: Option<UserId>,
    pub(crate) code: Option<InviteCode>,
    pub(crate) certainty: Option<CertaintyKind>,
    pub(crate) living: Living,
    pub(crate) grouping: Grouping,
    /// Whether joins of different weeks are different cohorts.
    pub(crate) weekly: bool,
    /// Whose people are shown in the tree.
    pub(crate) parent: Option<UserId>,
    /// Where the page of the tree begins.
    pub(crate) place: Option<TreeCursor>,
    label: Option<Label>,
    origin: Option<&'static str>,
    here: Option<bool>,
    younger: Option<Duration>,
    name: Option<String>,
    /// How many rows at most, for a program.
    pub(crate) limit: u32,
    /// Only what comes after this join in the list: the page that follows another.
    pub(crate) before: Option<JoinKey>,
}

impl Query {
    /// Reads an address.
    pub(crate) fn read(uri: &Uri, now: Timestamp) -> Result<Self, BadQuery> {
        let given: Vec<(String, String)> = parse(uri.query().unwrap_or("").as_bytes())
            .map(|(name, value)| (name.into_owned(), value.trim().to_owned()))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let text = |name: &str| {
            let found = given.iter().find(|(it, _)| it == name);
            found.map(|(_, value)| value.as_str())
        };
        let span = match text("span") {
            None => Span::USUAL,
            Some(word) => Span::ALL
                .into_iter()
                .find(|it| it.word == word)
                .ok_or_else(|| bad("span", "choose 1h, 24h, 7d, 30d, 90d or all"))?,
        };
        let when = |name| match text(name) {
            None => Ok(None),
            Some(text) => match text.parse::<When>() {
                Ok(when) => Ok(Some(when.resolve(now))),
                Err(problem) => Err(bad(name, &problem)),
            },
        };
        let (since, until) = (when("since")?, when("until")?);
        if let (Some(since), Some(until)) = (since, until)
            && since >= until
        {
            return Err(bad("until", "must be later than since"));
        }
        let an_id = "must be an id, which is a number such as 613425648685547541";
        Ok(Self {
            visit: Visit::default(),
            path: uri.path().to_owned(),
            now,
            guild: parsed("guild", text("guild"), an_id)?,
            span,
            since,
            until,
            inviter: parsed("inviter", text("inviter"), an_id)?,
            user: parsed("user", text("user"), an_id)?,
            code: text("code").map(code).transpose()?,
            certainty: parsed(
                "certainty",
                text("certainty"),
                "choose confirmed, deduced, ambiguous, unknown or provisional",
            )?,
            living: match text("state") {
                None => Living::Any,
                Some(word) => Living::ALL
                    .into_iter()
                    .find(|(_, it, _)| *it == word)
                    .map(|(living, _, _)| living)
                    .ok_or_else(|| bad("state", "choose active or ended"))?,
            },
            grouping: match text("by") {
                None => Grouping::ALL[0],
                Some(word) => Grouping::ALL
                    .into_iter()
                    .find(|it| it.word == word)
                    .ok_or_else(|| bad("by", "choose invite, label, inviter or source"))?,
            },
            weekly: text("weekly").is_some(),
            parent: parsed("parent", text("parent"), an_id)?,
            place: text("place").map(branch).transpose()?,
            label: match text("label") {
                None => None,
                Some(text) => Some(
                    text.parse()
                        .map_err(|error: NotALabel| bad("label", &error.to_string()))?,
                ),
            },
            origin: match text("source") {
                None => None,
                Some(word) => Some(
                    ORIGINS
                        .into_iter()
                        .find(|it| *it == word)
                        .ok_or_else(|| bad("source", "choose an origin from the list"))?,
                ),
            },
            here: match text("here") {
                None => None,
                Some("yes") => Some(true),
                Some("no") => Some(false),
                Some(_) => return Err(bad("here", "choose yes or no")),
            },
            younger: match text("younger") {
                None => None,
                Some(text) => Some(duration(text).map_err(|error| bad("younger", &error))?),
            },
            name: text("name").map(str::to_owned),
            limit: match text("limit") {
                None => 100,
                Some(text) => text
                    .parse()
                    .ok()
                    .filter(|limit| (1..=1000).contains(limit))
                    .ok_or_else(|| bad("limit", "must be a number from 1 to 1000"))?,
            },
            before: text("before").map(place).transpose()?,
            given,
        })
    }

    /// What was typed for a filter.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let found = self.given.iter().find(|(it, _)| it == name);
        found.map(|(_, value)| value.as_str())
    }

    /// From when on.
    pub(crate) fn since(&self) -> Option<Timestamp> {
        if self.is_custom() {
            return self.since;
        }
        self.span.length.map(|it| self.now.saturating_sub(it))
    }

    /// Whether times were typed instead of choosing a span.
    pub(crate) fn is_custom(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }

    /// Until when.
    pub(crate) const fn until(&self) -> Option<Timestamp> {
        self.until
    }

    /// What the filters select.
    pub(crate) fn scope(&self) -> Scope {
        let mut scope = self.timeless();
        scope.since = self.since();
        scope.until = self.until;
        scope
    }

    /// The same of all times.
    pub(crate) fn timeless(&self) -> Scope {
        let mut scope = Scope::new();
        scope.guild = self.guild;
        scope.inviter = self.inviter;
        scope.user = self.user;
        scope.code = self.code.clone();
        scope.certainty = self.certainty;
        scope.label = self.label.clone();
        scope.origin = self.origin.map(str::to_owned);
        scope.here = self.here;
        scope.account_younger_than = self.younger;
        scope.name = self.name.clone();
        scope
    }

    /// The address of a page for the same server and time.
    pub(crate) fn link(&self, path: &str, more: &[(&str, &str)]) -> String {
        let kept = self.given.iter().filter(|(name, _)| {
            let kept = matches!(name.as_str(), "guild" | "span" | "since" | "until");
            kept && more.iter().all(|(other, _)| other != name)
        });
        address(path, kept.map(|(a, b)| (a.as_str(), b.as_str())), more)
    }

    /// This page's address with some filters changed; an empty one is left out. The list
    /// begins at its start again.
    pub(crate) fn with(&self, more: &[(&str, &str)]) -> String {
        let kept = self
            .given
            .iter()
            .filter(|(name, _)| name != "before" && more.iter().all(|(other, _)| other != name));
        address(
            &self.path,
            kept.map(|(a, b)| (a.as_str(), b.as_str())),
            more,
        )
    }

    /// What a form has to carry along, besides its own fields.
    pub(crate) fn carried<'a>(
        &'a self,
        own: &'a [&str],
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.given
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(move |(name, _)| *name != "before" && !own.contains(name))
    }
}

fn bad(name: &'static str, problem: &str) -> BadQuery {
    BadQuery {
        name,
        problem: problem.to_owned(),
    }
}

fn parsed<T: std::str::FromStr>(
    name: &'static str,
    text: Option<&str>,
    advice: &str,
) -> Result<Option<T>, BadQuery> {
    text.map(|text| text.parse().map_err(|_| bad(name, advice)))
        .transpose()
}

/// A code, or a link with one in it.
fn code(text: &str) -> Result<InviteCode, BadQuery> {
    text.parse()
        .map(|link: InviteLink| link.code().clone())
        .map_err(|_| bad("code", "must be a code such as rust, or an invite link"))
}

impl FromRequestParts<App> for Query {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Fault> {
        let mut query = Self::read(&parts.uri, now())?;
        query.visit = parts.extensions.get().cloned().unwrap_or_default();
        let sight = &query.visit.sight;
        match query.guild {
            Some(guild) if !sight.sees(guild) => return Err(Fault::NotFound),
            // Who does not see all sees one at a time: that of the path, or the first.
            None if !sight.is_all() => {
                let path = RawPathParams::from_request_parts(parts, app).await.ok();
                let named = path.iter().flatten().find(|(name, _)| *name == "guild");
                query.guild = match named {
                    Some((_, guild)) => guild.parse().ok(),
                    None => app.guilds(&query.visit).await?.first().map(|it| it.id),
                };
                if query.guild.is_none() {
                    return Err(Fault::NoServer);
                }
            }
            _ => {}
        }
        Ok(query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(address: &str) -> Result<Query, BadQuery> {
        Query::read(
            &address.parse().unwrap(),
            Timestamp::from_secs(1_700_000_000),
        )
    }

    #[test]
    fn filters_that_are_empty_or_unknown_change_nothing() {
        let asked = query("/joins?guild=&code=&inviter=&utm=x").unwrap();
        assert_eq!(asked.timeless(), Scope::new());
        assert_eq!(asked.link("/", &[]), "/");
    }

    #[test]
    fn every_filter_narrows_the_scope() {
        let asked = query(
            "/joins?guild=1&inviter=2&user=3&code=rust&certainty=deduced&since=7d&until=1d\
             &label=May&source=invite&here=no&younger=7d&name=fer",
        )
        .unwrap();
        let now = Timestamp::from_secs(1_700_000_000);
        let day = Duration::from_secs(86_400);
        let wanted = Scope::new()
            .guild("1".parse().unwrap())
            .inviter("2".parse().unwrap())
            .user("3".parse().unwrap())
            .code("rust".parse().unwrap())
            .certainty(CertaintyKind::Deduced)
            .label("May".parse().unwrap())
            .origin("invite")
            .here(false)
            .account_younger_than(day * 7)
            .name("fer")
            .since(now.saturating_sub(day * 7))
            .until(now.saturating_sub(day));
        assert_eq!(asked.scope(), wanted);
    }

    #[test]
    fn a_span_is_seen_from_now_and_typed_times_stand_before_it() {
        let asked = query("/?span=24h").unwrap();
        assert_eq!(asked.since().unwrap().as_secs(), 1_700_000_000 - 86_400);
        assert_eq!(query("/?span=all").unwrap().since(), None);
        let both = query("/?span=24h&since=2023-01-01").unwrap();
        assert_eq!(both.since().unwrap().to_string(), "2023-01-01T00:00:00Z");
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (address, name) in [
            ("/?guild=x", "guild"),
            ("/?guild=0", "guild"),
            ("/?guild=99999999999999999999999", "guild"),
            ("/?inviter=-1", "inviter"),
            ("/?user=%00", "user"),
            ("/?code=a%20b", "code"),
            ("/?certainty=sure", "certainty"),
            ("/?since=yesterday", "since"),
            ("/?since=1d&until=2d", "until"),
            ("/?span=3y", "span"),
            ("/?state=dead", "state"),
            ("/?source=luck", "source"),
            ("/?by=luck", "by"),
            ("/?place=1", "place"),
            ("/?limit=0", "limit"),
            ("/?limit=1001", "limit"),
            ("/?parent=x", "parent"),
            ("/?here=maybe", "here"),
            ("/?younger=7", "younger"),
            ("/?label=a%0Ab", "label"),
            ("/?before=1-2", "before"),
            ("/?before=1-2-3-x", "before"),
        ] {
            assert_eq!(query(address).unwrap_err().name, name, "{address}");
        }
    }

    #[test]
    fn a_place_in_the_list_survives_its_address() {
        let key = JoinKey::new(
            "7".parse().unwrap(),
            "8".parse().unwrap(),
            Timestamp::from_millis(-5),
        );
        assert_eq!(place(&cursor(&key)), Ok(key));
    }

    #[test]
    fn links_keep_the_server_and_the_time_and_forms_carry_the_rest() {
        let asked = query("/joins?guild=1&code=a%26b&code=x&span=7d&before=1-2-3");
        assert_eq!(asked.unwrap_err().name, "code");
        let asked = query("/joins?guild=1&code=ab&span=7d&before=1-2-3").unwrap();
        assert_eq!(asked.link("/invites", &[]), "/invites?guild=1&span=7d");
        assert_eq!(asked.with(&[("code", "")]), "/joins?guild=1&span=7d");
        let carried: Vec<_> = asked.carried(&["span"]).collect();
        assert_eq!(carried, [("guild", "1"), ("code", "ab")]);
    }
}
