"""How upstreams are called, what is told of calls that fail, and what happens when there are too many."""
import contextlib
import errno
import gzip
import http.server
import json
import threading
import urllib.error
import urllib.request

import pytest

from daemon import daemon, free_port

UPSTREAM_FAILED = "f1e1cfd0ea16413cb9abb1da8d48bb95"
VALUES = b"[" + b"1," * 499_999 + b"1]"


class Upstream(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    uses = 0

    def do_GET(self):
        what = self.path.strip("/")
        self.uses += 1
        self.server.seen.append((what, self.uses, dict(self.headers)))
        if what == "once" and self.uses > 1 or what == "never":
            # The connection was kept, and is closed when it is used again; or it is closed at once.
            self.close_connection = True
        elif what == "hang":
            self.server.at_work.release()
            self.server.released.wait(timeout=20)
            self.close_connection = True
        else:
            self.give(*{
                "once": (b'{"use": 1}',), "html": (b"<html>",), "values": (VALUES,), "good": (b"{}",),
                "gzip": (gzip.compress(b"{}"), "gzip"), "odd": (b"{}", "<script>"), "identity": (b"{}", "identity"),
            }[what])

    def give(self, body, coding=None):
        self.send_response(200)
        if coding:
            self.send_header("Content-Encoding", coding)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Upstream)
        self.seen, self.at_work, self.released = [], threading.Semaphore(0), threading.Event()

    def url(self, path):
        return f"http://127.0.0.1:{self.server_port}/{path}"


@pytest.fixture
def server():
    server = Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()


@contextlib.contextmanager
def calling(*options, **urls):
    named = ",".join(f"{name}={url}" for name, url in urls.items())
    if not any(option.startswith(("aggregate.timeout=", "aggregate.deadline=")) for option in options):
        # Who does not ask for a short time has one that a machine with other work keeps, too.
        options += ("--set", "aggregate.timeout=15s", "--set", "aggregate.deadline=18s")
    with daemon("--set", "aggregate.upstreams=" + named, *options) as hello:
        yield hello


def aggregate(hello, fields={}):
    try:
        request = urllib.request.Request(hello.url + "/aggregate", headers=fields)
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, json.load(response)["sources"]
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["sources"]


def failures(hello):
    """The fields of each entry about a failed call."""
    entries = [json.loads(line) for line in hello.log_text().splitlines()]
    return [entry["fields"] for entry in entries if entry["message_id"] == UPSTREAM_FAILED]


def test_no_coding_is_accepted_and_the_state_of_a_trace_goes_with_it(server):
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with calling(good=server.url("good")) as hello:
        aggregate(hello, {"traceparent": parent, "tracestate": "a=1, b=2"})
        aggregate(hello, {"traceparent": parent.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32), "tracestate": "a=1"})
    first, second = (fields for _, _, fields in server.seen)
    assert first["Accept-Encoding"] == "identity" and first["tracestate"] == "a=1,b=2"
    assert "tracestate" not in second


def test_a_coding_that_comes_all_the_same_is_named(server):
    with calling(**{name: server.url(name) for name in ["gzip", "odd", "identity"]}) as hello:
        status, sources = aggregate(hello)
    assert status == 200 and sources["identity"]["body"] == {}
    assert {sources[name]["error"]["type"] for name in ["gzip", "odd"]} == {"content_coding"}
    assert "(gzip)" in sources["gzip"]["error"]["msg"] and "(unknown)" in sources["odd"]["error"]["msg"]
    assert "body" not in sources["odd"]


def test_a_kept_connection_that_turns_out_to_be_dead_costs_one_more_call(server):
    with calling(once=server.url("once")) as hello:
        for _ in range(3):
            status, sources = aggregate(hello)
            assert status == 200 and sources["once"]["body"] == {"use": 1}
    assert max(uses for _, uses, _ in server.seen) == 2, "no connection was used twice"


def test_a_new_connection_that_is_closed_is_a_failure(server):
    with calling(never=server.url("never")) as hello:
        status, sources = aggregate(hello)
    assert status == 502 and sources["never"]["error"]["type"] == "protocol"
    assert len(server.seen) == 1


def test_each_failed_call_is_an_entry_and_is_counted(server):
    closed = free_port()
    with calling(refuses=f"http://127.0.0.1:{closed}/secret", html=server.url("html"), good=server.url("good")) as hello:
        status, sources = aggregate(hello, {"X-Request-ID": "mine"})
        assert sources["refuses"]["error"]["msg"] == "The connection was refused."
        with urllib.request.urlopen(hello.admin_url + "/metrics", timeout=10) as response:
            metrics = response.read().decode()
        hello.stop()
        entries = {entry["upstream.name"]: entry for entry in failures(hello)}
        assert "secret" not in hello.log_text().split('"message":"Upstream')[1].split("\n")[0]
    assert set(entries) == {"refuses", "html"}
    refused = entries["refuses"]
    assert refused["upstream.address"] == f"127.0.0.1:{closed}" and refused["upstream.failure"] == "connect"
    assert int(refused["errno"]) == errno.ECONNREFUSED and refused["http.request.id"] == "mine"
    assert entries["html"]["upstream.failure"] == "not_json" and "errno" not in entries["html"]
    for name, outcome in [("refuses", "connect"), ("html", "not_json"), ("good", "ok")]:
        assert f'hello_upstream_calls_total{{outcome="{outcome}",upstream="{name}"}} 1\n' in metrics
    assert 'hello_upstream_calls{state="in_work"} 0\n' in metrics


def test_what_fails_often_has_few_entries_and_the_others_are_counted():
    with calling(refuses=f"http://127.0.0.1:{free_port()}/") as hello:
        for _ in range(20):
            assert aggregate(hello)[0] == 502
        # The count is told when the daemon stops, at the latest.
        hello.stop()
        entries = failures(hello)
    assert len(entries) == 6 and sum(int(entry.get("suppressed", 1)) for entry in entries) == 20


def test_calls_that_would_be_too_many_to_wait_are_refused_with_when_to_come_back(server):
    options = ["--set", "aggregate.max_calls=1", "--set", "aggregate.max_waiting_calls=1"]
    options += ["--set", "aggregate.timeout=60s", "--set", "aggregate.deadline=60s"]
    with calling(*options, first=server.url("hang"), second=server.url("hang")) as hello:
        waiting = threading.Thread(target=aggregate, args=[hello])
        waiting.start()
        assert server.at_work.acquire(timeout=10)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(hello.url + "/aggregate", timeout=10)
        assert refused.value.code == 503 and refused.value.headers["Retry-After"] == "1"
        assert list(json.load(refused.value)) == ["detail"]
        server.released.set()
        waiting.join(timeout=20)


def test_megabytes_of_small_values_are_passed_on_whole(server):
    with calling("--set", "event_loops=1", **{f"u{number}": server.url("values") for number in range(8)}) as hello:
        status, sources = aggregate(hello)
    assert status == 200 and all(len(source["body"]) == 500_000 for source in sources.values())
