"""GET /aggregate against upstreams that answer, dawdle, hang, refuse, and send what they should not."""
import contextlib
import http.server
import json
import os
import socket
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest

from daemon import daemon, free_port

seen = []
gone = threading.Event()
at_work = threading.Semaphore(0)


class Upstream(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        seen.append((self.path, dict(self.headers)))
        what = self.path.strip("/")
        if what.startswith("after-"):
            time.sleep(float(what.removeprefix("after-")))
            self.give(200, json.dumps({"after": what}).encode())
        elif what == "hang":
            at_work.release()
            self.connection.settimeout(20)
            try:
                if self.connection.recv(1) == b"":
                    gone.set()
            except OSError:
                gone.set()
            self.close_connection = True
        elif what == "garbage":
            self.wfile.write(b"\x00\xff this is not HTTP\r\n\r\n")
            self.close_connection = True
        elif what == "huge":
            self.send_response(200)
            self.send_header("Content-Length", str(1 << 30))
            self.end_headers()
            self.send_much()
        elif what == "huge-chunked":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.send_much(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        elif what == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b'{"half":')
            self.close_connection = True
        elif what == "redirect":
            self.give(302, b"{}", ("Location", "/after-0"))
        else:
            self.give(*{"html": (200, b"<html>"), "error": (500, b'{"why": "me"}'), "empty": (200, b""),
                        "twice": (200, b"{} {}"), "latin1": (200, b'"\xe4"')}[what])

    def send_much(self, part=b"x" * 65536):
        sent = 0
        try:
            while sent < 1 << 30:
                self.wfile.write(part)
                sent += len(part)
        except OSError:
            pass
        self.close_connection = True
        Upstream.sent = max(Upstream.sent, sent)

    sent = 0

    def give(self, status, body, *fields):
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def get(url, fields={}):
    start = time.monotonic()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=fields), timeout=20) as response:
            return response.status, json.load(response), time.monotonic() - start
    except urllib.error.HTTPError as error:
        return error.code, json.load(error), time.monotonic() - start


def upstreams(**urls):
    return "--set", "aggregate.upstreams=" + ",".join(f"{name}={url}" for name, url in urls.items())


def memory(hello):
    with open(f"/proc/{hello.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


class QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass


@contextlib.contextmanager
def serving(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def base():
    """Where the upstreams are: the path says what becomes of a call."""
    with serving(QuietServer(("127.0.0.1", 0), Upstream)) as server:
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture(scope="module")
def three(base):
    """A daemon with three upstreams that take their time."""
    patience = "--set", "aggregate.timeout=15s", "--set", "aggregate.deadline=18s"
    with daemon(*upstreams(a=base + "/after-0.3", b=base + "/after-0.6", c=base + "/after-0.9"), *patience) as hello:
        yield hello


def test_without_upstreams_it_says_what_to_set():
    with daemon() as hello:
        status, body, _ = get(hello.url + "/aggregate")
    assert status == 503 and "aggregate.upstreams" in body["detail"]


def test_all_are_called_at_once(three):
    status, body, elapsed = get(three.url + "/aggregate")
    assert status == 200 and list(body["sources"]) == ["a", "b", "c"]
    # One after the other, they would take 1.8 s.
    assert 0.9 <= elapsed < 1.8
    for source, least in zip(body["sources"].values(), (300, 600, 900)):
        assert source["status"] == 200 and least <= source["elapsed_ms"] <= elapsed * 1000
        assert source["body"] == {"after": f"after-{least / 1000}"} and "error" not in source


def test_the_trace_goes_on_with_a_parent_of_its_own_in_each_and_so_does_the_request_s_name(three):
    seen.clear()
    trace = "0af7651916cd43dd8448eb211c80319c"
    get(three.url + "/aggregate", {"X-Request-ID": "mine", "traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    assert len(seen) == 3
    for _, fields in seen:
        version, same, parent, flags = fields["traceparent"].split("-")
        assert (version, same, flags) == ("00", trace, "01") and parent != "b7ad6b7169203331" and len(parent) == 16
        assert fields["X-Request-ID"] == "mine"
    assert three.entry_with(trace)["fields"]["http.request.id"] == "mine"


def test_without_a_valid_traceparent_there_is_a_new_trace(three):
    seen.clear()
    get(three.url + "/aggregate", {"traceparent": "00-00000000000000000000000000000000-b7ad6b7169203331-01"})
    traces = {fields["traceparent"].split("-")[1] for _, fields in seen}
    assert len(traces) == 1 and traces != {"0" * 32}


def test_threads_do_not_grow_with_the_calls(three):
    for _ in range(3):
        results = []
        callers = [threading.Thread(target=lambda: results.append(get(three.url + "/aggregate"))) for _ in range(15)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join(timeout=20)
        assert [status for status, _, _ in results] == [200] * 15
    assert three.threads() <= os.cpu_count() + 4


def test_results_are_partial_whatever_the_others_do_and_nothing_is_taken_in_beyond_the_bound(base):
    broken = {name: f"{base}/{name}" for name in
              ["hang", "garbage", "huge", "huge-chunked", "cut", "redirect", "html", "error", "empty", "twice", "latin1"]}
    options = "--set", "aggregate.timeout=700ms", "--set", "aggregate.max_body=64K"
    closed = f"http://127.0.0.1:{free_port()}/"
    with daemon(*upstreams(good=base + "/after-0", refuses=closed, **broken), *options) as hello:
        before = memory(hello)
        status, body, elapsed = get(hello.url + "/aggregate")
        assert status == 200 and 0.7 <= elapsed < 2
        sources = body["sources"]
        assert sources["good"]["body"] == {"after": "after-0"} and "error" not in sources["good"]
        assert {name: source["error"]["type"] for name, source in sources.items() if name != "good"} == {
            "refuses": "connect", "hang": "timeout", "garbage": "protocol", "huge": "too_large",
            "huge-chunked": "too_large", "cut": "protocol", "redirect": "status", "html": "not_json", "error": "status",
            "empty": "not_json", "twice": "not_json", "latin1": "not_json",
        }
        assert sources["error"]["status"] == 500 and sources["error"]["body"] == {"why": "me"}
        assert sources["redirect"]["status"] == 302 and sources["hang"]["status"] is None
        assert memory(hello) - before < 32 * 1024, "KiB more memory"
        # Something was sent, or else nothing was refused.
        assert 0 < Upstream.sent < 1 << 26, f"{Upstream.sent} octets were taken"


def test_the_deadline_of_all_comes_before_that_of_each_where_there_is_no_place_for_a_call(base):
    options = "--set", "aggregate.timeout=400ms", "--set", "aggregate.deadline=600ms", "--set", "aggregate.max_calls=1"
    with daemon(*upstreams(first=base + "/hang", second=base + "/hang"), *options) as hello:
        status, body, elapsed = get(hello.url + "/aggregate")
        assert status == 502 and 0.55 <= elapsed < 1.5
        assert [source["error"]["type"] for source in body["sources"].values()] == ["timeout"] * 2
        # Nothing is left behind that would hold a place.
        status, body, _ = get(hello.url + "/aggregate")
        assert [source["elapsed_ms"] >= 395 for source in body["sources"].values()] == [True] * 2


def test_a_client_that_goes_takes_its_calls_with_it(base):
    options = "--set", "aggregate.timeout=60s", "--set", "aggregate.deadline=60s"
    with daemon(*upstreams(hang=base + "/hang"), *options) as hello:
        while at_work.acquire(blocking=False):
            pass
        gone.clear()
        address = urlsplit(hello.url)
        client = socket.create_connection((address.hostname, address.port), timeout=10)
        client.sendall(b"GET /aggregate HTTP/1.1\r\nHost: a\r\n\r\n")
        assert at_work.acquire(timeout=10)
        assert not gone.is_set()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        assert gone.wait(timeout=10), "the upstream was not let go"


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path):
    key, certificate = tmp_path / "key", tmp_path / "certificate"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"],
        check=True, capture_output=True, timeout=60,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    secure = QuietServer(("127.0.0.1", 0), Upstream)
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    with serving(secure), daemon(*upstreams(secret=f"https://127.0.0.1:{secure.server_port}/after-0")) as hello:
        status, body, _ = get(hello.url + "/aggregate")
        assert status == 502 and body["sources"]["secret"]["error"]["type"] == "tls"
