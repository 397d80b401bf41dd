"""The OpenAPI document is valid, and the command line and both listeners agree on it."""
import json
import subprocess
import urllib.request

from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from daemon import HELLOD, daemon


def read(url):
    with urllib.request.urlopen(url, timeout=10) as response:
        assert response.headers["Content-Type"] == "application/json"
        return json.load(response)


printed = json.loads(subprocess.run([HELLOD, "openapi"], check=True, capture_output=True, timeout=20).stdout)
validate(printed, cls=OpenAPIV31SpecValidator)

with daemon(delay="0.25") as hello:
    everyone, administrators = read(hello.url + "/openapi.json"), read(hello.admin_url + "/openapi.json")
    for document in everyone, administrators:
        validate(document, cls=OpenAPIV31SpecValidator)
    assert "/metrics" not in everyone["paths"] and "/metrics" in administrators["paths"]
    assert list(printed["paths"]) == list(administrators["paths"])
    # The document follows the configuration.
    delay = everyone["paths"]["/hello/{name}"]["get"]["parameters"][1]["schema"]
    assert delay == {"type": "number", "minimum": 0, "maximum": 10, "default": 0.25}, delay
    # Every reference leads somewhere.
    text = json.dumps(administrators)
    for reference in {part.split('"')[0] for part in text.split('"$ref": "#')[1:]}:
        target = administrators
        for part in reference.strip("/").split("/"):
            target = target[part]
print(f"document: valid, {len(administrators['paths'])} paths")
