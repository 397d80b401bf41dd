"""/metrics is what promtool and Prometheus expect, counts what happened, and is on the admin listener alone."""
import os
import pathlib
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest

from daemon import HELLOD, daemon


def scrape(hello):
    with urllib.request.urlopen(hello.admin_url + "/metrics", timeout=10) as response:
        assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        return response.read().decode()


def values(text):
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line[0] != "#"}


def status(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def raw(hello, text):
    address = urlsplit(hello.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(text)
        return connection.recv(65536)


@pytest.fixture
def hello():
    with daemon() as running:
        yield running


class Growth:
    """How much each series has grown since it was made."""

    def __init__(self, hello):
        self.hello, self.before = hello, values(scrape(hello))

    def expect(self, series):
        after = values(scrape(self.hello))
        assert {name: after[name] - self.before.get(name, 0) for name in series} == series


def test_counts_answers_by_route_and_status(hello):
    growth = Growth(hello)
    for path, expected in [("/", 200), ("/hello/a", 200), ("/hello/b?delay=x", 422), ("/nope", 404), ("/metrics", 404)]:
        assert status(hello.url + path) == expected, path
    growth.expect({
        'hello_requests_total{route="/",status="200"}': 1,
        'hello_requests_total{route="/hello/{name}",status="200"}': 1,
        'hello_requests_total{route="/hello/{name}",status="422"}': 1,
        'hello_requests_total{route="none",status="404"}': 2,
        'hello_dropped_log_records_total': 0,
    })
    after = values(scrape(hello))
    assert after["hello_accepted_connections_total"] > growth.before["hello_accepted_connections_total"]


def test_counts_rejected_requests_by_reason(hello):
    growth = Growth(hello)
    assert raw(hello, b"GET / HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    growth.expect({'hello_rejected_requests_total{reason="host_missing"}': 1})


def test_shows_what_is_in_work_and_how_long_it_took(hello):
    growth = Growth(hello)
    assert status(hello.url + "/hello/quick") == 200
    waiting = threading.Thread(target=status, args=[hello.url + "/hello/slow?delay=1.5"])
    waiting.start()
    address = urlsplit(hello.url)
    with socket.create_connection((address.hostname, address.port), timeout=10):
        for _ in range(100):
            during = values(scrape(hello))
            if during["hello_requests_in_flight"] >= 2 and during["hello_open_connections"] >= 3:
                break
        else:
            pytest.fail(f"in work: {during['hello_requests_in_flight']}, open: {during['hello_open_connections']}")
    waiting.join(timeout=10)
    growth.expect({
        'hello_request_duration_seconds_count{route="/hello/{name}"}': 2,
        'hello_request_duration_seconds_bucket{route="/hello/{name}",le="1"}': 1,
    })
    after = values(scrape(hello))
    assert 1.5 <= after['hello_request_duration_seconds_sum{route="/hello/{name}"}'] < 3
    # It is looked at each second.
    assert after['hello_event_loop_lag_seconds_count{loop="0"}'] >= 1


def test_tells_how_the_last_reload_ended(tmp_path, monkeypatch):
    # By it, the command that asks for a reload learns that it is done.
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    file = tmp_path / "hello.yaml"
    file.write_text("greeting:\n  delay: 0s\n")
    with daemon("--config", str(file)) as hello:
        def reloaded(text):
            file.write_text(text)
            done = subprocess.run([HELLOD, "reload", str(hello.process.pid)], timeout=30, capture_output=True)
            return done.returncode == 0, values(scrape(hello))["hello_config_last_reload_successful"]

        assert values(scrape(hello))["hello_config_last_reload_successful"] == 1
        assert reloaded("greeting:\n  delay: never\n") == (False, 0)
        assert reloaded("greeting:\n  delay: 1ms\n") == (True, 1)


def test_tells_how_many_connections_there_may_be():
    with daemon("--set", "limits.max_connections=50") as hello:
        assert values(scrape(hello))["hello_max_connections"] == 50


def test_tells_of_the_process(hello):
    served = values(scrape(hello))
    pages = int(pathlib.Path(f"/proc/{hello.process.pid}/statm").read_text().split()[1])
    # It may give memory back between the two.
    assert 0.5 < served["process_resident_memory_bytes"] / (pages * os.sysconf("SC_PAGE_SIZE")) < 2
    assert abs(served["process_start_time_seconds"] - time.time()) < 60


def test_promtool_has_nothing_to_say(hello):
    assert status(hello.url + "/") == 200
    promtool = shutil.which("promtool")
    assert promtool, "promtool is not installed"
    checked = subprocess.run(
        [promtool, "check", "metrics"], input=scrape(hello), text=True, capture_output=True, timeout=30
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
