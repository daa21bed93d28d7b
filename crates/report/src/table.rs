//! A report as tables.

use guestlist_ledger::{BurstKind, is_forgotten};
use guestlist_model::UserId;
use guestlist_view::{grouped, moment, percent};
use serde::Serialize;

use crate::{Line, Report, Stay};

/// A table. Its texts are not escaped yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Table {
    /// The title.
    pub title: &'static str,
    /// The headers, in lower case.
    pub header: Vec<&'static str>,
    /// The number of text columns at the left. All other columns contain numbers.
    pub texts: usize,
    /// The rows.
    pub rows: Vec<Vec<String>>,
    /// A note on how to read the table.
    pub note: Option<&'static str>,
}

/// The note below tables with members who stayed.
const STAYED: &str = "stayed: of the members who joined at least that long ago, the share who stayed; \
                      missed leaves are counted once the list of members was compared";

impl Report {
    /// The report as tables. Empty tables are left out.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        let tables = [
            self.figures_table(),
            lines("By origin", "origin", &self.origins, |line| vec![way(line)]),
            lines("By invite", "code", &self.invites, |line| {
                let code = line.key.clone().unwrap_or_else(|| "(no code)".into());
                vec![code]
            }),
            lines("By label", "label", &self.labels, |line| {
                vec![line.key.clone().unwrap_or_else(|| "(no label)".into())]
            }),
            lines("By inviter", "inviter", &self.inviters, |line| {
                vec![inviter(line)]
            }),
            self.bursts_table(),
            self.gaps_table(),
        ];
        tables
            .into_iter()
            .filter(|it| !it.rows.is_empty())
            .collect()
    }

    fn figures_table(&self) -> Table {
        let rows = self.figures.iter().map(|figure| {
            vec![
                figure.title.to_owned(),
                figure.now.text(),
                figure.before.text(),
            ]
        });
        Table {
            title: "Numbers",
            header: vec!["number", "this span", "previous span"],
            texts: 1,
            rows: rows.collect(),
            note: Some(STAYED),
        }
    }

    fn bursts_table(&self) -> Table {
        let rows = self.bursts.iter().map(|burst| {
            let what = match &burst.kind {
                BurstKind::Invite(code) => format!("invite {code}"),
                BurstKind::YoungAccounts => "young accounts".to_owned(),
            };
            vec![
                what,
                moment(burst.from),
                moment(burst.until),
                grouped(burst.joins),
                format!("{:.1}", burst.usual),
                grouped(burst.young),
                grouped(burst.here),
            ]
        });
        Table {
            title: "Unusually many",
            header: vec![
                "what",
                "from (UTC)",
                "until (UTC)",
                "joins",
                "usual",
                "young",
                "still here",
            ],
            texts: 3,
            rows: rows.collect(),
            note: Some(
                "ten joins through one invite, or five of accounts younger than a week, within ten \
                 minutes, and five times the usual number",
            ),
        }
    }

    fn gaps_table(&self) -> Table {
        let rows = self.gaps.iter().map(|row| {
            let gap = &row.gap;
            vec![
                gap.last_known.map_or_else(|| "–".to_owned(), moment),
                moment(gap.observed_at),
                if gap.caught_up { "yes" } else { "no" }.to_owned(),
                grouped(gap.joins_found),
                guestlist_view::missing(gap),
                grouped(gap.leaves_found),
            ]
        });
        Table {
            title: "Gaps in the observation",
            header: vec![
                "from (UTC)",
                "until (UTC)",
                "complete",
                "joins found",
                "missing",
                "leaves found",
            ],
            texts: 3,
            rows: rows.collect(),
            note: Some("missing at least: as the number of members and the uses of invites show"),
        }
    }
}

fn way(line: &Line) -> String {
    match line.key.as_deref() {
        None => "(not known for certain)".into(),
        Some(way) => way.replace('_', " "),
    }
}

fn inviter(line: &Line) -> String {
    let user = line.key.as_deref().and_then(|id| id.parse::<UserId>().ok());
    match (&line.name, user) {
        (Some(name), _) => name.clone(),
        (None, Some(user)) if is_forgotten(user) => "(forgotten)".into(),
        (None, Some(user)) => user.to_string(),
        (None, None) => "(no inviter)".into(),
    }
}

/// "73 % of 40".
fn stayed(stay: &Stay) -> String {
    let known = stay.observed.saturating_sub(stay.unsure);
    match stay.share {
        None => "–".into(),
        share => format!("{} of {}", percent(share), grouped(known)),
    }
}

fn lines(
    title: &'static str,
    what: &'static str,
    lines: &[Line],
    first: fn(&Line) -> Vec<String>,
) -> Table {
    let mut header = vec![what];
    let is_of_invites = title == "By invite";
    if is_of_invites {
        header.extend(["label", "made by"]);
    }
    let texts = header.len();
    header.extend([
        "joins",
        "before",
        "still here",
        "stayed 1 d",
        "stayed 7 d",
        "stayed 30 d",
    ]);
    let marked = lines.iter().any(|line| line.marks.is_some());
    if marked {
        header.extend(["again", "young", "own", "quick"]);
    }
    let rows = lines.iter().map(|line| {
        let mut row = first(line);
        if is_of_invites {
            let dash = || "–".to_owned();
            row.push(line.label.clone().unwrap_or_else(dash));
            row.push(line.name.clone().unwrap_or_else(dash));
        }
        row.extend([
            grouped(line.joins),
            grouped(line.before),
            grouped(line.here),
        ]);
        row.extend(line.kept.iter().map(stayed));
        if marked {
            let marks = line.marks.unwrap_or_default();
            row.extend([marks.rejoined, marks.young, marks.own, marks.quick].map(grouped));
        }
        row
    });
    Table {
        title,
        header,
        texts,
        rows: rows.collect(),
        note: marked.then_some(
            "again: had joined before; young: account younger than a week; own: joined through \
             their own invite; quick: left within an hour",
        ),
    }
}
