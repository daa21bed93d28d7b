//! What a run of `invite create --count` has done, on disk.
//!
//! One JSON object a line: first the order, then `trying` before each request
//! and `created` after each answer. A line is on the disk before the next step
//! is taken. A last `trying` without `created` means that the invite may or may
//! not exist; the next run asks Discord.
//!
//! The journal is locked while a run works on it. The system lets go of the lock
//! even if the process is killed; the journal stays.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use guestlist::model::Invite;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::describe::warn;

/// What was ordered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Order {
    /// Names this order in the audit log.
    pub(super) batch: String,
    /// When it began, in microseconds since 1970.
    pub(super) began: i64,
    /// The channel.
    pub(super) channel: String,
    /// How many invites.
    pub(super) count: u32,
    /// What they are like.
    pub(super) options: Value,
}

/// An invite that exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Made {
    /// Its code.
    pub(super) code: String,
    /// When it was created, if Discord said.
    pub(super) created_at: Option<String>,
    /// When it expires, if Discord said.
    pub(super) expires_at: Option<String>,
}

impl Made {
    /// What Discord says of an invite.
    pub(super) fn of(invite: &Invite) -> Self {
        Self {
            code: invite.code().to_string(),
            created_at: invite.created_at().map(|at| at.to_string()),
            expires_at: invite.expires_at().value().map(|at| at.to_string()),
        }
    }

    /// An invite of which only the code is known.
    pub(super) fn known(code: &str) -> Self {
        Self {
            code: code.to_owned(),
            created_at: None,
            expires_at: None,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Order(Order),
    Trying(u32),
    Created(Made),
    /// Discord has no invite for the last `trying`.
    Refused,
}

/// The journal of one order.
pub(super) struct Journal {
    file: File,
    path: PathBuf,
    /// What was ordered.
    pub(super) order: Order,
    /// What exists so far.
    pub(super) made: Vec<Made>,
    /// Whether the outcome of the last request is not known.
    pub(super) in_doubt: bool,
    /// Whether this run began the order.
    pub(super) is_new: bool,
}

/// Why a journal cannot be gone on with.
#[derive(Debug)]
pub(super) enum JournalError {
    /// It cannot be read or written.
    Io(io::Error),
    /// It is not one.
    Garbled,
    /// It is of another order.
    OtherOrder,
    /// Another run is working on it.
    InUse,
}

impl From<io::Error> for JournalError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Journal {
    /// Opens the journal of an order that was interrupted, or begins one.
    pub(super) fn open(path: &Path, order: Order) -> Result<Self, JournalError> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        lock(&file, path)?;
        let mut reader = BufReader::new(file.try_clone()?);
        let mut journal = Self {
            file,
            path: path.to_owned(),
            order,
            made: Vec::new(),
            in_doubt: false,
            is_new: true,
        };
        let mut whole = 0;
        let mut line = String::new();
        loop {
            line.clear();
            let read = reader.read_line(&mut line)?;
            // A line without its end was being written when the power went.
            if read == 0 || !line.ends_with('\n') {
                if journal.is_new && !begins_an_order(&line) {
                    return Err(JournalError::Garbled);
                }
                break;
            }
            let parsed = serde_json::from_str(&line).map_err(|_| JournalError::Garbled)?;
            journal.replay(parsed)?;
            whole += read as u64;
        }
        journal.file.set_len(whole)?;
        journal.file.seek(SeekFrom::End(0))?;
        if journal.is_new {
            let order = journal.order.clone();
            journal.append(&Line::Order(order))?;
        }
        Ok(journal)
    }

    fn replay(&mut self, line: Line) -> Result<(), JournalError> {
        match (line, self.is_new) {
            (Line::Order(found), true) => {
                let same = found.channel == self.order.channel
                    && found.count == self.order.count
                    && found.options == self.order.options;
                if !same {
                    return Err(JournalError::OtherOrder);
                }
                self.order = found;
                self.is_new = false;
            }
            (Line::Trying(_), false) => self.in_doubt = true,
            (Line::Created(made), false) => {
                self.made.push(made);
                self.in_doubt = false;
            }
            (Line::Refused, false) => self.in_doubt = false,
            _ => return Err(JournalError::Garbled),
        }
        Ok(())
    }

    /// Notes that a request is about to be sent.
    pub(super) fn trying(&mut self) -> Result<(), JournalError> {
        let number = u32::try_from(self.made.len()).unwrap_or(u32::MAX);
        self.append(&Line::Trying(number))?;
        self.in_doubt = true;
        Ok(())
    }

    /// Notes an invite that exists.
    pub(super) fn created(&mut self, made: Made) -> Result<(), JournalError> {
        self.append(&Line::Created(made.clone()))?;
        self.made.push(made);
        self.in_doubt = false;
        Ok(())
    }

    /// Notes that the last request made no invite.
    pub(super) fn refused(&mut self) -> Result<(), JournalError> {
        self.append(&Line::Refused)?;
        self.in_doubt = false;
        Ok(())
    }

    /// Whether this code is among those made.
    pub(super) fn has(&self, code: &str) -> bool {
        self.made.iter().any(|made| made.code == code)
    }

    /// Removes the journal of an order that is done.
    pub(super) fn finish(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }

    fn append(&mut self, line: &Line) -> Result<(), JournalError> {
        let mut text = serde_json::to_string(line).map_err(io::Error::other)?;
        text.push('\n');
        self.file.write_all(text.as_bytes())?;
        Ok(self.file.sync_data()?)
    }
}

/// Whether a line that was cut off anywhere can be the first of a journal.
fn begins_an_order(line: &str) -> bool {
    const BEGINNING: &str = "{\"order\":";
    line.starts_with(BEGINNING) || BEGINNING.starts_with(line)
}

/// One run an order: two would each make what is missing.
fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(JournalError::InUse),
        // Some network file systems know no locks.
        Err(TryLockError::Error(error)) => {
            warn(&format!(
                "{} cannot be locked ({error}); run this command only once at a time",
                path.display()
            ));
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(count: u32) -> Order {
        Order {
            batch: "b1".into(),
            began: 1,
            channel: "7".into(),
            count,
            options: serde_json::json!({"max_uses": 1}),
        }
    }

    #[test]
    fn an_interrupted_order_goes_on_where_it_stopped() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j");
        let mut journal = Journal::open(&path, order(3)).unwrap();
        journal.trying().unwrap();
        journal.created(Made::known("aaa")).unwrap();
        journal.trying().unwrap();
        drop(journal);
        // The machine dies while a line is written.
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"created\":{\"co").unwrap();
        drop(file);

        let later = Order {
            batch: "b2".into(),
            began: 9,
            ..order(3)
        };
        let mut journal = Journal::open(&path, later).unwrap();
        assert_eq!(journal.order.batch, "b1", "the first run's name stays");
        assert_eq!(journal.made, [Made::known("aaa")]);
        assert!(journal.in_doubt);
        journal.created(Made::known("bbb")).unwrap();
        drop(journal);
        let journal = Journal::open(&path, order(3)).unwrap();
        assert_eq!(journal.made.len(), 2);
        assert!(!journal.in_doubt);
        assert!(journal.has("bbb") && !journal.has("ccc"));
        journal.finish().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn one_run_at_a_time_works_on_an_order() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j");
        let journal = Journal::open(&path, order(3)).unwrap();
        assert!(journal.is_new);
        assert!(matches!(
            Journal::open(&path, order(3)),
            Err(JournalError::InUse)
        ));
        drop(journal);
        assert!(!Journal::open(&path, order(3)).unwrap().is_new);
    }

    #[test]
    fn another_order_and_other_files_are_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j");
        drop(Journal::open(&path, order(3)).unwrap());
        assert!(matches!(
            Journal::open(&path, order(4)),
            Err(JournalError::OtherOrder)
        ));
        for text in ["my shopping list\n", "no line end"] {
            std::fs::write(&path, text).unwrap();
            assert!(matches!(
                Journal::open(&path, order(3)),
                Err(JournalError::Garbled)
            ));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        for cut in ["", "{\"or", "{\"order\":{\"batch\":\"b0"] {
            std::fs::write(&path, cut).unwrap();
            assert!(Journal::open(&path, order(3)).unwrap().is_new);
        }
    }
}
