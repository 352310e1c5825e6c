"""The closed lists of the law that everything else names: environments and document types."""

from enum import IntEnum, StrEnum


class Environment(StrEnum):
    """Path segment of DGII's hosts (Descripción Técnica): pre-certification, certification, production."""

    TESTECF = "testecf"
    CERTECF = "certecf"
    ECF = "ecf"


class TipoECF(IntEnum):
    """TipoeCF, characters 2 and 3 of the e-NCF (Informe Técnico §6.1)."""

    CREDITO_FISCAL = 31
    CONSUMO = 32
    NOTA_DEBITO = 33
    NOTA_CREDITO = 34
    COMPRAS = 41
    GASTOS_MENORES = 43
    REGIMENES_ESPECIALES = 44
    GUBERNAMENTAL = 45
    EXPORTACIONES = 46
    PAGOS_AL_EXTERIOR = 47
