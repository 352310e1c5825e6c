"""Behaviours are set, listed, explained and forgotten."""

from fastapi.testclient import TestClient

UNSEEN = ({"name": "spent", "service": "consultatrackids"}, {"name": "refused", "service": "consultas", "value": "145"})
BODY = {"environment": "ecf", "rnc": "101000009", "name": "in_process", "times": 3, "probability": 0.5, "seed": 4}


def test_a_behaviour_is_listed_while_it_holds(sandbox: TestClient) -> None:
    assert sandbox.post("/sandbox/behaviours", json=BODY).status_code == 204
    (held,) = sandbox.get("/sandbox/behaviours?environment=ecf").json()
    assert held == BODY | {"service": "consultaresultado", "value": "", "seconds": None, "calls": 0, "plays": 0}
    other = {"environment": "ecf", "rnc": "101000008"}
    sandbox.post("/sandbox/behaviours/reset", json=other)
    assert len(sandbox.get("/sandbox/behaviours?environment=ecf").json()) == 1
    sandbox.post("/sandbox/behaviours/reset", json={"environment": "ecf"})
    assert sandbox.get("/sandbox/behaviours?environment=ecf").json() == []


def test_what_cannot_be_set_is_said(sandbox: TestClient) -> None:
    for wrong in (
        {"name": "naps"},
        {"service": "moon"},
        {"name": "maintenance", "value": "9 to 12"},
        {"rnc": "1"},
        {"times": 0},
        *UNSEEN,
    ):
        assert sandbox.post("/sandbox/behaviours", json=BODY | wrong).status_code == 422, wrong


def test_the_catalogue_explains_itself(sandbox: TestClient) -> None:
    told = sandbox.get("/sandbox/behaviours/catalogue").json()
    assert told["hang_after"]["service"] == "reception"
    assert all(kind["meaning"] for kind in told.values())
