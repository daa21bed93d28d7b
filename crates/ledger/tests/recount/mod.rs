//! The counts of a ledger against a recount of all its rows.

use std::path::Path;

use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};

/// What is counted otherwise than it is. Each says what, and is empty if all is well.
const RECOUNTS: [(&str, &str); 7] = [
    (
        "counts",
        "WITH facts AS (
             SELECT d.guild, d.joined_at AS at, ifnull(d.certainty, -1) AS certainty, ifnull(w.origin, '') AS origin,
                 1 AS joins, 0 AS leaves
             FROM join_data AS d LEFT JOIN ways AS w ON w.number = d.way
             UNION ALL
             SELECT l.guild, l.observed_at, ifnull(d.certainty, -1), ifnull(w.origin, ''), 0, 1
             FROM leave_data AS l
             LEFT JOIN join_data AS d ON d.guild = l.guild AND d.user_id = l.user_id AND d.joined_at = l.which + l.pairs
             LEFT JOIN ways AS w ON w.number = d.way
         ), spans AS (
             SELECT *, guild AS of, 0 AS hours, 0 AS start FROM facts
             UNION ALL SELECT *, guild, 24, at / 86400000000 * 24 FROM facts
             UNION ALL SELECT *, 0, 24, at / 86400000000 * 24 FROM facts
             UNION ALL SELECT *, 0, 1, at / 3600000000 FROM facts
         ), recount AS (
             SELECT of, hours, start, certainty, origin, sum(joins), sum(leaves) FROM spans GROUP BY 1, 2, 3, 4, 5
         ), stored AS (
             SELECT guild, hours, start, certainty, origin, joins, leaves FROM counts WHERE joins <> 0 OR leaves <> 0
         )
         SELECT 'is', * FROM (SELECT * FROM stored EXCEPT SELECT * FROM recount)
         UNION ALL SELECT 'should be', * FROM (SELECT * FROM recount EXCEPT SELECT * FROM stored)",
    ),
    (
        "ways",
        "SELECT * FROM (
             SELECT w.number, w.confirmed, w.deduced, w.here, w.ambiguous,
                 (SELECT count(*) FROM join_data AS d WHERE d.way = w.number AND d.certainty = 0) AS is_confirmed,
                 (SELECT count(*) FROM join_data AS d WHERE d.way = w.number AND d.certainty = 1) AS is_deduced,
                 (SELECT count(*) FROM join_data AS d WHERE d.way = w.number AND d.here) AS are_here,
                 (SELECT count(*) FROM candidate_data AS c WHERE c.way = w.number) AS is_candidate
             FROM ways AS w
         ) WHERE (confirmed, deduced, here, ambiguous) <> (is_confirmed, is_deduced, are_here, is_candidate)",
    ),
    (
        "comparisons",
        "WITH recount AS (
             SELECT guild, day, count(*), sum(deduced), sum(deduced_right), sum(ambiguous), sum(ambiguous_right),
                 sum(provisional), sum(provisional_right)
             FROM comparisons GROUP BY 1, 2
         ), stored AS (
             SELECT * FROM compared WHERE confirmed <> 0 OR deduced <> 0 OR deduced_right <> 0 OR ambiguous <> 0
                 OR ambiguous_right <> 0 OR provisional <> 0 OR provisional_right <> 0
         )
         SELECT 'is', * FROM (SELECT * FROM stored EXCEPT SELECT * FROM recount)
         UNION ALL SELECT 'should be', * FROM (SELECT * FROM recount EXCEPT SELECT * FROM stored)",
    ),
    (
        "weights",
        "WITH recount AS (
             SELECT guild, joined_at / 86400000000, certainty, tenth, count(*), sum(given), sum(is_true)
             FROM earlier_candidates GROUP BY 1, 2, 3, 4
         ), stored AS (
             SELECT * FROM compared_weights WHERE candidates <> 0 OR given <> 0 OR true_ones <> 0
         )
         SELECT 'is', * FROM (SELECT * FROM stored EXCEPT SELECT * FROM recount)
         UNION ALL SELECT 'should be', * FROM (SELECT * FROM recount EXCEPT SELECT * FROM stored)",
    ),
    (
        "departures",
        "SELECT d.guild, d.user_id, d.joined_at, d.stayed, l.observed_at, d.stayed_least, l.since
         FROM join_data AS d
         LEFT JOIN leave_data AS l ON l.guild = d.guild AND l.user_id = d.user_id AND l.which + l.pairs = d.joined_at
         WHERE d.stayed IS NOT l.observed_at - d.joined_at OR d.stayed_least IS NOT l.since - d.joined_at",
    ),
    (
        "members",
        "SELECT * FROM (
             SELECT d.guild, d.user_id, d.joined_at, d.here, d.again,
                 d.stayed IS NULL AND NOT EXISTS (
                     SELECT 1 FROM join_data AS o
                     WHERE o.guild = d.guild AND o.user_id = d.user_id AND o.joined_at > d.joined_at
                 ) AS is_here,
                 EXISTS (
                     SELECT 1 FROM join_data AS o
                     WHERE o.guild = d.guild AND o.user_id = d.user_id AND o.joined_at < d.joined_at
                 ) AS is_again
             FROM join_data AS d
         ) WHERE here <> is_here OR again <> is_again",
    ),
    (
        "marks",
        "SELECT d.user_id, d.marks, m.marks FROM join_data AS d LEFT JOIN name_marks AS m ON m.user_id = d.user_id
         WHERE d.marks <> ifnull(m.marks, 0)",
    ),
];

/// Opens the file beside a ledger.
pub(crate) async fn beside(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path);
    SqliteConnection::connect_with(&options).await.unwrap()
}

/// Panics, with `when`, if anything is not counted as it is.
pub(crate) async fn assert_counted(connection: &mut SqliteConnection, when: &str) {
    for (what, sql) in RECOUNTS {
        let rows = sqlx::query(sql).fetch_all(&mut *connection).await.unwrap();
        let wrong: Vec<String> = rows
            .iter()
            .map(|row| {
                let columns = (0..row.len()).map(|at| {
                    let number: Result<i64, _> = row.try_get(at);
                    number.map_or_else(
                        |_| row.try_get::<String, _>(at).unwrap_or_default(),
                        |number| number.to_string(),
                    )
                });
                columns.collect::<Vec<_>>().join(" ")
            })
            .collect();
        assert!(wrong.is_empty(), "{when}: {what}: {wrong:#?}");
    }
}
