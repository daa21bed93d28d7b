//! The live table in a terminal.
//!
//! Redraws a few lines in place: the latest joins, a progress bar, the counts
//! so far. Elsewhere than in a terminal, each answer is a line of its own.

use std::io::{self, Write as _};

use crossterm::cursor::MoveUp;
use crossterm::queue;
use crossterm::style::Stylize as _;
use crossterm::terminal::{Clear, ClearType, DisableLineWrap, EnableLineWrap};
use std::borrow::Cow;

use guestlist::tracker::JoinKey;
use guestlist_view::Answer;

use super::columns::{Cell, Columns};
use super::score::{Counts, Scores, Verdict};
use crate::error::CliError;
use crate::output::{Out, Paint, Tone, count};

/// Rows of the table that is redrawn, at most.
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
            out.line(Columns::wide().header())?;
        }
        out.line(Columns::wide().line(row(key, scores), false))?;
        out.flush()
    }

    /// Draws the frame anew.
    pub(super) fn draw(
        &mut self,
        scores: &Scores,
        goal: Option<u64>,
        out: &mut Out,
    ) -> Result<(), CliError> {
        let lines = self.frame(scores, goal, out.size(), out.color());
        let mut frame = Vec::new();
        self.write(&mut frame, &lines).map_err(CliError::Output)?;
        self.drawn = lines.len();
        out.raw(&frame)?;
        out.flush()
    }

    /// Writes the lines over those that were drawn last.
    fn write(&self, frame: &mut Vec<u8>, lines: &[String]) -> io::Result<()> {
        if let Some(up) = u16::try_from(self.drawn).ok().filter(|up| *up > 0) {
            queue!(frame, MoveUp(up))?;
        }
        // A line that wrapped would count as two when it is drawn over.
        queue!(frame, DisableLineWrap)?;
        for line in lines {
            // Line by line: some terminals keep what was on a screen that is
            // cleared from its top, a frame each time.
            queue!(frame, Clear(ClearType::CurrentLine))?;
            writeln!(frame, "{line}")?;
        }
        queue!(frame, EnableLineWrap, Clear(ClearType::FromCursorDown))
    }

    /// The lines of a frame that fits into a terminal of so many columns and
    /// lines. One line stays free for the cursor: a frame that scrolls cannot
    /// be drawn over.
    fn frame(
        &self,
        scores: &Scores,
        goal: Option<u64>,
        size: Option<(u16, u16)>,
        color: bool,
    ) -> Vec<String> {
        let (width, height) = match size {
            Some((width, height)) => (usize::from(width), usize::from(height)),
            None => (usize::MAX, usize::MAX),
        };
        let room = height.saturating_sub(1);
        let columns = Columns::fit(width);
        let progress = progress(&scores.counts(), goal, width, color);
        let rows = room.saturating_sub(2 + progress.len()).min(ROWS);
        let mut lines = vec![bold(&columns.header(), color)];
        let from = self.order.len().saturating_sub(rows);
        for key in self.order.iter().skip(from) {
            lines.push(columns.line(row(key, scores), color));
        }
        lines.push(String::new());
        lines.extend(progress);
        lines.split_off(lines.len().saturating_sub(room))
    }
}

fn bold(line: &str, color: bool) -> String {
    if color {
        line.bold().to_string()
    } else {
        line.to_owned()
    }
}

fn row(key: &JoinKey, scores: &Scores) -> [Cell; 6] {
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
    let inviter = latest
        .and_then(|latest| latest.certainty.origin()?.inviter())
        .and_then(|id| scores.name(id));
    let answer = Answer::new(latest, inviter);
    let truth = scores.truth(key).map(truth_label);
    let truth = match (scores.verdict(key), truth) {
        (Verdict::Agrees, _) => ("✓".to_owned(), Some(Tone::Good)),
        (Verdict::Incomplete, _) => ("✓ by whom?".to_owned(), Some(Tone::Dim)),
        (Verdict::Differs, truth) => {
            let words = truth.unwrap_or_default();
            (format!("✗ {words}"), Some(Tone::Bad))
        }
        (Verdict::Open, Some(words)) => (format!("· {words}"), Some(Tone::Dim)),
        (Verdict::Open, None) => (String::new(), None),
    };
    let certainty = (answer.certainty_word().to_owned(), Some(answer.tone()));
    let by = answer.way().or_else(|| answer.reason()).unwrap_or_default();
    let inviter = answer
        .inviter_label()
        .map_or_else(|| "–".to_owned(), Cow::into_owned);
    [
        (time.to_owned(), None),
        (name, None),
        (by, None),
        (inviter, None),
        certainty,
        truth,
    ]
}

fn truth_label(truth: &super::score::Truth) -> String {
    match (&truth.code, truth.via.as_str()) {
        (Some(code), "invite") => code.clone(),
        (Some(code), via) => format!("{via} {code}"),
        (None, via) => via.to_owned(),
    }
}

/// How far it is and what came of it, in as few lines as the width allows.
fn progress(counts: &Counts, goal: Option<u64>, width: usize, color: bool) -> Vec<String> {
    let answered = counts.joins - counts.waiting;
    let open_goal = goal.filter(|goal| answered < *goal);
    let done = match open_goal {
        Some(goal) => format!("{answered}/{goal}"),
        None => count(answered, "join"),
    };
    let wrong = (counts.wrong > 0).then_some(Tone::Bad);
    let mut parts: Vec<Cell> = vec![
        (done, None),
        (format!("{} confirmed", counts.confirmed), Some(Tone::Good)),
        (format!("{} deduced", counts.deduced), Some(Tone::Fair)),
        (format!("{} ambiguous", counts.ambiguous), Some(Tone::Warn)),
        (
            format!("{} unknown", counts.unknown - counts.waiting),
            Some(Tone::Warn),
        ),
        (format!("{} wrong", counts.wrong), wrong),
    ];
    if let Some(goal) = open_goal {
        let used: usize = parts.iter().map(|(text, _)| text.chars().count() + 2).sum();
        let bar = bar(answered, goal, width.saturating_sub(used));
        parts.insert(0, (bar, None));
    }
    wrap(parts, width, color)
}

/// A bar of at most 20 characters; none at all where it would tell nothing.
fn bar(answered: u64, goal: u64, room: usize) -> String {
    const LEAST: usize = 5;
    const MOST: usize = 20;
    let length = room.min(MOST);
    if length < LEAST {
        return String::new();
    }
    let full = usize::try_from(answered * length as u64 / goal.max(1)).unwrap_or(length);
    format!("{}{}", "█".repeat(full), "░".repeat(length - full))
}

/// Parts side by side, and a new line where they would not fit.
fn wrap(parts: Vec<Cell>, width: usize, color: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for (text, tone) in parts {
        let length = text.chars().count();
        if length == 0 {
            continue;
        }
        if used > 0 && used + 2 + length > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push_str("  ");
            used += 2;
        }
        used += length;
        line.push_str(&match tone {
            Some(tone) => tone.paint(&text, color),
            None => text,
        });
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use guestlist::model::Timestamp;
    use guestlist::tracker::{Attribution, Certainty, Join, Origin};

    use super::super::score::Truth;
    use super::*;

    /// A demo in which many have joined, and some answers are still to come.
    fn demo() -> (Screen, Scores) {
        let (mut screen, mut scores) = (Screen::default(), Scores::default());
        let at = Timestamp::from_secs(1_700_000_000);
        for user in 1..=40u64 {
            let key = JoinKey::new("1".parse().unwrap(), user.to_string().parse().unwrap(), at);
            let truth = Truth {
                via: "invite".into(),
                code: Some("hB6mWNqr".into()),
                inviter: None,
            };
            scores.learn([(key, truth)]);
            let mut join = Join::new(key, at);
            join.name = Some("a_rather_long_name_of_a_member".into());
            scores.joined(&join);
            if user <= 30 {
                let certainty = Certainty::Confirmed(Origin::invite("hB6mWNqr".parse().unwrap()));
                scores.answered(Attribution::new(key, certainty, at), None);
                screen.saw(key);
            }
        }
        (screen, scores)
    }

    #[test]
    fn a_frame_fits_into_the_terminal() {
        let (screen, scores) = demo();
        for (width, height) in [(120, 40), (80, 24), (60, 20), (40, 12), (40, 5), (20, 3)] {
            let lines = screen.frame(&scores, Some(60), Some((width, height)), false);
            let text = lines.join("\n");
            assert!(lines.len() < height.into(), "{width}x{height}:\n{text}");
            for line in &lines {
                assert!(line.chars().count() <= width.into(), "{width}: {line}");
            }
            assert!(text.contains("0 wrong"), "{width}x{height}:\n{text}");
            if height > 10 {
                assert!(text.contains("CERTAINTY  TRUTH"), "{text}");
                assert!(text.contains("confirmed  ✓"), "{text}");
                assert!(text.contains("30/60"), "{text}");
            }
        }
    }

    #[test]
    fn eighty_columns_hold_the_progress_in_one_line() {
        let (screen, scores) = demo();
        let lines = screen.frame(&scores, Some(60), Some((80, 24)), false);
        assert_eq!(
            lines.last().unwrap(),
            "███████░░░░░░░░  30/60  30 confirmed  0 deduced  0 ambiguous  0 unknown  0 wrong"
        );
    }
}
