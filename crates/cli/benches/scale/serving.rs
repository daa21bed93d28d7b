//! The server, a process of its own.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::Value;

/// The program, as this profile builds it.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_guestlist");

/// `guestlist web`, until it is dropped.
#[derive(Debug)]
pub(crate) struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    pub(crate) fn start(program: &Path, db: &Path) -> Self {
        let mut child = Command::new(program)
            .args(["web", "--json", "--listen", "127.0.0.1:0", "--db"])
            .arg(db)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        let url = told.get("web").and_then(Value::as_str).unwrap();
        let address = url.strip_prefix("http://").unwrap().to_owned();
        Self { child, address }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Waits until it has worked out what it works out ahead, after its start.
    pub(crate) fn settle(&self) {
        let mut before = self.cpu();
        loop {
            thread::sleep(Duration::from_secs(2));
            let now = self.cpu();
            if now - before < 50.0 {
                return;
            }
            before = now;
        }
    }

    /// The CPU time that it took so far, in milliseconds.
    pub(crate) fn cpu(&self) -> f64 {
        // In hundredths of a second, on every Linux.
        const TICK: f64 = 10.0;
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.unwrap_or_default();
        // What follows the name, which may have spaces in it, begins with the third field.
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let number = |place: usize| {
            fields
                .split_whitespace()
                .nth(place - 3)?
                .parse::<f64>()
                .ok()
        };
        let (user, system) = (number(14), number(15));
        (user.unwrap_or(f64::NAN) + system.unwrap_or(f64::NAN)) * TICK
    }

    /// The most memory that it had so far, in MB.
    pub(crate) fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
        kib.unwrap_or(f64::NAN) * 1024.0 / 1e6
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How many processes wanted to run in the last minute.
pub(crate) fn load() -> f64 {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let first = load.split_whitespace().next();
    first.and_then(|it| it.parse().ok()).unwrap_or(f64::NAN)
}
