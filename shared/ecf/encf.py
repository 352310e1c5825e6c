"""The e-NCF: E, two digits of TipoeCF, ten of sequence."""

import re
from dataclasses import dataclass

from shared.ecf.types import TipoECF


@dataclass(frozen=True, order=True)
class ENCF:
    """Número de comprobante fiscal electrónico, e.g. E310000000005 (Informe Técnico §7; only series E is in use)."""

    tipo: TipoECF
    secuencia: int

    @classmethod
    def parse(cls, text: str) -> "ENCF":
        """Thirteen characters to a value; ValueError says what was read."""
        match = re.fullmatch(r"E(31|32|33|34|41|43|44|45|46|47)([0-9]{10})", text)
        if not match:
            raise ValueError(f"not an e-NCF: {text!r}")
        return cls(TipoECF(int(match[1])), int(match[2]))

    def __str__(self) -> str:
        return f"E{self.tipo:d}{self.secuencia:010d}"
