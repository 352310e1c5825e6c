"""Dates and numbers that the clock or the number itself can contradict (format.md §1, §6)."""

from collections.abc import Iterator
from datetime import date

from shared.ecf.codes import finding
from shared.ecf.document import Document
from shared.ecf.encf import ENCF
from shared.ecf.findings import Finding
from shared.ecf.values import read_moment, written_day

Findings = Iterator[Finding]


def check(document: Document, today: date) -> Findings:
    """`today` is the fiscal day; a draft has neither number nor signing time, and is not asked for them."""
    if document.fecha_emision > today:
        value, other = written_day(document.fecha_emision), written_day(today)
        yield finding("ECF-1032", "/emisor/fecha_emision", value=value, other=other)
    yield from _number(document)
    yield from _signing(document, today)


def _number(document: Document) -> Findings:
    written = document.text("id_doc", "encf")
    if written is None:
        return
    try:
        number = ENCF.parse(written)
    except ValueError:
        yield finding("ECF-1035", "/id_doc/encf", value=written, kind=document.tipo)
        return
    if number.tipo != document.tipo or number.secuencia == 0:
        yield finding("ECF-1035", "/id_doc/encf", value=written, kind=document.tipo)


def _signing(document: Document, today: date) -> Findings:
    written = document.text("fecha_hora_firma")
    if written is None:
        return
    try:
        signed = read_moment(written).date()
    except ValueError:
        yield finding("ECF-1034", "/fecha_hora_firma", value=written)
        return
    if signed > today:
        yield finding("ECF-1034", "/fecha_hora_firma", value=written)
    expiry = document.fecha_vencimiento_secuencia
    if expiry is not None and expiry < signed:
        pointer = "/id_doc/fecha_vencimiento_secuencia"
        yield finding("ECF-1033", pointer, value=written_day(expiry), other=written_day(signed))
