"""Every amount of a document from its lines (format.md §9): filled in where left out, compared where sent."""

from datetime import date
from decimal import Decimal, localcontext

from shared.ecf.abroad import settle_abroad
from shared.ecf.adjustments import Adjustments, settle_adjustments
from shared.ecf.document import Document
from shared.ecf.fields import Node, model
from shared.ecf.findings import Finding
from shared.ecf.header_taxes import settle_header_taxes
from shared.ecf.ledger import PESO, Ledger
from shared.ecf.lines import settle_line
from shared.ecf.money import EXACT, ZERO, rounded
from shared.ecf.pages import settle_pages
from shared.ecf.tree import Tree, arranged, branch, number

RATES = {"1": Decimal(18), "2": Decimal(16), "3": Decimal(0)}
_HUNDRED, _CENT = Decimal(100), Decimal("0.01")
_WITHHELD = {"total_itbis_retenido": "monto_itbis_retenido", "total_isr_retencion": "monto_isr_retenido"}


def compute(document: Document, on: date | None = None) -> tuple[Document, tuple[Finding, ...]]:
    """The document with every derivable amount, and where what was sent differs from what was computed.

    `on` is the day whose rates hold (FechaEmision unless said). Derived amounts get two decimals, half up; sent ones stay as
    they are. Computing again changes nothing. A document without lines (RFCE and the small formats) comes back as it is.
    """
    if "items" not in document.tree:
        return document, ()
    with localcontext(EXACT):
        work = _Computation(document, on or _day(document))
        work.run()
        return Document(document.kind, work.tree), tuple(work.ledger.findings)


def _day(document: Document) -> date:
    """FechaEmision; for a date that does not exist (the rules say so) a day on which no rate was valid."""
    try:
        return document.fecha_emision
    except LookupError:
        return date.min


class _Computation:
    def __init__(self, document: Document, day: date) -> None:
        self.document = document
        self.day = day
        self.node: Node = model(document.kind)
        self.ledger = Ledger()
        self.lines: list[Tree] = [dict(line) for line in document.items]
        self.totals: Tree = dict(branch(document.tree, "totales"))
        self.tolerance = PESO * len(self.lines)
        self.tree: Tree = dict(document.tree)
        self.defined = self.node.members["totales"].members

    def run(self) -> None:
        for index, line in enumerate(self.lines):
            settle_line(line, f"/items/{index}", self.ledger)
        adjustments = settle_adjustments(self.tree, self.lines, self.ledger)
        taxed = self._bases(adjustments)
        additional = settle_header_taxes(
            self.document.kind, self.day, self.lines, self.totals, adjustments, self.ledger, self.tolerance
        )
        self._itbis(taxed, additional.selective)
        self._total(adjustments)
        self._withheld()
        settle_abroad(self.node, self.tree, self.lines, self.totals, self.ledger, self.tolerance)
        pages = self.node.members["paginas"]
        settle_pages(pages, self.tree, self.lines, self.totals, adjustments, additional.of_lines, self.ledger)
        item = self.node.members["items"]
        self.tree["items"] = [arranged(item, line) for line in self.lines]
        self.tree["totales"] = arranged(self.node.members["totales"], self.totals)
        self.tree["id_doc"] = arranged(self.node.members["id_doc"], branch(self.tree, "id_doc"))
        self.tree = arranged(self.node, self.tree)

    def _settle(self, name: str, expected: Decimal, beyond: str, tolerance: Decimal, *, signed: bool = False) -> Decimal:
        return self.ledger.settle(
            self.totals, name, expected, pointer="/totales", tolerance=tolerance, beyond=beyond, signed=signed
        )

    def _bases(self, adjustments: Adjustments) -> dict[str, Decimal]:
        """MontoGravadoI1 … I3, MontoGravadoTotal, MontoExento and MontoNoFacturable; exact bases of the taxed rates in use."""
        taxed: dict[str, Decimal] = {}
        published = ZERO
        for rate, name in ((rate, f"monto_gravado_i{rate}") for rate in RATES):
            if rate in adjustments.used and name in self.defined:
                base = adjustments.base(rate)
                zero = not number(self.totals, name) and name in self.totals
                stands = self._settle(name, base, "ECF-2111" if zero else "ECF-2110", self.tolerance)
                # What the caller wrote otherwise is what DGII multiplies; what we compute is not rounded twice.
                taxed[rate] = base if stands == rounded(base) else stands
                published += stands
            elif name in self.totals:
                published += self._settle(name, ZERO, "ECF-2111", ZERO)
        if taxed or "monto_gravado_total" in self.totals:
            self._settle("monto_gravado_total", published, "ECF-2110", self.tolerance)
        if ("4" in adjustments.used and "monto_exento" in self.defined) or "monto_exento" in self.totals:
            self._settle("monto_exento", adjustments.base("4"), "ECF-2112", self.tolerance)
        if ("0" in adjustments.used and "monto_no_facturable" in self.defined) or "monto_no_facturable" in self.totals:
            self._settle("monto_no_facturable", adjustments.base("0"), "ECF-2117", self.tolerance, signed=True)
        return taxed

    def _itbis(self, taxed: dict[str, Decimal], selective: Decimal) -> None:
        published = ZERO
        for rate, percent in RATES.items():
            name, total = f"itbis{rate}", f"total_itbis{rate}"
            beyond = "ECF-2113" if rate == "1" else "ECF-2122"
            if rate in taxed:
                if self.totals.setdefault(name, f"{percent:f}") != f"{percent:f}":
                    self.ledger.note("ECF-2121", f"/totales/{name}", name=name, expected=f"{percent:f}")
                base = taxed[rate] + (selective if rate == "1" else ZERO)
                published += self._settle(total, base * percent / _HUNDRED, beyond, self.tolerance)
            elif total in self.totals:
                published += self._settle(total, ZERO, beyond, ZERO)
        if taxed or "total_itbis" in self.totals:
            self._settle("total_itbis", published, "ECF-2113", self.tolerance)

    def _total(self, adjustments: Adjustments) -> None:
        held = self.totals
        parts = ("monto_gravado_total", "monto_exento", "total_itbis", "monto_impuesto_adicional")
        expected = sum((number(held, name) or ZERO for name in parts), ZERO)
        total = self._settle("monto_total", expected, "ECF-2115", self.tolerance)
        before, paid = number(held, "saldo_anterior"), number(held, "monto_avance_pago")
        # Both are optional: who sends the total has decided about them.
        ours = "monto_total" not in branch(self.document.tree, "totales")
        owed = ours and (before is not None or paid is not None or adjustments.norma1007 != 0)
        period = total + (number(held, "monto_no_facturable") or ZERO)
        if "monto_periodo" in held or (ours and before is not None):
            self._settle("monto_periodo", period, "ECF-2116", _CENT, signed=True)
        if "valor_pagar" in held or owed:
            due = total - adjustments.norma1007 - (paid or ZERO) + (before or ZERO)
            self._settle("valor_pagar", due, "ECF-2117", self.tolerance, signed=True)

    def _withheld(self) -> None:
        for name, of_line in _WITHHELD.items():
            if name not in self.defined:
                continue
            parts = [number(branch(line, "retencion"), of_line) for line in self.lines]
            if name in self.totals or any(part is not None for part in parts):
                beyond = "ECF-2118" if self.document.kind == "47" else "ECF-2117"
                self._settle(name, sum((part or ZERO for part in parts), ZERO), beyond, self.tolerance)
