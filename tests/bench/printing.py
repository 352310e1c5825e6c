"""One A4 page in a warm child, replaced every hundred prints, and its linter apart, against WeasyPrint's least page."""

import subprocess
import sys

from tests.bench.figures import Figure
from tests.places import ROOT

PRINTS_A_CHILD = 100
CHILDREN = 3
CHILD = f"""
import statistics, time
from weasyprint import HTML
from functions.ri.layout import Look, Paper
from functions.ri.linter import faults
from functions.ri.canvas import File
from functions.ri.render import confine
from functions.ri.sheet import compose
from functions.ri.stamp import symbol
from tests.functions.ri.documents import CODE, LINE, BUYER, document_xml
from tests.functions.ri.prints import NAME, RENDERER, asked, document
from shared.ecf.qr import address
from shared.ecf.types import Environment
confine()
def least(n):
    HTML(string="<p>" + str(n)).write_pdf()
def drawing(n):
    made = document(XMLS[n])
    file = File(NAME, XMLS[n], made.fecha_hora_firma)
    PRINTS.append(RENDERER.print(compose(made, CODE), Look(), Paper.A4, file, symbol(address(Environment.TESTECF, made, CODE))))
def judging(n):
    assert faults(PRINTS[n], ASKED[n]) == []
XMLS = [document_xml(31, [LINE | {{"precio_unitario_item": str(500 + n) + ".00"}}], BUYER) for n in range({PRINTS_A_CHILD})]
ASKED, PRINTS = [asked(xml) for xml in XMLS], []
for n in range(5):
    least(n), drawing(n), judging(n)
PRINTS.clear()
taken = {{}}
for n in range({PRINTS_A_CHILD}):
    for act in (least, drawing, judging):
        began = time.process_time()
        act(n)
        taken.setdefault(act.__name__, []).append(time.process_time() - began)
print(*(statistics.median(taken[name]) for name in ("least", "drawing", "judging")))
"""


def run() -> list[Figure]:
    rows = []
    for _ in range(CHILDREN):
        done = subprocess.run([sys.executable, "-c", CHILD], cwd=ROOT, capture_output=True, text=True, check=True)
        rows.append([1000 * part for part in map(_seconds, done.stdout.split())])
    least, drawing, judging = (sorted(column)[CHILDREN // 2] for column in zip(*rows, strict=True))
    detail = f"{drawing:.1f} ms of processor, the least page {least:.1f} ms"
    return [
        Figure("A4 page in a warm child of WeasyPrint's least", drawing / least, "<=", 3.0, detail),
        Figure("linter apart of the drawing", judging / drawing, "<=", 1.5, f"{judging:.1f} ms"),
    ]


_seconds = float
