"""The disk of the tracker: how it fills up, and what a crash in the middle of a write leaves behind."""

import os
import struct
import subprocess

WAL_HEADER = 32
FRAME_HEADER = 24


class Disk:
    """A small disk of the tracker's own, if one can be mounted."""

    def __init__(self, folder):
        self.folder = folder / "disk"
        self.folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", "size=256m", "guestlist", self.folder]
        done = subprocess.run(command, capture_output=True) if os.geteuid() == 0 else None
        self.mounted = done is not None and done.returncode == 0
        self.ballast = self.folder / "ballast"

    def fill(self):
        try:
            with open(self.ballast, "wb", buffering=0) as file:
                while file.write(bytes(1 << 16)):
                    pass
        except OSError:
            # It is full.
            pass

    def clear(self):
        self.ballast.unlink(missing_ok=True)

    def unmount(self):
        if self.mounted:
            subprocess.run(["umount", "--lazy", self.folder], check=False)


def wal_of(database):
    return database.with_name(f"{database.name}-wal")


def committed(wal):
    """The size of a page, where the last transaction of the log ends, and the pages that it holds by then.

    See https://sqlite.org/fileformat2.html#walformat
    """
    head = wal[:WAL_HEADER]
    if len(head) < WAL_HEADER:
        return 0, 0, set()
    page_size, salts = struct.unpack(">I", head[8:12])[0], head[16:24]
    at, end, pages, open_pages = WAL_HEADER, WAL_HEADER, set(), set()
    while at + FRAME_HEADER + page_size <= len(wal) and wal[at + 8 : at + 16] == salts:
        page, pages_after_commit = struct.unpack(">II", wal[at : at + 8])
        open_pages.add(page)
        at += FRAME_HEADER + page_size
        if pages_after_commit:
            end, pages, open_pages = at, pages | open_pages, set()
    return page_size, end, pages


def tear(database, rng):
    """Leaves behind what a loss of power may: half of a frame after the last transaction of the log, and half of a page
    that was being moved from the log to the database. Returns whether there was anything to tear.
    """
    wal = wal_of(database)
    if not wal.exists():
        return False
    page_size, end, pages = committed(wal.read_bytes())
    if not pages:
        return False
    with open(wal, "r+b") as file:
        file.seek(WAL_HEADER)
        header = file.read(FRAME_HEADER)
        file.seek(end)
        file.write(header + rng.randbytes(page_size // 2))
    written = [page for page in sorted(pages) if page * page_size <= database.stat().st_size]
    if written:
        with open(database, "r+b") as file:
            file.seek(rng.choice(written) * page_size - page_size // 2)
            file.write(rng.randbytes(page_size // 2))
    return True
