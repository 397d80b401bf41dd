"""Whatever the alerts and the dashboard ask Prometheus for is something that the daemon serves."""
import json
import pathlib
import re

import pytest

from daemon import daemon, free_port
from test_metrics import scrape, status, values

deploy = pathlib.Path(__file__).parent.parent.parent / "deploy"
# A name, and the labels that it is asked for by.
SELECTOR = re.compile(r"\b((?:hello|process)_\w+)(?:\{([^}]*(?:\{name\}[^}]*)?)\})?")
LABEL = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')
# These Prometheus gives to what it has fetched.
OF_THE_TARGET = {"job", "instance"}


def rules():
    return re.sub(r"^ *#.*$", "", (deploy / "prometheus/hello.rules.yml").read_text(encoding="utf-8"), flags=re.MULTILINE)


def selects(series, name, labels):
    """Whether a line of /metrics is one of those that are asked for."""
    found, _, text = series.partition("{")
    if found != name:
        return False
    its = {label: value for label, _, value in LABEL.findall(text)}
    for label, operator, value in labels:
        if label in OF_THE_TARGET:
            continue
        has = its.get(label)
        if has is None:
            return False
        matches = re.fullmatch(value, has) is not None if "~" in operator else has == value
        if matches == operator.startswith("!"):
            return False
    return True


@pytest.fixture(scope="module")
def served():
    """What is served when an upstream has failed."""
    upstreams = f"aggregate.upstreams=users=http://127.0.0.1:{free_port()}/"
    with daemon("--set", upstreams) as hello:
        assert status(hello.url + "/aggregate") == 502
        yield values(scrape(hello))


def not_served(expressions, served):
    asked = SELECTOR.findall(expressions)
    assert asked, "nothing is asked for"
    return [
        name + (f"{{{labels}}}" if labels else "")
        for name, labels in asked
        if not any(selects(series, name, LABEL.findall(labels)) for series in served)
    ]


def test_alerts_ask_for_what_is_served(served):
    assert not_served(rules(), served) == []


def test_the_dashboard_asks_for_what_is_served(served):
    dashboard = json.loads((deploy / "grafana/hello.json").read_text(encoding="utf-8"))
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    variables = [variable["query"]["query"] for variable in dashboard["templating"]["list"] if variable["type"] == "query"]
    assert not_served(" + ".join(queries + variables), served) == []


def test_what_is_not_served_is_found(served):
    wrong = ['hello_reqests_total', 'hello_requests_total{code="500"}', 'hello_accept_pauses_total{reason="full"}',
             'hello_requests_total{status=~"6.."}']
    assert not_served(" + ".join(wrong) + ' + hello_requests_total{route!="/hello/{name}",status=~"2.."}', served) == wrong
