"""Where DGII's services are: two hosts, one path segment an environment (Descripción Técnica)."""

from dataclasses import dataclass

from shared.ecf.types import Environment


@dataclass(frozen=True)
class Hosts:
    """Base URLs by setting: `ecf` for everything, `fc` for the RFCE and its consulta, `status` for the status service, if any."""

    ecf: str
    fc: str
    status: str = ""

    def ecf_url(self, environment: Environment, path: str) -> str:
        return f"{self.ecf.rstrip('/')}/{environment}/{path}"

    def fc_url(self, environment: Environment, path: str) -> str:
        return f"{self.fc.rstrip('/')}/{environment}/{path}"


HAS_NO_CONSULTAS = frozenset({Environment.CERTECF})
"""Certification offers neither consulta de trackIds nor consulta de estado, nor directorio, nor anulación."""
