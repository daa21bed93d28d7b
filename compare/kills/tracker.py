"""`guestlist track`, as often as it is started, and what can be done to it from outside."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from processes import Process

import disk

# Debian's package faketime.
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
STRACE = shutil.which("strace")
# The exit code of an error of the ledger.
LEDGER = 6


class Tracker:
    def __init__(self, binary, sandbox, folder, place):
        self.database = place.folder / "guests.db"
        self.command = [binary, "track", "--db", self.database, "--json"]
        self.environment = {"DISCORD_TOKEN": sandbox.token, "GUESTLIST_API": sandbox.api}
        self.folder, self.starts, self.process = folder, 0, None
        self.clock = folder / "clock"
        if FAKETIME:
            self.environment |= {
                "LD_PRELOAD": str(FAKETIME),
                "FAKETIME_TIMESTAMP_FILE": str(self.clock),
                "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "DONT_FAKE_MONOTONIC": "1",
                "NO_FAKE_STAT": "1",
            }
            self.step_clock(0)
        self.start()

    def start(self):
        self.starts += 1
        log = self.folder / f"track-{self.starts}.log"
        self.process = Process("guestlist", self.command, self.environment, log)

    def signal(self, which):
        os.killpg(self.process.process.pid, which)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.stop()

    def exit_code(self):
        """None while it runs."""
        return self.process.process.poll()

    def step_clock(self, seconds):
        """Sets its clock that far ahead, or back if negative."""
        # In one step: it may be reading.
        new = self.clock.with_suffix(".new")
        new.write_text(f"{seconds:+}s\n")
        new.replace(self.clock)

    def inject(self, calls, what):
        """Lets system calls be slow or fail. Returns what ends this."""
        command = [STRACE, "-f", "-qq", "-o", "/dev/null", "-p", str(self.process.process.pid)]
        command += ["-e", f"trace={calls}", "-e", f"inject={calls}:{what}"]
        tracing = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def end():
            tracing.terminate()
            tracing.wait()

        return end

    def start_second(self):
        """Starts another on the same ledger. Returns whether it was refused, as it must be."""
        environment = os.environ | self.environment
        command = [str(part) for part in self.command]
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == LEDGER and "in use" in done.stderr

    def delete_wal(self):
        disk.wal_of(self.database).unlink(missing_ok=True)
