"""What may not leave development is refused in a rendered overlay."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from knative.lint.check import rendered
from knative.lint.source import Document, parse
from tests.knative.lint.project import changed, documents, good

DIGEST = "@sha256:" + "0" * 64
PLAIN = """
apiVersion: v1
kind: Secret
metadata: {name: auth, namespace: getupnet-app}
stringData: {database-url: x}
"""


def _messages(*extra: Document, development: bool = False) -> list[str]:
    return [fault.message for fault in rendered([*documents(), *extra], development=development)]


def test_the_bare_base_is_no_production() -> None:
    found = _messages()
    assert any("must be named by digest" in message for message in found)
    assert any("the sandbox stays in development" in message for message in found)
    assert any("rights come from the pod's identity" in message for message in found)
    assert any("no ServiceAccount is called" in message for message in found)
    assert any("nothing here brings 'tenant-seal' with the key 'key'" in message for message in found)


def test_development_takes_tags_the_sandbox_and_secrets_made_by_hand() -> None:
    found = _messages(development=True)
    assert {message for message in found if "ServiceAccount" not in message} == set()


def test_a_written_secret_is_refused_everywhere() -> None:
    (secret,), _ = parse(PLAIN, Path("x.yaml"))
    for development in (True, False):
        assert any("may not be written down" in message for message in _messages(secret, development=development))


def test_a_broker_in_memory_is_refused_in_the_cloud() -> None:
    def memory(value: Any) -> None:
        value["metadata"]["annotations"] = {"eventing.knative.dev/broker.class": "MTChannelBasedBroker"}

    broker = changed(good("eventing/broker.yaml"), memory)
    assert any("loses events" in fault.message for fault in rendered([broker], development=False))
    assert not any("loses events" in fault.message for fault in rendered([broker], development=True))


@pytest.mark.parametrize(("image", "faults"), [("getupnet/auth" + DIGEST, 0), ("getupnet/auth:1.2", 1)])
def test_images_go_by_digest(image: str, faults: int) -> None:
    def name_it(value: Any) -> None:
        value["spec"]["template"]["spec"]["containers"][0]["image"] = image

    auth = changed(good("knative/services/auth.yaml"), name_it)
    found = [fault for fault in rendered([auth], development=False) if "digest" in fault.message]
    assert len(found) == faults


def test_a_config_map_must_have_the_key_that_is_asked_for() -> None:
    text = yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "platform", "namespace": "getupnet-app"},
            "data": {"aws-region": "x"},
        }
    )
    (platform,), _ = parse(text, Path("x.yaml"))
    found = _messages(platform, development=True)
    assert "nothing here brings 'platform' with the key 'dgii-ecf-url'" in found
    assert "nothing here brings 'platform' with the key 'aws-region'" not in found
