//! The live table in a terminal.
//!
//! Redraws a few lines in place: the latest joins, a progress bar, the counts
//! so far. Elsewhere than in a terminal, each answer is a line of its own.

use guestlist::tracker::JoinKey;

use super::score::{Counts, Scores, Verdict};
use crate::error::CliError;
use crate::output::{Out, Tone, clean, count};
use crate::view::AttributionView;

/// Columns: title and width. The tick still fits into 80 characters.
const COLUMNS: [(&str, usize); 6] = [
    ("JOINED", 8),
    ("MEMBER", 16),
    ("CAME BY", 18),
    ("INVITED BY", 16),
    ("CERTAINTY", 9),
    ("TRUTH", 20),
];

/// Rows of the table that is redrawn.
const ROWS: usize = 14;

/// What is on the screen.
#[derive(Debug, Default)]
pub(super) struct Screen {
    /// Joins in the order of their first answer.
    order: Vec<JoinKey>,
    /// Lines of the last frame, to be drawn over.
    drawn: usize,
    header: bool,
}

impl Screen {
    /// Takes note of a join that was answered.
    pub(super) fn saw(&mut self, key: JoinKey) {
        // Refinements come soon after the first answer.
        if !self
            .order
            .iter()
            .rev()
            .take(2000)
            .any(|known| *known == key)
        {
            self.order.push(key);
        }
    }

    /// Prints one answer as a line, where nothing can be redrawn.
    pub(super) fn print(
        &mut self,
        key: &JoinKey,
        scores: &Scores,
        out: &mut Out,
    ) -> Result<(), CliError> {
        if !self.header {
            self.header = true;
            out.line(header(false))?;
        }
        out.line(row(key, scores, false))?;
        out.flush()
    }

    /// Draws the frame anew.
    pub(super) fn draw(
        &mut self,
        scores: &Scores,
        goal: Option<u64>,
        out: &mut Out,
    ) -> Result<(), CliError> {
        let color = out.color();
        let mut lines = vec![header(color)];
        let from = self.order.len().saturating_sub(ROWS);
        for key in self.order.iter().skip(from) {
            lines.push(row(key, scores, color));
        }
        lines.push(String::new());
        let counts = scores.counts();
        lines.push(progress(&counts, goal, color));
        self.erase(out)?;
        self.drawn = lines.len();
        // A line that wrapped would count as two when it is drawn over.
        out.raw(b"\x1b[?7l")?;
        for line in lines {
            out.line(line)?;
        }
        out.raw(b"\x1b[?7h")?;
        out.flush()
    }

    /// Takes the frame off the screen.
    fn erase(&mut self, out: &mut Out) -> Result<(), CliError> {
        if self.drawn > 0 {
            let up = format!("\x1b[{}A\x1b[J", self.drawn);
            out.raw(up.as_bytes())?;
            self.drawn = 0;
        }
        Ok(())
    }
}

fn header(color: bool) -> String {
    let line = columns(COLUMNS.map(|(title, _)| title.to_owned()));
    if color {
        format!("\x1b[1m{line}\x1b[0m")
    } else {
        line
    }
}

fn row(key: &JoinKey, scores: &Scores, color: bool) -> String {
    let time = key.joined_at.to_string();
    let time = time.get(11..19).unwrap_or(&time);
    let seen = scores.get(key);
    let name = match seen {
        Some(seen) => match (&seen.name, seen.bot) {
            (Some(name), true) => format!("{name} (bot)"),
            (Some(name), false) => name.clone(),
            (None, _) => key.user.to_string(),
        },
        None => key.user.to_string(),
    };
    let latest = seen.and_then(|seen| seen.latest.as_ref());
    let view = latest.map_or_else(AttributionView::waiting, |latest| {
        let inviter = latest
            .certainty
            .origin()
            .and_then(guestlist::tracker::Origin::inviter)
            .and_then(|id| scores.name(id));
        AttributionView::new(latest, inviter)
    });
    let truth = match (scores.verdict(key), scores.truth(key)) {
        (Verdict::Agrees, _) => Tone::Good.paint("✓", color),
        (Verdict::Incomplete, _) => Tone::Dim.paint("✓ (by whom?)", color),
        (Verdict::Differs, truth) => {
            let words = truth.map(truth_label).unwrap_or_default();
            Tone::Bad.paint(&format!("✗ {words}"), color)
        }
        (Verdict::Open, Some(truth)) => {
            Tone::Dim.paint(&format!("· {}", truth_label(truth)), color)
        }
        (Verdict::Open, None) => String::new(),
    };
    let [joined, member, by, inviter, certainty, _] = COLUMNS.map(|(_, width)| width);
    let certainty = view.tone().paint(&fit(view.certainty, certainty), color);
    let by = fit(&view.way().or(view.reason.clone()).unwrap_or_default(), by);
    let inviter = fit(view.inviter_label().unwrap_or("–"), inviter);
    format!(
        "{}  {}  {by}  {inviter}  {certainty}  {truth}",
        fit(time, joined),
        fit(&name, member)
    )
}

fn truth_label(truth: &super::score::Truth) -> String {
    match (&truth.code, truth.via.as_str()) {
        (Some(code), "invite") => code.clone(),
        (Some(code), via) => format!("{via} {code}"),
        (None, via) => via.to_owned(),
    }
}

fn columns(cells: [String; 6]) -> String {
    let cells: Vec<String> = cells
        .iter()
        .zip(COLUMNS)
        .map(|(cell, (_, width))| fit(cell, width))
        .collect();
    cells.join("  ").trim_end().to_owned()
}

/// Exactly so many characters: cut with an ellipsis, or filled up.
fn fit(text: &str, width: usize) -> String {
    let text = clean(text);
    let length = text.chars().count();
    if length > width {
        let mut cut: String = text.chars().take(width.saturating_sub(1)).collect();
        cut.push('…');
        cut
    } else {
        format!("{text}{}", " ".repeat(width - length))
    }
}

fn progress(counts: &Counts, goal: Option<u64>, color: bool) -> String {
    const WIDTH: u64 = 20;
    let answered = counts.joins - counts.waiting;
    let bar = match goal {
        Some(goal) if answered < goal => {
            let full = usize::try_from(answered * WIDTH / goal).unwrap_or_default();
            let rest = usize::try_from(WIDTH)
                .unwrap_or_default()
                .saturating_sub(full);
            format!(
                "{}{} {answered}/{goal}  ",
                "█".repeat(full),
                "░".repeat(rest)
            )
        }
        _ => format!("{}  ", count(answered, "join")),
    };
    format!(
        "{bar}{}  {}  {}  {}  {}",
        Tone::Good.paint(&format!("{} confirmed", counts.confirmed), color),
        Tone::Fair.paint(&format!("{} deduced", counts.deduced), color),
        Tone::Warn.paint(&format!("{} ambiguous", counts.ambiguous), color),
        Tone::Warn.paint(
            &format!("{} unknown", counts.unknown - counts.waiting),
            color
        ),
        Tone::Bad.paint(
            &format!("{} wrong", counts.wrong),
            color && counts.wrong > 0
        ),
    )
}
