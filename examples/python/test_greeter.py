import os
import subprocess
import sys
from pathlib import Path

import pytest

GREETER = Path(__file__).parent / "greeter.py"


@pytest.fixture
def bot(sandbox):
    settings = {"DISCORD_API": sandbox.api, "DISCORD_GATEWAY": sandbox.gateway, "DISCORD_TOKEN": sandbox.token}
    process = subprocess.Popen([sys.executable, GREETER], env=os.environ | settings)
    yield process
    process.terminate()
    process.wait(10)


def test_a_newcomer_is_greeted(sandbox, request):
    club = sandbox.guild("Club")
    club.role("guest")
    request.getfixturevalue("bot")
    sandbox.expect(connection=True)

    ada = club.member("ada")
    ada.joins_through(club.invite(max_uses=1))

    sandbox.expect(message=f"Welcome <@{ada.id}>!")
    sandbox.expect(request=("PUT", f"/guilds/{club.id}/members/{ada.id}/roles/*"))


def test_a_cut_connection_loses_nobody(sandbox, request):
    club = sandbox.guild("Club")
    club.role("guest")
    request.getfixturevalue("bot")
    sandbox.expect(connection=True)

    sandbox.control("POST", "/gateway/drop", how="abort")
    ada = club.member("ada")
    ada.joins_through(club.invite())

    sandbox.expect(30, message=f"Welcome <@{ada.id}>!")
