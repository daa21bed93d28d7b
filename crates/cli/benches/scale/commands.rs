//! The commands that read the ledger.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use crate::{
    generate::{Plan, code, guild},
    timing::Times,
};

/// Filters of joins.
const FILTERS: [&str; 12] = [
    "",
    "--since 30d",
    "--since 400d --until 300d",
    "--label campaign_1",
    "--code CODE",
    "--inviter 200000000000000353",
    "--name wolfs_77",
    "--name nobody",
    "--origin invite",
    "--gone",
    "--account-younger-than 1d",
    "--certainty unknown",
];

/// All of them, of one server.
pub(crate) fn all(plan: Plan) -> Vec<String> {
    let of = 7 % plan.guilds;
    let mut all = Vec::new();
    for filter in FILTERS {
        let filter = filter.replace("CODE", &code(of, 3));
        let mut add = |command: &str| {
            all.push(
                format!("{command} --guild {} {filter}", guild(of))
                    .trim()
                    .to_owned(),
            );
        };
        add("joins --limit 1000");
        let is_of_joins = filter.starts_with("--certainty");
        if !is_of_joins {
            add("inviters");
        }
        if !is_of_joins
            && !["--name", "--origin", "--gone", "--account"]
                .iter()
                .any(|it| filter.starts_with(it))
        {
            add("invites");
        }
        if filter.is_empty() || filter.starts_with("--since") {
            add("report");
        }
    }
    all.push(format!("report --guild {} --since 730d", guild(of)));
    all.push(format!("joins --limit 1000 --guild {} --json", guild(of)));
    all
}

/// All joins of a server, with their evidence.
pub(crate) fn whole_list(plan: Plan) -> String {
    format!("joins --guild {} --json", guild(7 % plan.guilds))
}

fn of(program: &Path, db: &Path, command: &str) -> Command {
    let words = command
        .split_whitespace()
        .map(|word| word.replace('_', " "));
    let mut of = Command::new(program);
    of.args(words).arg("--db").arg(db).stdin(Stdio::null());
    of
}

/// How many lines it prints.
pub(crate) fn lines(program: &Path, db: &Path, command: &str) -> usize {
    let printed = of(program, db, command).output().unwrap().stdout;
    printed.iter().filter(|byte| **byte == b'\n').count()
}

pub(crate) fn time(program: &Path, db: &Path, command: &str, rounds: u32) -> Times {
    Times::of((0..rounds).map(|_| {
        let mut command = of(program, db, command);
        let started = Instant::now();
        let done = command.stdout(Stdio::null()).status().unwrap();
        let took = started.elapsed();
        assert!(done.success(), "{command:?}: {done}");
        took
    }))
}
