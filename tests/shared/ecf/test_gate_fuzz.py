"""XML-06: mutated documents never crash, hang or pass for what was not signed. FULL_FIGURES=1 is the long form, 300 seconds."""

import pytest

from shared.ecf import dsig
from tests.shared.ecf.effort import tries
from tests.shared.ecf.fuzzer import fuzz

SEEDS = (1, 2)
SECONDS = tries(0, 300) / len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_XML_06_no_mutation_crashes_hangs_or_is_taken_for_what_was_signed(seed: int) -> None:
    outcome = fuzz(seed=seed, seconds=SECONDS) if SECONDS else fuzz(seed=seed, runs=1500)
    assert outcome.broken == []
    assert outcome.verdicts["accepted"] > 0, "spelling alone must stay acceptable"
    assert len(outcome.verdicts) > 15, outcome.verdicts


def test_XML_06_the_fuzzer_finds_a_verification_that_forgets_the_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dsig.Structure, "fault", lambda self, signer: None)
    assert any("ACCEPTED OTHER CONTENT" in one for one in fuzz(seed=1, runs=1500).broken)


def test_XML_06_the_fuzzer_finds_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(text: str) -> str:
        assert " " not in text
        return "".join(text.split())

    monkeypatch.setattr(dsig, "_unwrapped", crash)
    assert any("CRASH" in one for one in fuzz(seed=1, runs=1500).broken)
