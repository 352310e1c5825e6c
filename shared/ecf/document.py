"""A fiscal document: its kind, its tree, what is read from it, and the way in from the JSON body."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from shared.ecf import intake
from shared.ecf.encf import ENCF
from shared.ecf.fields import model
from shared.ecf.tree import Tree, Value, arranged, branch, rows
from shared.ecf.types import TipoECF
from shared.ecf.values import read_day, read_moment, written_day, written_moment


@dataclass(frozen=True)
class Document:
    """`kind` is the type of e-CF ("31" … "47") or the name of another format ("RFCE"); `tree` is not to be changed."""

    kind: str
    tree: Tree

    def numbered(self, encf: ENCF, *, vencimiento: date | None, firma: datetime) -> "Document":
        """The document with what we assign: number, expiry of its range (unless the type has none) and signing time."""
        if f"{encf.tipo:d}" != self.kind:
            raise ValueError(f"{encf} is not a number for a document of type {self.kind}")
        node = model(self.kind)
        id_doc = dict(branch(self.tree, "id_doc"))
        id_doc["encf"] = str(encf)
        if "fecha_vencimiento_secuencia" in node.members["id_doc"].members:
            if vencimiento is None:
                raise ValueError(f"a document of type {self.kind} needs the expiry date of its range")
            id_doc["fecha_vencimiento_secuencia"] = written_day(vencimiento)
        tree = dict(self.tree)
        tree["id_doc"] = arranged(node.members["id_doc"], id_doc)
        tree["fecha_hora_firma"] = written_moment(firma)
        return Document(self.kind, arranged(node, tree))

    def text(self, *path: str) -> str | None:
        """The text at a path of names; None when it is not there."""
        here: Value = self.tree
        for name in path:
            if not isinstance(here, dict) or name not in here:
                return None
            here = here[name]
        return here if isinstance(here, str) else None

    def _needed(self, *path: str) -> str:
        """The text at a path, or at its last name in the formats that are flat (ARECF, ACECF, ANECF)."""
        found = self.text(*path)
        if found is None:
            found = self.text(path[-1])
        if found is None:
            raise LookupError(f"the document has no {'.'.join(path)}")
        return found

    @property
    def tipo(self) -> TipoECF:
        found = self.text("id_doc", "tipo_ecf")
        return TipoECF(int(found)) if found is not None else self.encf.tipo

    @property
    def encf(self) -> ENCF:
        return ENCF.parse(self._needed("id_doc", "encf"))

    @property
    def rnc_emisor(self) -> str:
        return self._needed("emisor", "rnc_emisor")

    @property
    def razon_social_emisor(self) -> str:
        return self._needed("emisor", "razon_social_emisor")

    @property
    def fecha_emision(self) -> date:
        found = read_day(self._needed("emisor", "fecha_emision"))
        if found is None:
            raise LookupError("fecha_emision is not a date")
        return found

    @property
    def rnc_comprador(self) -> str | None:
        return self.text("comprador", "rnc_comprador") or self.text("rnc_comprador")

    @property
    def razon_social_comprador(self) -> str | None:
        return self.text("comprador", "razon_social_comprador")

    @property
    def monto_total(self) -> Decimal:
        return Decimal(self._needed("totales", "monto_total"))

    @property
    def fecha_vencimiento_secuencia(self) -> date | None:
        found = self.text("id_doc", "fecha_vencimiento_secuencia")
        return read_day(found) if found else None

    @property
    def fecha_hora_firma(self) -> datetime:
        return read_moment(self._needed("fecha_hora_firma"))

    @property
    def codigo_seguridad(self) -> str | None:
        return self.text("codigo_seguridad_ecf")

    @property
    def items(self) -> list[Tree]:
        return rows(self.tree, "items")


def parse(payload: object, *, emisor: Mapping[str, object], today: date) -> Document:
    """The body of `POST /tenant/emit/ecf` to a document without e-NCF.

    `emisor` holds the issuing company's own data under the JSON names of the table; the body may override all but its RNC.
    `today` is the fiscal day (America/Santo_Domingo), used when the body gives no fecha_emision.
    Raises InvalidInput with every fault found.
    """
    return Document(*intake.read(payload, emisor=emisor, today=today))
