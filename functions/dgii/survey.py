"""Which numbers of a company DGII knows, asked one by one after a restore and told page by page."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from functions.dgii import clients, doubts
from functions.dgii.clients import Client
from functions.dgii.gateway import Authority
from shared.db.engine import Transaction
from shared.dgii.answers import FINAL, Estado, Tracking
from shared.dgii.client import Dgii
from shared.dgii.environments import HAS_NO_CONSULTAS
from shared.ecf.encf import ENCF
from shared.ecf.types import TipoECF
from shared.errors import Unavailable
from shared.events.envelope import Envelope
from shared.events.sequences import Known, NumbersSurveyed, ReconciliationBegan, Window
from shared.flow.work import Job, backoff
from shared.http.shell import Shell

SURVEY = "survey"
PAGE = 100
_LONGEST_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True)
class Place:
    """Where a survey is: the page to come, its window, its first number (None: the window's), and the misses before it."""

    page: int = 1
    window: int = 0
    following: int | None = None
    misses: int = 0


@dataclass(frozen=True)
class Page:
    """The numbers from `desde` to `hasta`, what DGII knows of them, the misses at the end, and whether the window is through."""

    desde: int
    hasta: int
    known: list[Known]
    misses: int
    through: bool


def take_began(shell: Shell[Authority], tx: Transaction, event: ReconciliationBegan, envelope: Envelope) -> None:
    """Ask for the numbers, and doubt whatever this backup believes unsent: it may have been sent since."""
    doubts.doubt(tx, tx.tenant)
    shell.work.add(tx, SURVEY, event.reconciliation_id, {"asked": event.model_dump(), "place": asdict(Place())})


def survey(shell: Shell[Authority], job: Job) -> None:
    """One page. What DGII does not answer now is asked again later, however long that takes."""
    asked, place = ReconciliationBegan.model_validate(job.payload["asked"]), Place(**job.payload["place"])
    now = datetime.now(UTC)
    with shell.transaction(job.tenant) as tx:
        client = clients.client(tx, now)
        if client.environment in HAS_NO_CONSULTAS:
            shell.work.bury(tx, job, "DGII has no consulta here: look at its portal, then release the company")
            return
    window = asked.windows[place.window]
    try:
        page = examine(window, place, asked.margin, lambda encf: _known(shell.outside, job.tenant, client, encf))
    except Unavailable:
        with shell.transaction(job.tenant) as tx:
            shell.work.postpone(tx, job, backoff(job.attempts, cap=_LONGEST_PAUSE))
        return
    last = page.through and place.window + 1 == len(asked.windows)
    told = NumbersSurveyed(
        reconciliation_id=asked.reconciliation_id,
        sequence_id=window.sequence_id,
        tipo_ecf=window.tipo_ecf,
        desde=page.desde,
        hasta=page.hasta,
        known=page.known,
        pages=place.page if last else None,
        observed_at=now.isoformat(),
    )
    with shell.transaction(job.tenant) as tx:
        shell.announce(tx, told, subject=asked.reconciliation_id, sequence=place.page)
        if last:
            shell.work.finish(tx, job)
        else:
            shell.work.postpone(tx, job, timedelta(), payload=job.payload | {"place": asdict(following(place, page))})


def examine(window: Window, place: Place, margin: int, ask: Callable[[ENCF], Known | None]) -> Page:
    """The next numbers of a window, until the page is full, the window ends, or `margin` numbers in a row are unknown."""
    first = place.following or window.desde
    known, misses, secuencia = list[Known](), place.misses, first
    for secuencia in range(first, min(first + PAGE - 1, window.hasta) + 1):
        found = ask(ENCF(TipoECF(window.tipo_ecf), secuencia))
        known += [found] if found else []
        misses = 0 if found else misses + 1
        if misses >= margin and not window.whole:
            break
    through = secuencia == window.hasta or (misses >= margin and not window.whole)
    return Page(first, secuencia, known, misses, through)


def following(place: Place, page: Page) -> Place:
    """After this page: the window goes on, or the next one begins."""
    if page.through:
        return Place(place.page + 1, place.window + 1)
    return Place(place.page + 1, place.window, page.hasta + 1, page.misses)


def _known(authority: Authority, tenant: str, client: Client, encf: ENCF) -> Known | None:
    """By the trackIds of the number; a small consumo has none, and its state is asked for."""

    def ask(dgii: Dgii, token: str) -> Known | None:
        tracking = _weightiest(dgii.track_ids(token, client.rnc, str(encf)).rows)
        if tracking is not None:
            return Known(secuencia=encf.secuencia, estado=tracking.estado.name.lower(), track_id=tracking.track_id)
        if encf.tipo is not TipoECF.CONSUMO:
            return None
        state = dgii.state(token, client.rnc, str(encf), "", "")
        known = state.estado is not Estado.NO_ENCONTRADO
        return Known(secuencia=encf.secuencia, estado=state.estado.name.lower(), track_id=None) if known else None

    return authority.ask(tenant, client.environment, client.certificate_id, ask)


def _weightiest(trackings: tuple[Tracking, ...]) -> Tracking | None:
    """Acceptance before process before rejection; None when DGII has none of them."""
    weights = {Estado.EN_PROCESO: 1, Estado.RECHAZADO: 2}
    seen = [tracking for tracking in trackings if tracking.estado in FINAL | {Estado.EN_PROCESO}]
    return min(seen, key=lambda tracking: weights.get(tracking.estado, 0), default=None)
