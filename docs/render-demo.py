"""Draws a terminal's screen as docs/demo.svg.

    pip install rich
    tmux new-session -d -s demo -x 100 -y 26 'guestlist demo --joins 40 --seed 7 --exit; sleep 60'
    tmux capture-pane -p -e -t demo | python3 docs/render-demo.py
"""

import pathlib
import re
import sys

from rich.console import Console
from rich.text import Text

COMMAND = "$ cargo run --release -- demo --joins 40 --seed 7 --exit\n"

screen = sys.stdin.read().rstrip() + "\n"
console = Console(record=True, width=100, file=open("/dev/null", "w"), force_terminal=True)
console.print(Text(COMMAND, style="bold"))
console.print(Text.from_ansi(screen))
target = pathlib.Path(__file__).with_name("demo.svg")
svg = console.export_svg(title="guestlist demo")
# A picture fetches nothing: whatever monospaced font there is will do.
svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.S)
target.write_text(svg)
