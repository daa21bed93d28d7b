//! Runs the built program and writes down what it did.

use std::ffi::OsStr;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// What a run did.
pub(crate) struct Outcome {
    /// The exit code; -1 after a signal.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "exit code: {}", self.code)?;
        writeln!(f, "----- stdout -----\n{}", self.stdout)?;
        write!(f, "----- stderr -----\n{}", self.stderr)
    }
}

/// A place to run the program in: an empty directory, no token, no colour.
pub(crate) struct Place {
    dir: TempDir,
}

impl Place {
    /// An empty directory.
    pub(crate) fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// A path in it.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file and gives its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The program, ready to run here.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guestlist"));
        command
            .args(args)
            .current_dir(self.dir.path())
            .env_clear()
            // Nothing in a test reaches beyond this machine.
            .env("GUESTLIST_API", "http://127.0.0.1:9");
        command
    }

    /// Runs it.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Outcome {
        outcome(&mut self.command(args))
    }

    /// Runs it with something on standard input.
    pub(crate) fn run_with_input<S: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
        input: &[u8],
    ) -> Outcome {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || {
            // The program may end without having read everything.
            let _ = stdin.write_all(&input);
        });
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        decode(&output)
    }
}

/// Runs a command.
pub(crate) fn outcome(command: &mut Command) -> Outcome {
    decode(&command.stdin(Stdio::null()).output().unwrap())
}

/// Runs a command whose reader hangs up before it has read anything.
pub(crate) fn outcome_unread(command: &mut Command) -> Outcome {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    decode(&child.wait_with_output().unwrap())
}

fn decode(output: &std::process::Output) -> Outcome {
    Outcome {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout.clone()).unwrap(),
        stderr: String::from_utf8(output.stderr.clone()).unwrap(),
    }
}

/// Words that begin like a command line, for short tests.
pub(crate) fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

/// Compares an outcome with its snapshot. The place, the program's version and
/// what changes from run to run are replaced by words.
macro_rules! snapshot {
    ($place:expr, $name:expr, $outcome:expr) => {{
        let mut settings = insta::Settings::clone_current();
        let place = $place.path("").display().to_string();
        settings.add_filter(
            &crate::harness::regex_escape(place.trim_end_matches('/')),
            "[DIR]",
        );
        settings.add_filter(r"guestlist \d+\.\d+\.\d+", "guestlist [VERSION]");
        settings.set_omit_expression(true);
        settings.set_prepend_module_to_snapshot(false);
        settings.bind(|| insta::assert_snapshot!($name, $outcome.to_string()));
    }};
}
pub(crate) use snapshot;

/// A pattern that matches this text alone.
pub(crate) fn regex_escape(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let special = !c.is_alphanumeric() && c != '/' && c != '_';
            special.then_some('\\').into_iter().chain([c])
        })
        .collect()
}
