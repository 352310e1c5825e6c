"""DGII's texts are known whatever their case and accents, and not taken for others that look alike."""

import time
from collections.abc import Callable

import pytest

from shared.dgii import wording


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (wording.says_used, "Este numero de secuencia YA HA SIDO UTILIZADO"),
        (wording.says_used, "La combinación e-NCF y código de seguridad ya han sido utilizados"),
        (wording.says_not_allowed, "El RNC 1 del certificado no está delegado para realizar transaciones."),
        (
            wording.says_not_allowed,
            "El RNC del token no está autorizado a consultar el trackid de este e-NCF, favor verificar que se encuentre delegado "
            "por el emisor y volver a intentarlo.",
        ),
        (wording.says_not_allowed, "Emisor no autorizado para emitir e-CF"),
        (wording.says_certificate_over, "El certificado está expirado"),
        (wording.says_certificate_over, "La firma fue hecha con un certificado no vigente"),
        (wording.says_try_again, "Ha ocurrido un error validando en eCF, favor intentar nueva vez."),
        (wording.says_try_again, "No fue posible procesar la Aprobación comercial. Favor intentar nuevamente"),
        (wording.says_internal, "One or more errors occurred. (A connection attempt failed …)"),
        (wording.says_no_file, "Multipart cannot be empty."),
        (wording.is_commonplace, "Bad Request."),
        (wording.is_commonplace, "408 Request Timeout"),
        (wording.is_commonplace, " "),
    ],
)
def test_a_text_is_known_in_its_spellings(says: Callable[[str], bool], words: str) -> None:
    assert says(words)


@pytest.mark.parametrize("word", ["no esta ", "certificado ", "vencido ", "ya ha sido ", "no a a ", "no ", "9", "a"])
def test_a_megabyte_of_a_word_is_read_in_no_time(word: str) -> None:
    long, began = word * (1024 * 1024 // len(word)), time.thread_time()
    for says in (wording.says_used, wording.says_not_allowed, wording.says_certificate_over, wording.is_commonplace):
        assert not says(long)
    assert time.thread_time() - began < 5


@pytest.mark.parametrize(
    "words",
    [
        "Número de secuencia no autorizada",
        "Fecha de vencimiento de secuencia inválida.",
        "Firma del certificado invalida",
        "La firma del XML no es válida",
        "El campo RNCComprador del área Comprador de la sección Encabezado no es válido.",
        "Conflicto con otro comprobante",
    ],
)
def test_a_remark_on_the_document_is_none_of_these(words: str) -> None:
    told = (wording.says_used, wording.says_not_allowed, wording.says_certificate_over, wording.says_try_again)
    assert not any(says(words) for says in (*told, wording.says_internal, wording.says_no_file, wording.is_commonplace))
