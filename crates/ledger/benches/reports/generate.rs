//! A large ledger, written by SQL in bulk: the rows are those that commits would have
//! written, in the order of time, with every index in place.

use std::{path::Path, time::Instant};

use guestlist_ledger::SqliteLedger;
use guestlist_model::{GuildId, Id};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

/// In each guild.
const INVITES: u64 = 250;
/// In each guild.
const INVITERS: u64 = 50;
/// Joins of one transaction.
const TOGETHER: u64 = 200_000;
/// The first join, in seconds; the others follow within two years.
const BEGINNING: u64 = 1_700_000_000;
pub(crate) const SPAN: u64 = 2 * 365 * 86_400;

pub(crate) fn guild(number: u64) -> GuildId {
    Id::new_checked((100_000_000_000 + number) << 22).unwrap()
}

/// Everything about the joins `?1` to `?2`, of which there are `?3` in `?4` guilds, in random
/// numbers that follow from the number of a join: `a`, `b`, `c` and `d`.
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
    SELECT *, (1700000000000 + i * (2 * 365 * 86400000 / ?3) + a % 1000) * 1000 AS joined_at
    FROM fourth
)
SELECT
    i,
    1 + a % ?4 AS guild,
    joined_at,
    ((joined_at / 1000 - 1420070400000
        - CASE WHEN d % 20 = 0 THEN c % 604800000 ELSE 604800000 + (c % 150000000) * 1000 END) << 22)
        + i % 4194304 AS user_id,
    CASE WHEN b % 100 < 60 THEN 0 WHEN b % 100 < 85 THEN 1 WHEN b % 100 < 93 THEN 2 ELSE 3 END AS certainty,
    (a % ?4) * 250 + 1 + (c % 250) * (d % 250) / 250 AS way,
    1 + d % 1000 AS uses,
    CASE WHEN c % 10 < 3 THEN
        CASE WHEN d % 10 = 0 THEN 1 + b % 3600000000 ELSE 3600000000 + (b % 5000000) * 1000000 END
    END AS stayed,
    1000000 + b % 60000000 AS decided
FROM timed;

INSERT INTO users (user_id, name, seen_at) SELECT user_id, 'member ' || i, joined_at FROM made;

INSERT INTO join_data
SELECT guild, joined_at, user_id, a.exact, 0, 0, 0, NULL, 0, 0, a.seen, 0, stayed, stayed IS NULL,
    certainty = 0, certainty, CASE WHEN certainty < 2 THEN way END, decided,
    CASE certainty
        WHEN 0 THEN '[[\"m\",5,0,0],[\"r\",0,' || uses || ',' || (uses + 1) || ',-' || (decided / 2) || ',' || (decided / 3) || ']]'
        WHEN 1 THEN '[[\"r\",0,' || uses || ',' || (uses + 1) || ',-' || (decided / 2) || ',' || (decided / 3) || ']]'
        WHEN 2 THEN '{\"k\":[[' || way || ',0.5],[' || (way - 1) || ',0.3],[' || (way - 2) || ',0.2]],\"e\":[[\"s\",3]]}'
        ELSE '{\"k\":\"no_count_moved\"}' END
FROM made, (SELECT 417 AS exact, 251371 AS seen) AS a;

INSERT INTO history_data
SELECT user_id, guild, joined_at, 0, 0, 1, way, decided / 2,
    '[[\"r\",0,' || uses || ',' || (uses + 1) || ',-' || (decided / 2) || ',' || (decided / 3) || ']]'
FROM made WHERE certainty = 0;

INSERT INTO candidate_data
SELECT guild, joined_at, user_id, place.value, max(way - place.value, 1), 0.5 - 0.2 * place.value
FROM made, json_each('[0,1,2]') AS place WHERE certainty = 2;

INSERT INTO leave_data
SELECT user_id, guild, joined_at, joined_at + stayed, 0 FROM made WHERE stayed IS NOT NULL;

INSERT INTO changes (kind, guild, user_id, at, detail)
SELECT kind, guild, user_id, at, detail FROM (
    SELECT i, 0 AS kind, guild, user_id, joined_at AS at, NULL AS detail FROM made
    UNION ALL SELECT i, 1, guild, user_id, joined_at, 0 FROM made
    UNION ALL SELECT i, 1, guild, user_id, joined_at, 3 FROM made WHERE certainty = 0
    UNION ALL SELECT i, 2, guild, user_id, joined_at + stayed, joined_at FROM made WHERE stayed IS NOT NULL
) ORDER BY i, kind, detail;

DROP TABLE made;
";

fn invites(guilds: u64) -> String {
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
         SELECT g.guild_id, w.code, ({BEGINNING} - w.number % 1000) * 1000000, w.inviter_id, 0, 0, 5,
             CASE WHEN w.number % 3 = 0 THEN 'revoked' ELSE 'active' END, {BEGINNING} * 1000000,
             {BEGINNING} * 1000000, {BEGINNING} * 1000000
         FROM ways AS w JOIN guilds AS g ON g.number = w.guild;
         INSERT INTO labels (guild_id, code, label, set_at)
         SELECT i.guild_id, i.code, 'campaign ' || (i.rowid % 5), 0 FROM invites AS i WHERE i.rowid % 25 < 5;
         INSERT INTO gaps (guild_id, observed_at, closed_at, last_known, joins_found, caught_up)
         SELECT g.guild_id, at, at + 5000000, at - 60000000, 0, 1
         FROM guilds AS g, (SELECT ({BEGINNING} + value * 2592000) * 1000000 AS at FROM json_each('[1,2,3,4,5,6]'));",
        guilds,
        guilds * INVITERS,
        guilds * INVITES
    )
}

/// Makes a ledger of so many joins in so many guilds.
pub(crate) async fn generate(path: &Path, joins: u64, guilds: u64) {
    SqliteLedger::open(path).await.unwrap().close().await;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .pragma("synchronous", "OFF")
        .pragma("journal_mode", "OFF")
        .pragma("cache_size", "-2000000");
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let started = Instant::now();
    sqlx::raw_sql(sqlx::AssertSqlSafe(invites(guilds)))
        .execute(&mut connection)
        .await
        .unwrap();
    for from in (0..joins).step_by(usize::try_from(TOGETHER).unwrap()) {
        let sql = JOINS
            .replace("?1", &from.to_string())
            .replace("?2", &joins.min(from + TOGETHER).to_string())
            .replace("?3", &joins.to_string())
            .replace("?4", &guilds.to_string());
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("BEGIN;{sql}COMMIT;")))
            .execute(&mut connection)
            .await
            .unwrap();
    }
    println!(
        "{:>8.1} s   {joins} joins and {} invites made",
        started.elapsed().as_secs_f64(),
        guilds * INVITES
    );
    sqlx::raw_sql("PRAGMA journal_mode = WAL")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}
