"""The processes of a run: each is started here, and ended here whatever happens."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time

running = []
lock = threading.Lock()
closed = threading.Event()


class Ended(Exception):
    """A process ended, or fell silent, before it did what it was started for."""


class Process:
    """A process that speaks lines of JSON on its standard output; each is stamped as it arrives. It may be told some."""

    def __init__(self, name, command, environment, log):
        self.name, self.log, self.lines = name, log, queue.Queue()
        with lock, open(log, "wb") as errors:
            if closed.is_set():
                raise Ended("the run was stopped")
            # A group of its own: Ctrl-C at the terminal reaches the harness alone, which ends it.
            self.process = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                env=os.environ | environment, start_new_session=True,
            )  # fmt: skip
            running.append(self)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            try:
                self.lines.put((time.time(), json.loads(line)))
            except ValueError:  # not meant for us
                print(f"{self.name} says: {line.decode(errors='replace').rstrip()}", file=sys.stderr)

    def tell(self, **line):
        """Writes a line of JSON on its standard input."""
        try:
            self.process.stdin.write(f"{json.dumps(line)}\n".encode())
            self.process.stdin.flush()
        except OSError:
            raise Ended(f"{self.name} has ended; its log says:\n{self.log.read_text(errors='replace')[-2000:]}") from None

    def expect(self, event, seconds):
        """The next line of this event; others are passed over."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                _, line = self.lines.get(timeout=0.1)
            except queue.Empty:
                if self.process.poll() is not None:
                    break
                continue
            if line.get("event") == event:
                return line
        ended = self.process.poll()
        what = f"said nothing of {event!r} in {seconds} s" if ended is None else f"ended with {ended}"
        raise Ended(f"{self.name} {what}; its log says:\n{self.log.read_text(errors='replace')[-2000:]}")

    def heard(self):
        """What was said since the last call, as (time, line)."""
        lines = []
        while not self.lines.empty():
            lines.append(self.lines.get())
        return lines

    def stop(self, seconds=10):
        """Asks it to end, and ends it if it does not."""
        for signal_, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, 5)):
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal_)
                try:
                    self.process.wait(patience)
                except subprocess.TimeoutExpired:
                    continue
        with lock:
            if self in running:
                running.remove(self)


def stop_all():
    """Ends whatever still runs, and lets nothing new start."""
    with lock:
        closed.set()
        left = list(running)
    for process in left:
        if process.process.poll() is None:
            os.killpg(process.process.pid, signal.SIGKILL)
            process.process.wait()
