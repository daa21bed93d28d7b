//! `guestlist track` as a process, and what is expected of it whatever the server does.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tokio::time::sleep;

use crate::discord::{Discord, TOKEN, Try};

/// What the program may take, in megabytes: more than twice of what it takes at rest, in a
/// build without optimizations.
const MEMORY: u64 = 160;
/// Lines and bytes that the log may have.
const LINES: usize = 40;
const BYTES: usize = 16 * 1024;
/// How long anything may take.
const SOON: Duration = Duration::from_secs(40);

/// A running program, and the place that it writes to.
pub(crate) struct Track {
    name: &'static str,
    place: TempDir,
    child: Child,
    /// What it wrote to standard output and to standard error.
    written: [Arc<Mutex<Vec<u8>>>; 2],
}

impl Track {
    pub(crate) fn start(name: &'static str, discord: &Discord) -> Self {
        Self::start_at(name, &format!("http://{}", discord.address))
    }

    pub(crate) fn start_at(name: &'static str, api: &str) -> Self {
        let place = tempfile::tempdir().unwrap();
        // No answer waits for long.
        let settings = "confirm = \"never\"\nlist_delay = \"50ms\"\nlist_interval = \"100ms\"\n\
            settle = \"300ms\"\ncount_lag = \"500ms\"\ndeduce_hold = \"500ms\"\npatience = \"2s\"\n";
        fs::write(place.path().join("track.toml"), settings).unwrap();
        let mut child = Command::new(program())
            .args(["track", "--json", "--db", "t.db", "--timeout", "1s"])
            .args(["--config", "track.toml"])
            .current_dir(place.path())
            .env_clear()
            .env("GUESTLIST_API", api)
            .env("DISCORD_TOKEN", TOKEN)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = keep(child.stdout.take().unwrap());
        let stderr = keep(child.stderr.take().unwrap());
        Self {
            name,
            place,
            child,
            written: [stdout, stderr],
        }
    }

    fn text(&self, which: usize) -> String {
        String::from_utf8_lossy(&self.written[which].lock().unwrap()).into_owned()
    }

    fn lines(&self, which: usize) -> Vec<Value> {
        let text = self.text(which);
        let lines = text.lines().map(|line| {
            serde_json::from_str(line).unwrap_or_else(|_| Value::String(line.to_owned()))
        });
        lines.collect()
    }

    /// The warnings and errors of the log whose text has these words.
    pub(crate) fn warnings(&self, words: &str) -> Vec<Value> {
        let mut lines = self.lines(1);
        lines.retain(|line| {
            let is_warning = line["level"] == "WARN" || line["level"] == "ERROR";
            is_warning && line.to_string().contains(words)
        });
        lines
    }

    /// Waits until standard output has a line like this.
    pub(crate) async fn until(&self, what: &str, is_meant: impl Fn(&Value) -> bool) -> Value {
        let since = Instant::now();
        loop {
            if let Some(line) = self.lines(0).into_iter().find(|line| is_meant(line)) {
                return line;
            }
            assert!(
                since.elapsed() < SOON,
                "{}: no {what}\n{}",
                self.name,
                self.all()
            );
            sleep(Duration::from_millis(20)).await;
        }
    }

    fn all(&self) -> String {
        let cut = |text: String| text.chars().take(8_000).collect::<String>();
        format!(
            "stdout:\n{}\nstderr:\n{}",
            cut(self.text(0)),
            cut(self.text(1))
        )
    }

    /// Somebody joins, and the ledger has them.
    pub(crate) async fn counts_a_join(&self, discord: &Discord) {
        assert!(
            discord.connected(SOON).await,
            "{}: it does not come back\n{}",
            self.name,
            self.all()
        );
        let user = discord.join();
        self.until("answer", |line| {
            line["event"] == "attribution" && line["user_id"] == *user
        })
        .await;
    }

    /// It has been bounded, and has kept the secret. Ends it.
    pub(crate) async fn bounded(self) -> Ended {
        // The servers of other rows go on meanwhile.
        let judged = tokio::task::spawn_blocking(move || self.judged());
        judged.await.unwrap()
    }

    fn judged(mut self) -> Ended {
        let memory = peak_memory(self.child.id());
        if let Some(memory) = memory {
            assert!(
                memory <= MEMORY,
                "{}: {memory} MB\n{}",
                self.name,
                self.all()
            );
        }
        assert!(
            self.child.try_wait().unwrap().is_none(),
            "{}: it ended by itself\n{}",
            self.name,
            self.all()
        );
        let kill = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        assert!(kill.unwrap().success());
        let status = self.child.wait().unwrap();
        // The threads read what was written last.
        let since = Instant::now();
        while self.written.iter().any(|it| Arc::strong_count(it) > 1) && since.elapsed() < SOON {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(status.code(), Some(0), "{}: {}", self.name, self.all());
        let log = self.text(1);
        assert!(
            log.lines().count() <= LINES,
            "{}: {}",
            self.name,
            self.all()
        );
        assert!(log.len() <= BYTES, "{}: {}", self.name, self.all());
        assert!(
            !log.chars().any(|c| c.is_control() && c != '\n'),
            "{}: {log:?}",
            self.name
        );
        for text in [self.text(0), log] {
            assert!(
                !text.contains(TOKEN),
                "{}: the token\n{}",
                self.name,
                self.all()
            );
        }
        no_token_in(self.place.path());
        Ended {
            memory: memory.unwrap_or(0),
            lines: self.text(1).lines().count(),
        }
    }

    /// There is one warning with the cause, and standard output tells the same reason.
    pub(crate) fn warned_once(&self, words: &str) {
        let warnings = self.warnings(words);
        assert_eq!(warnings.len(), 1, "{}: {words}\n{}", self.name, self.all());
    }

    /// The status says that it waits, for this reason.
    pub(crate) fn told(&self, kind: &str, words: &str) {
        let lines = self.lines(0);
        let told = lines.iter().any(|line| {
            line["event"] == "waiting"
                && line["kind"] == kind
                && line["reason"].as_str().unwrap().contains(words)
        });
        assert!(told, "{}: {kind}, {words}\n{}", self.name, self.all());
    }
}

/// What a run took.
pub(crate) struct Ended {
    pub(crate) memory: u64,
    pub(crate) lines: usize,
}

impl Drop for Track {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program: this build's, or the one that `GUESTLIST_PROGRAM` names.
fn program() -> std::ffi::OsString {
    let named = std::env::var_os("GUESTLIST_PROGRAM");
    named.unwrap_or_else(|| env!("CARGO_BIN_EXE_guestlist").into())
}

fn keep(from: impl std::io::Read + Send + 'static) -> Arc<Mutex<Vec<u8>>> {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&kept);
    std::thread::spawn(move || {
        let mut lines = BufReader::new(from);
        let mut line = Vec::new();
        while lines
            .read_until(b'\n', &mut line)
            .is_ok_and(|read| read > 0)
        {
            into.lock().unwrap().append(&mut line);
        }
    });
    kept
}

/// The most memory that a process had, in megabytes, where the system says so.
fn peak_memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024)
}

/// No file has the token: not the database, and nothing beside it.
fn no_token_in(place: &Path) {
    for file in fs::read_dir(place).unwrap() {
        let path = file.unwrap().path();
        let content = fs::read(&path).unwrap();
        let has = content
            .windows(TOKEN.len())
            .any(|part| part == TOKEN.as_bytes());
        assert!(!has, "{} has the token", path.display());
    }
}

/// The pauses between tries grow: from the third on, each is at least this long, and
/// twice as long as the one before.
pub(crate) fn pauses_grow(name: &str, tries: &[Try], first: Duration) {
    let pauses: Vec<Duration> = tries.windows(2).map(|two| two[1].at - two[0].at).collect();
    assert!(pauses.len() >= 2, "{name}: {} tries", tries.len());
    let mut least = Duration::ZERO;
    for pause in &pauses {
        assert!(*pause >= least, "{name}: {pauses:?}");
        least = if least.is_zero() { first } else { least * 2 };
    }
}
