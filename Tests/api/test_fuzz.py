"""Schemathesis finds no request that the daemon and its document disagree on."""
import os
import subprocess
import sys
import tempfile

from daemon import daemon

# An upstream that is there, since a 503 for want of one is no defect.
with daemon(delay="0") as upstream, daemon(
    "--log-access", "off", "--set", "greeting.max_delay=0.01",
    "--set", f"aggregate.upstreams=self={upstream.url}/healthz",
) as hello:
    for url in hello.url, hello.admin_url:
        command = [
            os.path.join(os.path.dirname(sys.executable), "schemathesis"), "run", url + "/openapi.json",
            "--checks", "all", "--mode", "all", "--phases", "examples,coverage,fuzzing",
            "--max-examples", os.environ.get("EXAMPLES", "100"), "--seed", "1", "--request-timeout", "10",
            "--generation-database", "none", "--no-color",
        ]
        # It keeps notes where it runs, and would begin the next run with them.
        with tempfile.TemporaryDirectory() as folder:
            result = subprocess.run(command, capture_output=True, text=True, timeout=280, cwd=folder)
        if result.returncode != 0:
            print(result.stdout, result.stderr)
            sys.exit("schemathesis found something")
        print("fuzz:", " ".join(line.strip() for line in result.stdout.splitlines() if "generated" in line))
    assert hello.process.poll() is None
