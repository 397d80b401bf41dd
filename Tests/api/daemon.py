"""Starts the daemon under test on ports of the kernel's choice, and stops it, whatever happens between."""
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

HELLOD = os.environ.get("HELLOD", ".build/debug/hellod")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Daemon:
    def __init__(self, process, port, admin_port, log):
        self.process, self.log = process, log
        self.url, self.admin_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{admin_port}"

    def threads(self):
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)

    def log_text(self):
        return pathlib.Path(self.log).read_text(encoding="utf-8", errors="replace")

    def entry_with(self, text):
        """The first log entry that has a text, which may be written a moment after the answer that it is about."""
        deadline = time.monotonic() + 10
        while True:
            whole, _, _ = self.log_text().rpartition("\n")
            for line in whole.split("\n"):
                if text in line:
                    return json.loads(line)
            assert time.monotonic() < deadline, f"no entry has {text}:\n{whole}"
            time.sleep(0.02)


@contextlib.contextmanager
def daemon(*options, delay="0"):
    """Runs the daemon until the block ends. A daemon that does not end well is a failure too."""
    port, admin_port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HELLO_")}
        with open(log, "wb") as output:
            process = subprocess.Popen(
                [HELLOD, "serve", "--listen", f"127.0.0.1:{port}", "--admin-listen", f"127.0.0.1:{admin_port}"]
                + ["--greeting-delay", delay, "--log-format", "json", *options],
                stderr=output,
                env=environment,
            )
        try:
            running = Daemon(process, port, admin_port, log)
            deadline = time.monotonic() + 20
            while True:
                try:
                    urllib.request.urlopen(running.url + "/readyz", timeout=5).close()
                    break
                except (urllib.error.URLError, ConnectionError):
                    assert process.poll() is None, "hellod has ended:\n" + running.log_text()
                    assert time.monotonic() < deadline, "hellod does not answer"
                    time.sleep(0.02)
            yield running
        finally:
            # A daemon that has ended by itself takes no signal; its status says so below.
            process.send_signal(signal.SIGTERM)
            try:
                status = process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
        assert status == 0, f"hellod exited with {status}"
