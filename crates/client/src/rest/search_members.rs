use crate::{
    ApiError, Client, SearchLimit, decode,
    transport::{Method, Request},
};
use guestlist_model::{GuildId, MemberSearch, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Searches the members of a guild. The results say which invite each member used.
///
/// Requires Manage Server and the Server Members intent. The index lags: a new member can be
/// missing for about 20 seconds, and [`MemberSearch::NotIndexed`] means that there is no
/// index yet. The endpoint is undocumented and may be removed.
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use guestlist_client::MemberQuery;
///
/// let query = MemberQuery::users(["30".parse()?])?;
/// let found = client.search_members("10".parse()?, query).await?;
/// println!("{found:?}");
/// # Ok(())
/// # }
/// ```
///
/// See [discord-userdoccers/Search Guild Members](https://docs.discord.food/resources/guild#search-guild-members).
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct SearchMembers {
    client: Client,
    guild: GuildId,
    query: MemberQuery,
    limit: Option<SearchLimit>,
    oldest_first: bool,
    after: Option<(Timestamp, UserId)>,
}

/// Which members to search for.
///
/// ```
/// use guestlist_client::MemberQuery;
/// use guestlist_model::{Id, Timestamp};
///
/// let user = Id::new_checked(30).ok_or("zero")?;
/// let users = MemberQuery::users([user])?;
/// let hour = (Timestamp::from_secs(1_700_000_000), Timestamp::from_secs(1_700_003_600));
/// assert_ne!(users, MemberQuery::joined_between(hour.0, hour.1)?);
/// assert!(MemberQuery::users([]).is_err(), "nobody");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(into = "Query", try_from = "Query")]
pub struct MemberQuery(Query);

#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Query {
    Everyone,
    Users(Vec<UserId>),
    JoinedBetween { from: Timestamp, to: Timestamp },
}

/// The error for an invalid [`MemberQuery`].
///
/// ```
/// use guestlist_client::{MemberQuery, MemberQueryError};
///
/// let error = MemberQuery::users(Vec::new()).unwrap_err();
/// assert_eq!(error, MemberQueryError::Users { count: 0 });
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MemberQueryError {
    /// The number of users is not from 1 to 10.
    #[error("a search can name 1 to 10 users, not {count}")]
    Users {
        /// The number of users.
        count: usize,
    },
    /// The end of the time span is before its start.
    #[error("the time span ends before it starts")]
    Backwards,
}

impl From<MemberQuery> for Query {
    fn from(query: MemberQuery) -> Self {
        query.0
    }
}

impl TryFrom<Query> for MemberQuery {
    type Error = MemberQueryError;

    fn try_from(query: Query) -> Result<Self, MemberQueryError> {
        match query {
            Query::Everyone => Ok(Self::everyone()),
            Query::Users(users) => Self::users(users),
            Query::JoinedBetween { from, to } => Self::joined_between(from, to),
        }
    }
}

impl MemberQuery {
    /// The maximum number of users in one search.
    pub const MAX_USERS: usize = 10;

    /// Selects all members.
    #[must_use]
    pub const fn everyone() -> Self {
        Self(Query::Everyone)
    }

    /// Selects these users.
    ///
    /// # Errors
    ///
    /// [`MemberQueryError::Users`] if there is no user, or there are more than 10.
    pub fn users(users: impl Into<Vec<UserId>>) -> Result<Self, MemberQueryError> {
        let users = users.into();
        match users.len() {
            1..=Self::MAX_USERS => Ok(Self(Query::Users(users))),
            count => Err(MemberQueryError::Users { count }),
        }
    }

    /// Selects members who joined within a time span, in milliseconds, both ends
    /// included.
    ///
    /// # Errors
    ///
    /// [`MemberQueryError::Backwards`] if `to` is before `from`.
    pub fn joined_between(from: Timestamp, to: Timestamp) -> Result<Self, MemberQueryError> {
        if to < from {
            return Err(MemberQueryError::Backwards);
        }
        Ok(Self(Query::JoinedBetween { from, to }))
    }

    fn to_value(&self) -> Value {
        match &self.0 {
            Query::Everyone => json!({}),
            Query::Users(users) => {
                let users: Vec<_> = users.iter().map(ToString::to_string).collect();
                json!({"user_id": {"or_query": users}})
            }
            Query::JoinedBetween { from, to } => {
                let range = json!({"gte": from.as_millis(), "lte": to.as_millis()});
                json!({"guild_joined_at": {"range": range}})
            }
        }
    }
}

impl Client {
    /// Searches the members of a guild.
    pub fn search_members(&self, guild: GuildId, query: MemberQuery) -> SearchMembers {
        SearchMembers {
            client: self.clone(),
            guild,
            query,
            limit: None,
            oldest_first: false,
            after: None,
        }
    }
}

impl SearchMembers {
    /// Sort by join date, the latest first: what Discord does by itself.
    const LATEST_FIRST: u8 = 1;
    /// Sort by join date, the oldest first.
    const OLDEST_FIRST: u8 = 2;

    /// Sets the maximum number of members; defaults to 25.
    pub const fn limit(mut self, limit: SearchLimit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sorts by join time, oldest first. The default is latest first.
    pub const fn oldest_first(mut self) -> Self {
        self.oldest_first = true;
        self
    }

    /// Starts after a member of an earlier response.
    pub const fn after(mut self, joined_at: Timestamp, user: UserId) -> Self {
        self.after = Some((joined_at, user));
        self
    }

    async fn send(self) -> Result<MemberSearch, ApiError> {
        let sort = if self.oldest_first {
            Self::OLDEST_FIRST
        } else {
            Self::LATEST_FIRST
        };
        let mut body = json!({"sort": sort, "or_query": {}, "and_query": self.query.to_value()});
        if let Value::Object(body) = &mut body {
            if let Some(limit) = self.limit {
                body.insert("limit".to_owned(), limit.get().into());
            }
            if let Some((joined_at, user)) = self.after {
                let after =
                    json!({"guild_joined_at": joined_at.as_millis(), "user_id": user.to_string()});
                body.insert("after".to_owned(), after);
            }
        }
        let path = format!("guilds/{}/members-search", self.guild);
        let request = Request::new(Method::Post, path).json(&body);
        match self.client.send(&request).await {
            Ok(reply) => decode::model(&reply, MemberSearch::from_slice),
            Err(ApiError::NotIndexed { retry_after }) => Ok(MemberSearch::NotIndexed {
                retry_after_ms: u64::try_from(retry_after.as_millis()).ok(),
            }),
            Err(error) => Err(error),
        }
    }
}

into_future!(SearchMembers => MemberSearch);

#[cfg(test)]
mod tests {
    use super::{MemberQuery, MemberQueryError};
    use guestlist_model::{Timestamp, UserId};

    #[test]
    fn a_search_names_one_to_ten_users() {
        let users =
            |count| -> Vec<UserId> { (1..=count).filter_map(UserId::new_checked).collect() };
        assert_eq!(
            MemberQuery::users(users(0)),
            Err(MemberQueryError::Users { count: 0 })
        );
        assert!(MemberQuery::users(users(10)).is_ok());
        assert_eq!(
            MemberQuery::users(users(11)),
            Err(MemberQueryError::Users { count: 11 })
        );
        let (early, late) = (Timestamp::from_secs(1), Timestamp::from_secs(2));
        assert_eq!(
            MemberQuery::joined_between(late, early),
            Err(MemberQueryError::Backwards)
        );
    }
}
