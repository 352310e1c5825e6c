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


SERIES_B = {
    TipoECF.CREDITO_FISCAL: "B01",
    TipoECF.CONSUMO: "B02",
    TipoECF.NOTA_DEBITO: "B03",
    TipoECF.NOTA_CREDITO: "B04",
    TipoECF.COMPRAS: "B11",
    TipoECF.GASTOS_MENORES: "B13",
    TipoECF.REGIMENES_ESPECIALES: "B14",
    TipoECF.GUBERNAMENTAL: "B15",
    TipoECF.EXPORTACIONES: "B16",
    TipoECF.PAGOS_AL_EXTERIOR: "B17",
}
"""The paper series that each type stands for in a contingency (Norma 06-2018)."""
