"""One JSON value of the caller to the text that stands in the XML, or the faults that keep it out."""

import re
from datetime import date, datetime
from decimal import Decimal

from shared.ecf.clock import SANTO_DOMINGO
from shared.ecf.codes import fault
from shared.ecf.fields import ValueType, label
from shared.ecf.text import cleaned, shown
from shared.errors import FieldError

_DGII_DATE = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{4})")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MANY = 12


def value(type_: ValueType, given: object, name: str, pointer: str) -> str | FieldError:
    """The text of the XML for one value; integers are taken for codes and counters only, never for money."""
    if isinstance(given, str):
        return _text(type_, given, name, pointer)
    if given is None:
        return fault("ECF-0109", pointer, name=name)
    if isinstance(given, bool):
        return fault("ECF-0112", pointer, name=name)
    if isinstance(given, (list, dict)):
        return fault("ECF-0110", pointer, name=name)
    if type_.kind == "decimal":
        return fault("ECF-0111", pointer, name=name, says=type_.says)
    if isinstance(given, int) and type_.kind == "code" and type_.as_integer:
        code = type_.as_integer.get(given)
        return code if code is not None else _not_a_code(type_, given, name, pointer)
    if isinstance(given, int) and type_.kind == "integer" and abs(given) < 10**20:
        return _text(type_, str(given), name, pointer)
    return fault("ECF-0113", pointer, name=name)


def day(text: str) -> date | None:
    """A real date of the years 1900 to 2099 from dd-MM-yyyy or yyyy-MM-dd."""
    if match := _DGII_DATE.fullmatch(text):
        day_, month, year = map(int, match.groups())
    elif match := _ISO_DATE.fullmatch(text):
        year, month, day_ = map(int, match.groups())
    else:
        return None
    try:
        return date(year, month, day_) if 1900 <= year <= 2099 else None
    except ValueError:
        return None


def read_day(text: str) -> date | None:
    """A date out of somebody's XML, where the schema lets day and month have one digit and blanks stand around."""
    parts = text.strip().split("-")
    return day("-".join(part.zfill(2) for part in parts)) if len(parts) == 3 else None


def written_day(moment: date) -> str:
    """DGII's form: dd-MM-yyyy."""
    return f"{moment.day:02d}-{moment.month:02d}-{moment.year:04d}"


def written_moment(moment: datetime) -> str:
    """DGII's form in Dominican time: dd-MM-yyyy HH:mm:ss (a naive value is taken as Dominican already)."""
    local = moment if moment.tzinfo is None else moment.astimezone(SANTO_DOMINGO)
    return f"{written_day(local)} {local.hour:02d}:{local.minute:02d}:{local.second:02d}"


def read_moment(text: str) -> datetime:
    """The instant of a dd-MM-yyyy HH:mm:ss text."""
    return datetime.strptime(text, "%d-%m-%Y %H:%M:%S").replace(tzinfo=SANTO_DOMINGO)


def _text(type_: ValueType, given: str, name: str, pointer: str) -> str | FieldError:
    if type_.known:
        return given if given in type_.known else _not_a_code(type_, given, name, pointer)
    if not given or given.isspace():
        return fault("ECF-0201", pointer, name=name)
    if type_.kind == "date":
        found = day(given)
        written = written_day(found) if found else ""
        if not found or (type_.accepts is not None and not type_.accepts.fullmatch(written)):
            return fault("ECF-0208", pointer, name=name, says=type_.says)
        return written
    if type_.kind in ("decimal", "integer"):
        return _number(type_, given, name, pointer)
    text = cleaned(given, name, pointer, type_.longest)
    if isinstance(text, FieldError):
        return text
    if type_.longest is not None and len(text) > type_.longest:
        return fault("ECF-0205", pointer, name=name, limit=type_.longest, count=len(text))
    if type_.accepts is not None and not type_.accepts.fullmatch(text):
        if type_.name.startswith("rnc"):
            return fault("ECF-0211", pointer, name=name)
        return fault("ECF-0207", pointer, name=name, says=type_.says)
    return text


def _number(type_: ValueType, given: str, name: str, pointer: str) -> str | FieldError:
    if type_.accepts is None or not type_.accepts.fullmatch(given):
        return fault("ECF-0207", pointer, name=name, says=type_.says)
    number = Decimal(given)
    if number == 0 and given[0] == "-":
        return fault("ECF-0207", pointer, name=name, says=type_.says)
    if type_.above and number <= int(type_.above):
        return fault("ECF-0209", pointer, name=name, bound=f"mayor que {type_.above}; si no aplica, quite el campo")
    if type_.min and number < Decimal(type_.min):
        return fault("ECF-0209", pointer, name=name, bound=f"{type_.min} o más")
    if type_.max and number > int(type_.max):
        return fault("ECF-0209", pointer, name=name, bound=f"{type_.max} o menos")
    if type_.total_digits and type_.kind == "integer" and len(given) > int(type_.total_digits):
        return fault("ECF-0207", pointer, name=name, says=type_.says)
    return given


def _not_a_code(type_: ValueType, given: object, name: str, pointer: str) -> FieldError:
    if given == "":
        return fault("ECF-0201", pointer, name=name)
    if type_.name.startswith("municipio"):
        hint = "Use el código de seis dígitos de la tabla de provincias y municipios de la DGII."
    elif len(type_.codes) > _MANY:
        hint = f"Use un código de {type_.codes[0]} a {type_.codes[-1]} de la tabla de la DGII."
        if type_.name == "moneda":
            hint = f"Use {', '.join(type_.codes)}; el peso dominicano no se indica."
    else:
        words = ((code, label(type_.list, code)) for code in type_.codes) if len(type_.codes) > 1 else ()
        hint = "Use " + (", ".join(f"{code} ({word})" for code, word in words) or type_.codes[0]) + "."
    return fault("ECF-0206", pointer, name=name, value=shown(given), hint=hint)
