"""The OpenAPI document is valid, and the command line and both listeners agree on it."""
import json
import subprocess
import urllib.request

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from daemon import HELLOD, daemon


def read(url):
    with urllib.request.urlopen(url, timeout=10) as response:
        assert response.headers["Content-Type"] == "application/json"
        return json.load(response)


@pytest.fixture(scope="module")
def documents():
    """What the command line prints, and what everyone and administrators are given."""
    printed = subprocess.run([HELLOD, "openapi"], check=True, capture_output=True, timeout=20).stdout
    with daemon(delay="0.25") as hello:
        yield {
            "printed": json.loads(printed),
            "everyone": read(hello.url + "/openapi.json"),
            "administrators": read(hello.admin_url + "/openapi.json"),
        }


@pytest.mark.parametrize("which", ["printed", "everyone", "administrators"])
def test_is_valid(documents, which):
    validate(documents[which], cls=OpenAPIV31SpecValidator)


def test_metrics_are_for_administrators(documents):
    assert "/metrics" not in documents["everyone"]["paths"] and "/metrics" in documents["administrators"]["paths"]
    assert list(documents["printed"]["paths"]) == list(documents["administrators"]["paths"])


def test_follows_the_configuration(documents):
    delay = documents["everyone"]["paths"]["/hello/{name}"]["get"]["parameters"][1]["schema"]
    assert delay == {"type": "number", "minimum": 0, "maximum": 10, "default": 0.25}


def test_every_reference_leads_somewhere(documents):
    text = json.dumps(documents["administrators"])
    references = {part.split('"')[0] for part in text.split('"$ref": "#')[1:]}
    assert references
    for reference in references:
        target = documents["administrators"]
        for part in reference.strip("/").split("/"):
            target = target[part]
