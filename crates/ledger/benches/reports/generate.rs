//! A large ledger, written by SQL in bulk: the rows are those that commits would have
//! written, in the order of time, with every index and every count in place.

use std::path::Path;

use guestlist_ledger::SqliteLedger;
use guestlist_model::{GuildId, Id};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

/// In each guild.
pub(crate) const INVITES: u64 = 250;
/// In each guild.
const INVITERS: u64 = 50;
/// Joins of one transaction.
const TOGETHER: u64 = 100_000;
/// All joins are within two years.
const SPAN: u64 = 2 * 365 * 86_400;

/// What is to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) joins: u64,
    pub(crate) guilds: u64,
    /// So many of 1000 joins are of the first guild, besides its part of the others.
    pub(crate) large: u64,
    /// The time of the last join, in seconds after 1970.
    pub(crate) end: u64,
}

/// The code of an invite of a guild, by their numbers, which begin with 0.
pub(crate) fn code(guild: u64, invite: u64) -> String {
    format!("g{guild:03}n{invite:03}x")
}

pub(crate) fn guild(number: u64) -> GuildId {
    Id::new_checked((100_000_000_000 + number) << 22).unwrap()
}

/// Everything about the joins `?1` to `?2`, of which there are `?3` in `?4` guilds, `?5` of 1000
/// in the first, from the second `?6` on, in random numbers that follow from the number of a
/// join: `a`, `b`, `c` and `d`.
///
/// 60 of 100 are confirmed, after having been deduced; 25 deduced; 8 ambiguous between
/// three invites; 7 unknown. Three in ten members leave, of these one in ten within an
/// hour. One account in twenty is younger than a week.
const JOINS: &str = "
CREATE TEMPORARY TABLE made AS
WITH RECURSIVE numbers(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < ?2),
first AS (SELECT i, (i * 2654435761 + 12345) % 2147483647 AS a FROM numbers),
second AS (SELECT *, (a * 48271 + 11) % 2147483647 AS b FROM first),
third AS (SELECT *, (b * 69621 + 7) % 2147483647 AS c FROM second),
fourth AS (SELECT *, (c * 40692 + 3) % 2147483647 AS d FROM third),
timed AS (
    SELECT *, (?6 * 1000 + i * (2 * 365 * 86400000 / ?3) + a % 1000) * 1000 AS joined_at,
        CASE WHEN b / 7 % 1000 < ?5 THEN 0 ELSE a % ?4 END AS g
    FROM fourth
)
SELECT
    i,
    1 + g AS guild,
    joined_at,
    ((joined_at / 1000 - 1420070400000
        - CASE WHEN d % 20 = 0 THEN c % 604800000 ELSE 604800000 + (c % 150000000) * 1000 END) << 22)
        + i % 4194304 AS user_id,
    CASE WHEN b % 100 < 60 THEN 0 WHEN b % 100 < 85 THEN 1 WHEN b % 100 < 93 THEN 2 ELSE 3 END AS certainty,
    g * 250 + 1 + (c % 250) * (d % 250) / 250 AS way,
    1 + d % 1000 AS uses,
    CASE WHEN c % 10 < 3 THEN
        CASE WHEN d % 10 = 0 THEN 1 + b % 3600000000 ELSE 3600000000 + (b % 5000000) * 1000000 END
    END AS stayed,
    1000000 + b % 60000000 AS decided
FROM timed;

INSERT INTO users (user_id, name, seen_at)
SELECT user_id,
    substr('kamilorenatusivopadelufinobaryxezohecagumysalitoverujanikesibomudarelopahifyzatu', 1 + i / 13 % 77, 4)
        || substr('foxwolfstarcatmoonbearfirebirdleaflakestonenightsnowtreewind', 1 + i / 7 % 55, 5)
        || substr('_.x0zq', 1 + i % 6, 1) || (i % 9973),
    joined_at
FROM made;

INSERT INTO join_data (guild, joined_at, user_id, exact, bot, guest, pending, rejoined, again, caught_up, seen, updated,
    stayed, here, revision, certainty, way, decided, told, marks)
SELECT guild, joined_at, user_id, a.exact, 0, 0, 0, NULL, 0, 0, a.seen, 0, stayed, stayed IS NULL,
    certainty = 0, certainty, CASE WHEN certainty < 2 THEN way END, decided,
    CASE certainty
        WHEN 0 THEN '[[\"m\",5,0,0],[\"r\",0,' || uses || ',' || (uses + 1) || ',-' || (decided / 2) || ',' || (decided / 3) || ']]'
        WHEN 1 THEN '[[\"r\",0,' || uses || ',' || (uses + 1) || ',-' || (decided / 2) || ',' || (decided / 3) || ']]'
        WHEN 2 THEN '{\"k\":[[' || way || ',0.5],[' || max(way - 1, 1) || ',0.3],[' || max(way - 2, 1) || ',0.2]],\"e\":[[\"s\",3]]}'
        ELSE '{\"k\":\"no_count_moved\"}' END,
    (SELECT m.marks FROM name_marks AS m WHERE m.user_id = made.user_id)
FROM made, (SELECT 417 AS exact, 251371 AS seen) AS a;

INSERT INTO history_data (user_id, guild, joined_at, revision, confirmed, certainty, way, decided, told)
SELECT user_id, guild, joined_at, 0, 0, 1, way, decided / 2,
    '[[\"r\",0,' || uses || ',' || (uses + 1) || ',-' || (decided / 2) || ',' || (decided / 3) || ']]'
FROM made WHERE certainty = 0;

INSERT INTO candidate_data (guild, joined_at, user_id, place, way, weight)
SELECT guild, joined_at, user_id, place.value, max(way - place.value, 1), 0.5 - 0.2 * place.value
FROM made, json_each('[0,1,2]') AS place WHERE certainty = 2;

INSERT INTO leave_data (user_id, guild, which, observed_at, pairs)
SELECT user_id, guild, joined_at, joined_at + stayed, 0 FROM made WHERE stayed IS NOT NULL;

INSERT INTO changes (kind, guild, user_id, at, detail)
SELECT kind, guild, user_id, at, detail FROM (
    SELECT i, 0 AS kind, guild, user_id, joined_at / 1000 AS at, NULL AS detail FROM made
    UNION ALL SELECT i, 1, guild, user_id, joined_at / 1000, 0 FROM made
    UNION ALL SELECT i, 1, guild, user_id, joined_at / 1000, 3 FROM made WHERE certainty = 0
    UNION ALL SELECT i, 2, guild, user_id, joined_at + stayed, joined_at FROM made WHERE stayed IS NOT NULL
) ORDER BY i, kind, detail;

DROP TABLE made;
";

fn invites(guilds: u64, beginning: u64) -> String {
    format!(
        "WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < {})
         INSERT INTO guilds (guild_id, name, number)
         SELECT (100000000000 + i) << 22, 'server ' || i, i + 1 FROM numbers;
         WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < {})
         INSERT INTO users (user_id, name, seen_at)
         SELECT 200000000000000000 + i, 'inviter ' || i, 0 FROM numbers;
         WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < {})
         INSERT INTO ways (number, guild, origin, code, inviter_id)
         SELECT i + 1, i / {INVITES} + 1, 'invite', printf('g%03dn%03dx', i / {INVITES}, i % {INVITES}),
             200000000000000000 + (i / {INVITES}) * {INVITERS} + i % {INVITERS}
         FROM numbers;
         INSERT INTO invites (guild_id, code, created_at, inviter_id, max_age, max_uses, uses, state, state_at,
             observed_at, updated_at)
         SELECT g.guild_id, w.code, ({beginning} - w.number % 1000) * 1000000, w.inviter_id, 0, 0, 5,
             CASE WHEN w.number % 3 = 0 THEN 'revoked' ELSE 'active' END, {beginning} * 1000000,
             {beginning} * 1000000, {beginning} * 1000000
         FROM ways AS w JOIN guilds AS g ON g.number = w.guild;
         INSERT INTO labels (guild_id, code, label, set_at)
         SELECT i.guild_id, i.code, 'campaign ' || (i.rowid % 5), 0 FROM invites AS i WHERE i.rowid % 25 < 5;
         INSERT INTO gaps (guild_id, observed_at, closed_at, last_known, joins_found, caught_up)
         SELECT g.guild_id, at, at + 5000000, at - 60000000, 0, 1
         FROM guilds AS g, (SELECT ({beginning} + value * 2592000) * 1000000 AS at FROM json_each('[1,2,3,4,5,6]'));",
        guilds,
        guilds * INVITERS,
        guilds * INVITES
    )
}

/// Counts everything, as the migrations do; but of answers before a confirmed one it is known that
/// each was a right deduction, and to look at each would take longer than all the rest.
fn count() -> String {
    let counts = include_str!("../../migrations/0010_counts.sql");
    let from = counts.find("CREATE TEMPORARY TABLE counted").unwrap();
    let until = counts.find("UPDATE join_data SET marks").unwrap();
    format!(
        "{}
         INSERT INTO compared
         SELECT guild, joined_at / 86400000000, count(*), count(*), count(*), 0, 0, 0, 0
         FROM join_data WHERE certainty = 0 GROUP BY 1, 2;",
        &counts[from..until]
    )
}

/// Takes the triggers away that count each row by itself; gives what makes them again.
async fn without_triggers(connection: &mut SqliteConnection) -> String {
    let triggers: Vec<(String, String)> = sqlx::query_as(
        "SELECT name, sql FROM sqlite_schema
         WHERE type = 'trigger' AND tbl_name IN ('join_data', 'leave_data', 'candidate_data', 'history_data')",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    let mut again = String::new();
    for (name, sql) in triggers {
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP TRIGGER {name}")))
            .execute(&mut *connection)
            .await
            .unwrap();
        again.push_str(&sql);
        again.push_str(";\n");
    }
    again
}

/// Makes a ledger; tells meanwhile how many joins it has.
pub(crate) async fn generate(path: &Path, plan: Plan, mut made: impl FnMut(u64)) {
    SqliteLedger::open(path).await.unwrap().close().await;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .pragma("synchronous", "OFF")
        .pragma("journal_mode", "OFF")
        .pragma("cache_size", "-1000000");
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let triggers = without_triggers(&mut connection).await;
    let beginning = plan.end - SPAN;
    sqlx::raw_sql(sqlx::AssertSqlSafe(invites(plan.guilds, beginning)))
        .execute(&mut connection)
        .await
        .unwrap();
    for from in (0..plan.joins).step_by(usize::try_from(TOGETHER).unwrap()) {
        let until = plan.joins.min(from + TOGETHER);
        let sql = JOINS
            .replace("?1", &from.to_string())
            .replace("?2", &until.to_string())
            .replace("?3", &plan.joins.to_string())
            .replace("?4", &plan.guilds.to_string())
            .replace("?5", &plan.large.to_string())
            .replace("?6", &beginning.to_string());
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("BEGIN;{sql}COMMIT;")))
            .execute(&mut connection)
            .await
            .unwrap();
        made(until);
    }
    sqlx::raw_sql(sqlx::AssertSqlSafe(count()))
        .execute(&mut connection)
        .await
        .unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(triggers))
        .execute(&mut connection)
        .await
        .unwrap();
    sqlx::raw_sql("PRAGMA journal_mode = WAL")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}
