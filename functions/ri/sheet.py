"""What stands on the page: every text of the printed representation from its document (Informe Técnico §18). Pure."""

from dataclasses import dataclass
from decimal import localcontext

from functions.ri.columns import Column, Setting, applying, setting
from functions.ri.lines import Line, lines_of
from functions.ri.totals import abroad, declared_subtotals, totals_of
from functions.ri.words import LEGENDS, TYPE_NAMES, Modalidad, Row, amount, stated, text
from shared.ecf.document import Document
from shared.ecf.fields import label
from shared.ecf.money import EXACT
from shared.ecf.tree import Tree, branch, rows

PESO = "DOP"


@dataclass(frozen=True)
class Part:
    """Lines that the document wants together on a page, and the subtotals it gives them (none for the last page)."""

    lines: list[Line]
    subtotals: list[Row]


@dataclass(frozen=True)
class Sheet:
    """`heading` are the issuer's lines below its names, `numbering` what stands under the type at the right; `parts` is
    empty where the document leaves the cutting of pages to us."""

    nombre_comercial: str
    razon_social: str
    heading: list[Row]
    tipo: str
    numbering: list[Row]
    buyer: list[Row]
    columns: list[Column]
    setting: Setting
    lines: list[Line]
    parts: list[Part]
    totals: list[Row]
    total: Row
    abroad: list[Row]
    stamp: list[Row]
    legend: str


def compose(document: Document, codigo_seguridad: str, modalidad: Modalidad | None = None) -> Sheet:
    """The page of a complete signed document; values are the texts of its XML, amounts with thousands set apart."""
    with localcontext(EXACT):
        lines = lines_of(document)
        otra_moneda, emisor = branch(document.tree, "otra_moneda"), branch(document.tree, "emisor")
        unit = f" ({PESO})" if otra_moneda else ""
        columns = applying(lines, unit, text(otra_moneda, "tipo_moneda"))
        return Sheet(
            nombre_comercial=text(emisor, "nombre_comercial"),
            razon_social=document.razon_social_emisor,
            heading=_heading(emisor),
            tipo=TYPE_NAMES[document.tipo],
            numbering=_numbering(document),
            buyer=_buyer(branch(document.tree, "comprador")),
            columns=columns,
            setting=setting(columns, lines),
            lines=lines,
            parts=_parts(document, lines),
            totals=totals_of(document, unit),
            total=Row(f"Total{unit}", amount(branch(document.tree, "totales"), "monto_total")),
            abroad=abroad(otra_moneda),
            stamp=[
                Row("Código de Seguridad", codigo_seguridad),
                Row("Fecha de Firma Digital", document.text("fecha_hora_firma") or ""),
            ],
            legend=LEGENDS[modalidad] if modalidad else "",
        )


def _heading(emisor: Tree) -> list[Row]:
    places = [label("municipio", code) for name in ("municipio", "provincia") if (code := text(emisor, name))]
    return stated(
        ("Sucursal", text(emisor, "sucursal")),
        ("RNC", text(emisor, "rnc_emisor")),
        ("Dirección", ", ".join([text(emisor, "direccion_emisor"), *dict.fromkeys(places)])),
        ("Fecha Emisión", text(emisor, "fecha_emision")),
    )


def _numbering(document: Document) -> list[Row]:
    reference = branch(document.tree, "informacion_referencia")
    code = text(reference, "codigo_modificacion")
    return stated(
        ("e-NCF", str(document.encf)),
        ("Fecha Vencimiento", document.text("id_doc", "fecha_vencimiento_secuencia") or ""),
        ("NCF Modificado", text(reference, "ncf_modificado")),
        ("Código de Modificación", label("codigo_modificacion", code) if code else ""),
    )


def _buyer(comprador: Tree) -> list[Row]:
    return stated(
        ("Razón Social Cliente", text(comprador, "razon_social_comprador")),
        ("RNC Cliente", text(comprador, "rnc_comprador")),
        ("Identificador Extranjero", text(comprador, "identificador_extranjero")),
        ("País", text(comprador, "pais_comprador")),
    )


def _parts(document: Document, lines: list[Line]) -> list[Part]:
    """Cut where the document's page blocks say; the last page has the totals instead of subtotals."""
    cut = [
        Part(
            lines[int(text(block, "no_linea_desde") or 1) - 1 : int(text(block, "no_linea_hasta") or 0)], declared_subtotals(block)
        )
        for block in rows(document.tree, "paginas")
    ]
    return [*cut[:-1], Part(cut[-1].lines, [])] if cut else []
