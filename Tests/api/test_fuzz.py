"""Schemathesis finds no request that the daemon and its document disagree on."""
import os
import re
import subprocess
import sys

import pytest

from daemon import daemon


@pytest.fixture(scope="module")
def hello():
    # An upstream that is there, since a 503 for want of one is no defect.
    with daemon(delay="0") as upstream, daemon(
        "--log-access", "off", "--set", "greeting.max_delay=0.01",
        "--set", f"aggregate.upstreams=self={upstream.url}/healthz",
    ) as running:
        yield running


@pytest.mark.parametrize("listener", ["url", "admin_url"])
def test_agrees_with_its_document(hello, listener, tmp_path):
    command = [
        os.path.join(os.path.dirname(sys.executable), "schemathesis"), "run", getattr(hello, listener) + "/openapi.json",
        "--checks", "all", "--mode", "all", "--phases", "examples,coverage,fuzzing",
        "--max-examples", os.environ.get("EXAMPLES", "100"), "--seed", "1", "--request-timeout", "10",
        "--generation-database", "none", "--no-color",
    ]
    # It keeps notes where it runs, and would begin the next run with them.
    result = subprocess.run(command, capture_output=True, text=True, timeout=280, cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    generated = re.search(r"(\d+) generated", result.stdout)
    assert generated and int(generated[1]) >= 100, result.stdout
    assert hello.process.poll() is None
