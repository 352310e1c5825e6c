"""The command line's grammar, in Spanish, with examples: what `python -m shared.ecf --help` says."""

import argparse
from datetime import date, datetime

from shared.ecf.exchange import moment
from shared.ecf.fields import KINDS
from shared.ecf.findings import Verdict
from shared.ecf.screen import Parser
from shared.ecf.types import Environment
from shared.ecf.values import day

PROGRAM = "python -m shared.ecf"
_EXIT = """
estado de salida:
  0  todo bien
  1  algún documento fue rechazado (validate), no verifica (verify) o no se puede producir
  2  algún archivo no se pudo leer, o la orden está mal escrita
"""
_EXAMPLES = """
ejemplos:
  {p} validate factura.xml otra.xml          esquema de la DGII y reglas; XML con o sin firma, o nuestro JSON
  {p} read factura.xml > factura.json        del XML a nuestro JSON
  {p} build factura.json > factura.xml       de nuestro JSON al XML sin firma
  {p} build cuerpo.json --encf E310000000001 --vencimiento 31-12-2028 --firma "24-11-2026 10:00:00"
  {p} recompute factura.xml                  descarta los montos que salen de las líneas y los calcula de nuevo
  {p} verify firmada.xml --anchor ca.pem     firma, contenido y certificado
  {p} qr firmada.xml --terminal              dirección del timbre, y el QR en la pantalla
  {p} rules --kind 34 --json                 catálogo de reglas
  cat factura.xml | {p} validate - --json    «-» es la entrada estándar; --json da un objeto por archivo
"""


def _day(text: str) -> date:
    found = day(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"«{text}» no es una fecha; use dd-MM-yyyy")
    return found


def _moment(text: str) -> datetime:
    found = moment(text) or (moment(f"{text} 00:00:00") if day(text) else None)
    if found is None:
        raise argparse.ArgumentTypeError(f"«{text}» no es una fecha y hora; use «dd-MM-yyyy HH:mm:ss»")
    return found


def parser() -> Parser:
    """Every command with its options; `--help` is enough to use them."""
    whole = Parser(
        prog=PROGRAM, description="Los e-CF de la DGII desde la línea de órdenes.", epilog=_EXAMPLES.format(p=PROGRAM) + _EXIT
    )
    made = whole.add_subparsers(dest="command", required=True, title="órdenes", metavar="ORDEN")

    def command(name: str, help_: str, example: str, *, files: bool = True) -> Parser:
        added = made.add_parser(
            name, help=help_, description=help_[0].upper() + help_[1:] + ".", epilog=f"ejemplo:\n  {PROGRAM} {example}\n{_EXIT}"
        )
        if files:
            added.add_argument("files", nargs="+", metavar="ARCHIVO", help="un archivo, o «-» para la entrada estándar")
        added.add_argument("--json", action="store_true", help="salida para programas: un objeto JSON por línea")
        return added

    validate = command("validate", "esquema y reglas de un XML o de un cuerpo JSON", "validate *.xml --json")
    build = command("build", "de nuestro JSON al XML sin firma", "build factura.json --encf E310000000001 > factura.xml")
    for one in (validate, build):
        one.add_argument("--today", type=_day, metavar="FECHA", help="día fiscal con que se juzga (por omisión, hoy)")
        one.add_argument(
            "--emisor", metavar="ARCHIVO", help="JSON con los datos de la empresa emisora (rnc_emisor, razon_social_emisor…)"
        )
    validate.add_argument("--strict", action="store_true", help="rechaza también lo que la DGII aceptaría condicionalmente")
    build.add_argument("--encf", help="número del comprobante; por omisión, el que traiga el JSON")
    build.add_argument("--vencimiento", metavar="FECHA", help="vencimiento de la secuencia, dd-MM-yyyy")
    build.add_argument(
        "--firma", metavar="MOMENTO", help="fecha y hora de firma, «dd-MM-yyyy HH:mm:ss»; por omisión, la del JSON o ahora"
    )
    command("read", "del XML, con o sin firma, a nuestro JSON", "read factura.xml > factura.json")
    recompute = command(
        "recompute", "vuelve a calcular los montos que la ley deriva de las líneas", "recompute factura.xml -o corregida.xml"
    )
    for one in (build, recompute):
        one.add_argument(
            "-o", "--output", metavar="DESTINO", help="archivo, o carpeta si son varios (por omisión, la salida estándar)"
        )
    verify = command("verify", "firma de un XML: contenido, valor y certificado", "verify recibida.xml --anchor ca.pem")
    verify.add_argument(
        "--anchor", action="append", metavar="PEM", help="certificado de una autoridad en la que se confía (se puede repetir)"
    )
    verify.add_argument(
        "--at", type=_moment, metavar="MOMENTO", help="cuándo debe ser válido el certificado (por omisión, FechaHoraFirma)"
    )
    verify.add_argument("--strict", action="store_true", help="sin perdonar los espacios añadidos después de firmar")
    qr = command(
        "qr",
        "dirección del timbre de un documento firmado (no verifica la firma)",
        "qr firmada.xml --environment ecf --png timbre.png",
    )
    qr.add_argument(
        "--environment",
        choices=[str(one) for one in Environment],
        default=str(Environment.ECF),
        metavar="AMBIENTE",
        help="testecf, certecf o ecf (por omisión)",
    )
    qr.add_argument("--codigo", metavar="CODIGO", help="código de seguridad, para un documento sin firma")
    qr.add_argument("--png", metavar="DESTINO", help="dibuja el QR (un solo archivo)")
    qr.add_argument("--svg", metavar="DESTINO", help="lo mismo, en vectores")
    qr.add_argument("--terminal", action="store_true", help="lo mismo, en la pantalla")
    rules = command(
        "rules",
        "catálogo de códigos: qué se revisa, con qué veredicto y de dónde sale",
        "rules --code ECF-21 --verdict rechazado",
        files=False,
    )
    rules.add_argument("--code", default="", metavar="PREFIJO", help="solo los que empiezan así")
    rules.add_argument("--verdict", choices=[str(one) for one in Verdict], help="solo los de ese veredicto")
    rules.add_argument("--kind", choices=KINDS, metavar="TIPO", help="solo los de ese documento (31…47, RFCE, ARECF, ACECF, ANECF)")
    rules.add_argument("--text", default="", metavar="TEXTO", help="solo los que lo mencionan")
    return whole
