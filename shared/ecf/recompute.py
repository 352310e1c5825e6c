"""An e-CF without the amounts that the law derives from its lines, so that they can be computed anew."""

from shared.ecf.document import Document
from shared.ecf.tree import Tree, Value, branch, number, rows

# What the totals say of themselves; the rest of them follows from the lines.
_TOTALS_GIVEN = frozenset({"saldo_anterior", "monto_avance_pago", "total_itbis_percepcion", "total_isr_percepcion"})
# Computed only for whoever asks, so a document that has them keeps asking.
_ASKED = ("monto_periodo", "valor_pagar")
_ABROAD_GIVEN = ("tipo_moneda", "tipo_cambio")
_TAX_GIVEN = ("tipo_impuesto", "tasa_impuesto_adicional")
_PAGE_GIVEN = ("pagina_no", "no_linea_desde", "no_linea_hasta")
_TABLES = (("descuento_monto", "sub_descuentos", "sub_descuento"), ("recargo_monto", "sub_recargos", "sub_recargo"))


def bare(document: Document) -> Document:
    """The same document with only what nobody can derive: prices, quantities, rates, percentages, withholdings, balances.

    An amount without its table or percentage is what somebody decided, and stays. `amounts.compute` fills in the rest.
    """
    tree = dict(document.tree)
    tree["items"] = [_line(line) for line in document.items]
    if "descuentos_o_recargos" in tree:
        tree["descuentos_o_recargos"] = [_adjustment(entry) for entry in rows(tree, "descuentos_o_recargos")]
    tree["totales"] = _totals(branch(tree, "totales"))
    if "otra_moneda" in tree:
        tree["otra_moneda"] = _kept(branch(tree, "otra_moneda"), _ABROAD_GIVEN)
    if "paginas" in tree:
        tree["paginas"] = [_page(page) for page in rows(tree, "paginas")]
    return Document(document.kind, tree)


def changes(before: Document, after: Document) -> list[tuple[str, str | None, str | None]]:
    """Every value that differs: pointer, text before, text after (None where there was or is none)."""
    old, new = dict(_leaves(before.tree, "")), dict(_leaves(after.tree, ""))
    return [(pointer, old.get(pointer), new.get(pointer)) for pointer in {**old, **new} if old.get(pointer) != new.get(pointer)]


def _leaves(value: Value, pointer: str) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(pointer, value)]
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    return [leaf for name, below in entries for leaf in _leaves(below, f"{pointer}/{name}")]


def _kept(tree: Tree, names: tuple[str, ...]) -> Tree:
    return {name: held for name, held in tree.items() if name in names}


def _line(line: Tree) -> Tree:
    found = {name: held for name, held in line.items() if name != "monto_item"}
    for total, table, stem in _TABLES:
        entries = rows(line, table)
        if entries:
            found.pop(total, None)
            found[table] = [_percentage(entry, f"tipo_{stem}", f"{stem}_porcentaje", f"monto_{stem}") for entry in entries]
    if "otra_moneda_detalle" in line:
        detail = branch(line, "otra_moneda_detalle")
        found["otra_moneda_detalle"] = {name: held for name, held in detail.items() if name != "monto_item_otra_moneda"}
    return found


def _adjustment(entry: Tree) -> Tree:
    return _percentage(entry, "tipo_valor", "valor_descuento_o_recargo", "monto_descuento_o_recargo")


def _percentage(entry: Tree, type_: str, percentage: str, amount: str) -> Tree:
    derived = entry.get(type_) == "%" and number(entry, percentage) is not None
    return {name: held for name, held in entry.items() if not (derived and name == amount)}


def _totals(totals: Tree) -> Tree:
    found = {name: held for name, held in totals.items() if name in _TOTALS_GIVEN}
    taxed = [_kept(row, _TAX_GIVEN) for row in rows(totals, "impuestos_adicionales")]
    if taxed:
        found["impuestos_adicionales"] = list(taxed)
    # An empty list is asked for and not sent: the computation puts the amount in its place.
    found.update({name: [] for name in _ASKED if name in totals})
    return found


def _page(page: Tree) -> Tree:
    return _kept(page, _PAGE_GIVEN) if "no_linea_desde" in page and "no_linea_hasta" in page else page
