//! What a batch changes about members, stored many rows at once.

use std::collections::{BTreeMap, HashSet};

use guestlist_model::{GuildId, Timestamp, UserId};
use guestlist_tracker::{Attribution, Certainty, JoinKey, Observation, Origin};

use super::{attributions::Told, convert::id, write::Writing};
use crate::{
    LedgerError,
    merge::{Membership, Rank, Standing, StoredJoin, StoredLeave},
};

/// Rows of members that are new or other than they were.
#[derive(Default)]
pub(super) struct Changed {
    joins: Vec<ChangedJoin>,
    leaves: Vec<(GuildId, UserId, StoredLeave)>,
    /// Statements that do not stand.
    statements: Vec<(Attribution, Rank)>,
    /// Joins whose answer stands no longer.
    retired: Vec<JoinKey>,
    /// Answers that stand now, and did not when they were stored.
    raised: Vec<(JoinKey, Rank)>,
}

/// A join, and the answer that stands from now on, if that is another one.
struct ChangedJoin {
    key: JoinKey,
    join: StoredJoin,
    answer: Option<Attribution>,
    is_new: bool,
}

impl Changed {
    /// Takes what is not as it is stored.
    pub(super) fn take(
        &mut self,
        guild: GuildId,
        user: UserId,
        stored: &Membership,
        now: Membership,
    ) {
        let Membership {
            joins,
            leaves,
            stated,
        } = now;
        let leaves = leaves.into_iter().filter(|it| !stored.leaves.contains(it));
        self.leaves.extend(leaves.map(|it| (guild, user, it)));
        let mut stand = BTreeMap::new();
        for (joined_at, answers) in stated {
            let key = JoinKey::new(guild, user, joined_at);
            let known = stored.stated.get(&joined_at);
            let standing = joins.get(&joined_at).and_then(|it| it.standing.as_ref());
            let before = stored.joins.get(&joined_at);
            let before = before.and_then(|it| it.standing.as_ref());
            for (rank, answer) in answers {
                let Some(answer) = answer else {
                    continue;
                };
                let is_known = known.is_some_and(|known| known.contains_key(&rank));
                if standing.map(Standing::rank) != Some(rank) {
                    if !is_known {
                        self.statements.push((answer, rank));
                    }
                } else if standing != before {
                    if is_known {
                        self.raised.push((key, rank));
                    }
                    if before.is_some() {
                        self.retired.push(key);
                    }
                    stand.insert(joined_at, answer);
                }
            }
        }
        for (joined_at, join) in joins {
            let before = stored.joins.get(&joined_at);
            if before != Some(&join) {
                self.joins.push(ChangedJoin {
                    key: JoinKey::new(guild, user, joined_at),
                    is_new: before.is_none(),
                    answer: stand.remove(&joined_at),
                    join,
                });
            }
        }
    }

    /// The ways in that answers name.
    pub(super) fn ways(&self) -> HashSet<(GuildId, &Origin)> {
        let standing = self.joins.iter().filter_map(|it| it.answer.as_ref());
        let others = self.statements.iter().map(|(told, _)| told);
        let mut ways = HashSet::new();
        for told in standing.chain(others) {
            let named = told.certainty.origin().into_iter();
            let candidates = told.certainty.candidates().iter().map(|it| &it.origin);
            ways.extend(named.chain(candidates).map(|way| (told.key.guild, way)));
        }
        ways
    }
}

/// A candidate of an answer that stands, as it is stored.
struct CandidateRow {
    key: (i64, i64, i64),
    place: i64,
    way: i64,
    weight: f64,
}

impl Writing<'_> {
    async fn key(&mut self, key: JoinKey) -> Result<(i64, i64, i64), LedgerError> {
        let guild = self.guild(key.guild).await?;
        Ok((guild, key.joined_at.as_micros(), id(key.user)))
    }

    async fn keys(&mut self, keys: &[JoinKey]) -> Result<Vec<(i64, i64, i64)>, LedgerError> {
        let mut rows = Vec::with_capacity(keys.len());
        for key in keys {
            rows.push(self.key(*key).await?);
        }
        Ok(rows)
    }

    /// Stores it all. What stood before goes to the history first; so does what never stood, since
    /// a join is compared with its history as soon as it is confirmed.
    pub(super) async fn members(&mut self, changed: &Changed) -> Result<(), LedgerError> {
        self.retire(&changed.retired).await?;
        self.raise(&changed.raised).await?;
        self.statements(&changed.statements).await?;
        self.joins(&changed.joins).await?;
        self.leaves(&changed.leaves).await
    }

    /// Moves answers that stood to the history. (In a list that is no SELECT, SQLite would look at
    /// every row.)
    async fn retire(&mut self, retired: &[JoinKey]) -> Result<(), LedgerError> {
        let keys = self.keys(retired).await?;
        let moved = [
            "INSERT OR REPLACE INTO history_data (user_id, guild, joined_at, revision, confirmed, certainty, way,
                 decided, told)
             SELECT user_id, guild, joined_at, revision, certainty = 0, certainty, way, decided, told
             FROM join_data WHERE (guild, joined_at, user_id) IN (SELECT * FROM (VALUES",
            "(?, ?, ?)",
            "))",
        ];
        let gone = [
            "DELETE FROM candidate_data WHERE (guild, joined_at, user_id) IN (SELECT * FROM (VALUES",
            "(?, ?, ?)",
            "))",
        ];
        for sql in [moved, gone] {
            self.run_each(sql, &keys, |query, (guild, joined, user)| {
                query.bind(*guild).bind(*joined).bind(*user)
            })
            .await?;
        }
        Ok(())
    }

    /// Takes answers that stand from now on out of the history.
    async fn raise(&mut self, raised: &[(JoinKey, Rank)]) -> Result<(), LedgerError> {
        let mut rows = Vec::new();
        for (key, rank) in raised {
            rows.push((self.key(*key).await?, *rank));
        }
        self.run_each(
            [
                "DELETE FROM history_data WHERE (user_id, guild, joined_at, revision, confirmed) IN (SELECT * FROM (VALUES",
                "(?, ?, ?, ?, ?)",
                "))",
            ],
            &rows,
            |query, ((guild, joined, user), rank)| {
                let query = query.bind(*user).bind(*guild).bind(*joined);
                query.bind(rank.revision).bind(rank.confirmed)
            },
        )
        .await
    }

    async fn joins(&mut self, joins: &[ChangedJoin]) -> Result<(), LedgerError> {
        let new = joins.iter().filter(|it| it.is_new).map(|it| it.key.user);
        self.look_up_marks(&new.collect::<Vec<_>>()).await?;
        let (mut rows, mut candidates) = (Vec::new(), Vec::new());
        for ChangedJoin {
            key, join, answer, ..
        } in joins
        {
            let told = match answer {
                Some(answer) => Some((answer.revision, self.told(answer).await?)),
                None => None,
            };
            let row = self.key(*key).await?;
            if let (Some(answer), Some((_, told))) = (answer, &told)
                && let Certainty::Ambiguous(ways) = &answer.certainty
            {
                let ways = (0_i64..).zip(ways.iter().zip(&told.candidates));
                candidates.extend(ways.map(|(place, (candidate, way))| CandidateRow {
                    key: row,
                    place,
                    way: *way,
                    weight: candidate.weight,
                }));
            }
            let marks = self.marks.get(&key.user).copied().unwrap_or(0);
            rows.push((row, join, told, marks));
        }
        self.run_each(
            [
                "INSERT INTO join_data (guild, joined_at, user_id, exact, bot, guest, pending, rejoined, again, caught_up,
                     seen, updated, stayed, stayed_least, here, marks, revision, certainty, way, decided, told)
                 VALUES",
                "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                // An answer that is not told stays what it is.
                "ON CONFLICT DO UPDATE SET exact = excluded.exact, bot = excluded.bot, guest = excluded.guest,
                     pending = excluded.pending, rejoined = excluded.rejoined, again = excluded.again,
                     caught_up = excluded.caught_up, seen = excluded.seen, updated = excluded.updated,
                     stayed = excluded.stayed, stayed_least = excluded.stayed_least, here = excluded.here,
                     way = CASE WHEN excluded.revision IS NULL THEN way ELSE excluded.way END,
                     revision = ifnull(excluded.revision, revision), certainty = ifnull(excluded.certainty, certainty),
                     decided = ifnull(excluded.decided, decided), told = ifnull(excluded.told, told)",
            ],
            &rows,
            |query, ((guild, joined, user), join, told, marks)| {
                let seen = join.observed_at.as_micros();
                let after = |at: Option<Timestamp>| at.map(|at| at.as_micros() - joined);
                let query = query.bind(*guild).bind(*joined).bind(*user);
                let query = query.bind(join.exact_at.as_micros() - joined);
                let query = query.bind(join.bot).bind(join.guest).bind(join.pending);
                let query = query.bind(join.rejoined).bind(join.again);
                let query = query.bind(join.observed_by == Observation::CatchUp);
                let query = query.bind(seen - joined);
                let query = query.bind(join.updated_at.as_micros() - seen);
                let query = query.bind(after(join.left_at)).bind(after(join.left_after));
                let query = query.bind(join.here).bind(*marks);
                let revision = told.as_ref().map(|(revision, _)| *revision);
                let told = told.as_ref().map(|(_, told)| told);
                let query = query.bind(revision).bind(told.map(|it| it.certainty));
                let query = query.bind(told.and_then(|it| it.way));
                query.bind(told.map(|it| it.decided)).bind(told.map(|it| it.text.clone()))
            },
        )
        .await?;
        self.run_each(
            [
                "INSERT INTO candidate_data (guild, joined_at, user_id, place, way, weight) VALUES",
                "(?, ?, ?, ?, ?, ?)",
                "ON CONFLICT DO UPDATE SET way = excluded.way, weight = excluded.weight",
            ],
            &candidates,
            |query, row| {
                let (guild, joined, user) = row.key;
                let query = query.bind(guild).bind(joined).bind(user);
                query.bind(row.place).bind(row.way).bind(row.weight)
            },
        )
        .await
    }

    async fn leaves(
        &mut self,
        leaves: &[(GuildId, UserId, StoredLeave)],
    ) -> Result<(), LedgerError> {
        let mut rows = Vec::new();
        for (guild, user, leave) in leaves {
            rows.push((self.guild(*guild).await?, id(*user), leave));
        }
        self.run_each(
            [
                "INSERT INTO leave_data (user_id, guild, which, observed_at, pairs, since, joined_before) VALUES",
                "(?, ?, ?, ?, ?, ?, ?)",
                "ON CONFLICT DO UPDATE SET observed_at = excluded.observed_at, pairs = excluded.pairs,
                     since = excluded.since, joined_before = excluded.joined_before",
            ],
            &rows,
            |query, (guild, user, leave)| {
                let observed = leave.observed_at.as_micros();
                let which = leave.told.map_or(-1 - observed, Timestamp::as_micros);
                let pairs = leave.joined_at.map(|joined| joined.as_micros() - which);
                let query = query.bind(*user).bind(*guild).bind(which).bind(observed);
                let query = query.bind(pairs).bind(leave.since.map(Timestamp::as_micros));
                query.bind(leave.before.map(Timestamp::as_micros))
            },
        )
        .await
    }

    /// Stores statements that do not stand.
    async fn statements(&mut self, statements: &[(Attribution, Rank)]) -> Result<(), LedgerError> {
        let mut rows: Vec<((i64, i64, i64), Rank, Told)> = Vec::new();
        for (told, rank) in statements {
            rows.push((self.key(told.key).await?, *rank, self.told(told).await?));
        }
        self.run_each(
            [
                "INSERT OR REPLACE INTO history_data (user_id, guild, joined_at, revision, confirmed, certainty, way,
                     decided, told)
                 VALUES",
                "(?, ?, ?, ?, ?, ?, ?, ?, ?)",
                "",
            ],
            &rows,
            |query, ((guild, joined, user), rank, told)| {
                let query = query.bind(*user).bind(*guild).bind(*joined);
                let query = query.bind(rank.revision).bind(rank.confirmed);
                let query = query.bind(told.certainty).bind(told.way);
                query.bind(told.decided).bind(told.text.clone())
            },
        )
        .await
    }
}
