"""Bodies that nobody wrote: junk, and answers with DGII's names and anything in them."""

import json

from hypothesis import strategies as st

_NAMES = [
    *("codigo", "Codigo", "estado", "mensajes", "mensaje", "message", "error", "errors", "detail", "valor", "title"),
    *("trackId", "secuenciaUtilizada", "rnc", "fechaRecepcion", "token", "expira", "expedido"),
    *("servicio", "estatus", "ambiente", "ventanaMantenimientos", "dias", "horaInicio", "horaFin"),
]
_WORDS = [
    *("", "1", "01", "4", "004", "1209", "9" * 5000, "true", "Aceptado", "Rechazado", "No encontrado", "\x00", "\ud800"),
    *("2026-11-24T10:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59", "Produccion", "Disponible"),
]
_DAYS = st.sampled_from(["31-12-9999", "01-01-0001", "24-11-2026"])
_words = st.sampled_from(_WORDS)
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=5),
    max_leaves=12,
)
_tokens = st.fixed_dictionaries(dict.fromkeys(("token", "expira", "expedido"), _words))
_hours = st.sampled_from(["11:59 PM", "12:00 AM", "25:00 PM"]) | _words
_window = st.fixed_dictionaries(
    {"ambiente": st.just("Produccion"), "horaInicio": _hours, "horaFin": _hours, "dias": st.lists(_DAYS | _words, min_size=1)}
)
_windows = _window.map(lambda window: {"ventanaMantenimientos": [window]})

anything = (
    st.binary(max_size=300)
    | st.text(alphabet='{}[]",:0123nulrtaecodig<>/', max_size=60).map(str.encode)
    | (_values | _tokens | _windows).map(lambda value: json.dumps(value).encode())
)
