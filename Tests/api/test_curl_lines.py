"""Every curl line of docs/api.md and README.md works as printed, and gives what the page says."""
import json
import pathlib
import shlex
import subprocess

import pytest

from daemon import daemon

LINES = [
    line.strip().removeprefix("$ ")
    for page in ("docs/api.md", "README.md")
    for line in pathlib.Path(page).read_text(encoding="utf-8").splitlines()
    if line.startswith(("    curl ", "    $ curl "))
]
EXPECTED = {
    "/": (200, {"Hello": "World"}),
    "/hello/Ada?delay=0.1": (200, {"Hello": "Ada"}),
    "/hello": (200, {"Hello": "Ada"}),
    "/hello/J%C3%BCrgen": (200, {"Hello": "Jürgen"}),
    "/healthz": (200, {"status": "alive"}),
    "/readyz": (200, {"status": "ready"}),
    "/aggregate": (503, None),
    "/metrics": (200, None),
    "/openapi.json": (200, None),
    "/docs": (200, None),
    "/hello/%00?delay=11": (422, None),
}


@pytest.fixture(scope="module")
def hello():
    with daemon() as running:
        yield running


@pytest.mark.parametrize("line", LINES)
def test_line(hello, line):
    # A shell would read it so; the default addresses may be somebody else's on this machine.
    words = shlex.split(line, comments=True)
    url = words[-1]
    path = url.removeprefix("http://127.0.0.1:8081").removeprefix("http://127.0.0.1:8080")
    words[-1] = (hello.admin_url if ":8081" in url else hello.url) + path
    result = subprocess.run(
        words + ["--silent", "--show-error", "--max-time", "20", "--write-out", "\n%{http_code}"],
        capture_output=True, text=True, timeout=30, check=True,
    )
    content, _, status = result.stdout.rpartition("\n")
    if "--request" in words:
        assert int(status) == (204 if "OPTIONS" in words else 405) and "Allow: GET, HEAD, OPTIONS" in content
    elif "--head" in words:
        assert int(status) == 200 and content.startswith("HTTP/1.1 200 OK")
    else:
        assert int(status) == EXPECTED[path][0], result
        if EXPECTED[path][1] is not None:
            assert json.loads(content) == EXPECTED[path][1]


def test_every_route_has_a_line():
    seen = {shlex.split(line, comments=True)[-1].split("808", 1)[1][1:] for line in LINES}
    assert set(EXPECTED) <= seen and len(LINES) >= 15
