"""What all puppets in Python have in common: lines of JSON on standard input say what to do, lines on
standard output what came of it and what the client hears."""

import asyncio
import json
import os
import sys
import threading
import traceback

API, GATEWAY, TOKEN = os.environ["API"], os.environ["GATEWAY"], os.environ["TOKEN"]


class Lacks(Exception):
    """The client does not do this."""


def say(**line):
    print(json.dumps(line), flush=True)


def heard(name, **what):
    say(event="heard", name=name, **what)


def iso(moment):
    return moment and moment.isoformat()


async def act(actions):
    """Does what it is told until standard input ends."""
    loop, lines = asyncio.get_running_loop(), asyncio.Queue()

    def read():
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, json.loads(line))

    threading.Thread(target=read, daemon=True).start()
    while True:
        order = await lines.get()
        what = order.pop("do")
        try:
            if what not in actions:
                raise Lacks("no method for it")
            say(event="done", do=what, result=await actions[what](**order))
        except Lacks as why:
            say(event="done", do=what, lacks=str(why))
        except Exception as error:
            traceback.print_exc()
            say(event="done", do=what, error=repr(error))
