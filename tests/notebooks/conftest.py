"""What the browser tests share."""

import pytest
from real_browser import chromium


@pytest.fixture(scope="module")
def browser():
    """The browser, opened once for all tests of a file."""
    with chromium() as browser:
        yield browser
