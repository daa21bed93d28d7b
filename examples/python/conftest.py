import pytest
from guestlist_sandbox import Sandbox


@pytest.fixture
def sandbox():
    """A simulated Discord of its own for each test."""
    with Sandbox("--seed", 7) as sandbox:
        yield sandbox
