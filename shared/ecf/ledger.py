"""Amounts sent against amounts computed: what is kept, what is filled in, and what is found on the way."""

from decimal import Decimal

from shared.ecf.codes import finding
from shared.ecf.findings import Finding
from shared.ecf.money import TOO_LARGE, rounded, written
from shared.ecf.tree import Tree

PESO = Decimal(1)


class Ledger:
    """Collects the findings of one computation."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def note(self, code: str, pointer: str, **facts: object) -> None:
        self.findings.append(finding(code, pointer, **facts))

    def settle(
        self,
        holder: Tree,
        name: str,
        expected: Decimal,
        *,
        pointer: str,
        tolerance: Decimal,
        beyond: str,
        places: int = 2,
        signed: bool = False,
    ) -> Decimal:
        """The amount that stands: the one sent (with a finding where it differs), or else the expected one, rounded once.

        `pointer` is that of the holder; `beyond` is the code for a difference over the tolerance.
        """
        exact = rounded(expected, places)
        here = f"{pointer}/{name}"
        if abs(exact) >= TOO_LARGE:
            self.note("ECF-2130", here, name=name, expected=f"{exact:f}")
        elif exact < 0 and not signed:
            self.note("ECF-2131", here, name=name, expected=f"{exact:f}")
        sent = holder.get(name)
        if not isinstance(sent, str):
            holder[name] = written(exact, places)
            return exact
        observed = Decimal(sent)
        if observed != exact:
            inside = abs(observed - exact) <= tolerance
            self.note(
                "ECF-2100" if inside else beyond,
                here,
                name=name,
                observed=sent,
                expected=f"{exact:f}",
                tolerance=f"{tolerance:.2f}",
            )
        return observed
