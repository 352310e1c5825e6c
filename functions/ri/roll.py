"""The lines and sums of a ticket held against the document: every text in the order of the roll."""

from collections.abc import Iterator
from decimal import localcontext

from functions.ri.letters import bare, is_mixed, joined
from functions.ri.lines import Line
from functions.ri.reading import Word
from functions.ri.totals import abroad, totals_of
from functions.ri.words import Row, amount
from shared.ecf.document import Document
from shared.ecf.money import EXACT
from shared.ecf.tree import branch

_TITLES = {"grados": "Grados Alcohol", "pvp": "PVP", "isc_especifico": "ISC Específico", "isc_advalorem": "ISC Ad-Valorem"}
_TITLES |= {"descuento": "Descuento", "recargo": "Recargo", "valor_otra_moneda": "Valor"}


class Roll:
    """A roll has one page."""

    def __init__(self, document: Document, lines: list[Line]) -> None:
        self._document, self._lines = document, lines

    def page(self, said: list[Word], number: int, pages: int) -> Iterator[str]:
        """What is wrong on the roll."""
        if pages != 1:
            yield "more than one page"
        # In the order of reading and in that of writing: stacked marks upset the lines of reading.
        zones = [joined(said), bare("".join(word.text for word in said))]
        missing = [set(_missing(zone, self._wanted())) for zone in zones]
        yield from sorted(set.intersection(*missing))

    def end(self) -> list[str]:
        return []

    def _wanted(self) -> Iterator[tuple[str, str]]:
        """Everything from the first line to the stamp, in its order."""
        tree, otra = self._document.tree, branch(self._document.tree, "otra_moneda")
        unit = " (DOP)" if otra else ""
        currency = f" ({otra['tipo_moneda']})" if otra else ""
        yield "titles", f"Descripción ITBIS{unit} Valor{unit}"
        for n, line in enumerate(self._lines, 1):
            cells = line.cells
            yield f"line {n}: descripcion", cells["exento"] + cells["descripcion"]
            yield (
                f"line {n}: amounts",
                "".join((cells["cantidad"], cells["unidad_corta"], "×", cells["precio"], cells["itbis"], cells["valor"])),
            )
            for key, title in _TITLES.items():
                if cells[key]:
                    code = currency if key == "valor_otra_moneda" else "" if key == "grados" else unit
                    yield f"line {n}: {key}", f"{title}{code} {cells[key]}"
        with localcontext(EXACT):
            sums = totals_of(self._document, unit)
        total = Row(f"Total{unit}", amount(branch(tree, "totales"), "monto_total"))
        for n, row in enumerate((*sums, total, *abroad(otra)), 1):
            yield f"sums: row {n}", row.label + row.text
        yield "stamp", "Código de Seguridad"


def _missing(zone: str, wanted: Iterator[tuple[str, str]]) -> Iterator[str]:
    """The names of what does not stand in a zone in its turn."""
    place = 0
    for name, said in wanted:
        letters = bare(said)
        found = zone.find(letters, place)
        if found >= 0:
            place = found + len(letters)
        elif not is_mixed(letters):
            yield name
