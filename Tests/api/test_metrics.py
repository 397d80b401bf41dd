"""/metrics is what promtool and Prometheus expect, counts what happened, and is on the admin listener alone."""
import shutil
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from daemon import daemon


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


with daemon() as hello:
    before = values(scrape(hello))
    for path, expected in [("/", 200), ("/hello/a", 200), ("/hello/b?delay=x", 422), ("/nope", 404), ("/metrics", 404)]:
        assert status(hello.url + path) == expected, path
    assert raw(hello, b"GET / HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    # One that is in work while somebody looks.
    waiting = threading.Thread(target=status, args=[hello.url + "/hello/slow?delay=1.5"])
    waiting.start()
    address = urlsplit(hello.url)
    with socket.create_connection((address.hostname, address.port), timeout=10):
        for _ in range(100):
            during = values(scrape(hello))
            if during["hello_requests_in_flight"] >= 2 and during["hello_open_connections"] >= 3:
                break
        else:
            sys.exit(f"nothing in work: {during['hello_requests_in_flight']}, {during['hello_open_connections']}")
    waiting.join(timeout=10)
    text = scrape(hello)
    after = values(text)

    def grew(name, by):
        assert after[name] - before.get(name, 0) == by, (name, before.get(name), after[name])

    grew('hello_requests_total{route="/",status="200"}', 1)
    grew('hello_requests_total{route="/hello/{name}",status="200"}', 2)
    grew('hello_requests_total{route="/hello/{name}",status="422"}', 1)
    grew('hello_requests_total{route="none",status="404"}', 2)
    grew('hello_rejected_requests_total{reason="host_missing"}', 1)
    grew('hello_request_duration_seconds_count{route="/hello/{name}"}', 3)
    grew('hello_request_duration_seconds_bucket{route="/hello/{name}",le="1"}', 2)
    grew('hello_dropped_log_records_total', 0)
    assert 1.5 <= after['hello_request_duration_seconds_sum{route="/hello/{name}"}'] < 3
    assert after["hello_accepted_connections_total"] > before["hello_accepted_connections_total"]
    assert after['hello_event_loop_lag_seconds_count{loop="0"}'] >= 1

    promtool = shutil.which("promtool") or sys.exit("promtool is not installed")
    checked = subprocess.run([promtool, "check", "metrics"], input=text, text=True, capture_output=True, timeout=30)
    assert checked.returncode == 0 and not checked.stderr and not checked.stdout, (checked.stdout, checked.stderr)
print(f"metrics: promtool has nothing to say of {len(after)} samples")
