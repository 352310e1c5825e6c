"""What a company's owners are written about, each in words that say what happened and what to do. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage

from functions.notify.domain import News, Owner
from functions.notify.letters import Letter, day, made, moment, plain
from shared.ecf.clock import fiscal_day
from shared.events.authority import SubmissionAlarmed
from shared.events.certificates import CertificateExpiring
from shared.events.contingency import ContingencyDue
from shared.events.remission import EcfRemissionDue
from shared.events.sequences import SequenceRunningLow, SequenceStopped
from shared.events.voidings import VoidingAnswered

_LISTED = 5


@dataclass(frozen=True)
class Trouble:
    """One code of `submission.alarmed`. In `happened`, `{encf}` and `{whose}` stand for the document and the company."""

    subject: str
    happened: str
    advice: str


TROUBLES = {
    "FIRMANTE_BLOQUEADO": Trouble(
        "La DGII no acepta a quien firma los comprobantes",
        "La DGII no acepta a quien firma los comprobantes {whose}: ni el {encf} ni los siguientes le llegan mientras siga así.",
        "Revise en la Oficina Virtual de la DGII que el firmante esté delegado y que su certificado esté vigente. Lo intentamos de "
        "nuevo cada media hora; vea aquí los comprobantes que esperan:",
    ),
    "EN_PROCESO_VENCIDO": Trouble(
        "Un comprobante lleva más de un día sin respuesta de la DGII",
        "El {encf} {whose} lleva más de un día en proceso en la DGII, que todavía no lo acepta ni lo rechaza.",
        "No lo emita otra vez. Le seguimos preguntando a la DGII; pregúntele usted también por él y vea aquí cada paso:",
    ),
    "SIN_VEREDICTO": Trouble(
        "Un comprobante lleva más de un día sin llegar a la DGII",
        "El {encf} {whose} se envió hace más de un día y la DGII no responde por él: no dice si lo tiene.",
        "No lo emita otra vez. Lo seguimos intentando, siempre el mismo comprobante; vea aquí cada paso:",
    ),
    "ENVIO_DETENIDO": Trouble(
        "El envío de un comprobante está detenido",
        "El envío del {encf} {whose} está detenido: lo que falta debe decidirlo una persona.",
        "No lo emita otra vez, porque la DGII puede tenerlo ya. Vea aquí lo que respondió y decida con quien le da soporte:",
    ),
    "TRACK_ID_AJENO": Trouble(
        "La DGII respondió con el acuse de otro comprobante",
        "La DGII respondió al envío del {encf} {whose} con el trackId de otro comprobante. No lo tomamos por bueno.",
        "No tiene que hacer nada: le preguntamos a la DGII por el e-NCF. Si mañana sigue sin respuesta, pregúntele usted:",
    ),
    "TRACK_ID_VACIO": Trouble(
        "La DGII respondió con un acuse vacío",
        "La DGII respondió al envío del {encf} {whose} con un acuse sin trackId. No lo tomamos por bueno.",
        "No tiene que hacer nada: le preguntamos a la DGII por el e-NCF. Si mañana sigue sin respuesta, pregúntele usted:",
    ),
    "RESPUESTA_AJENA": Trouble(
        "La DGII respondió sobre un comprobante que no es el suyo",
        "Al preguntarle por el {encf} {whose}, la DGII respondió sobre otro emisor, e-NCF o trackId. No lo tomamos por bueno.",
        "No lo emita otra vez: le seguimos preguntando. Repórtelo a la DGII con la evidencia que está aquí:",
    ),
    "VEREDICTO_CONTRADICHO": Trouble(
        "La DGII cambió su veredicto sobre un comprobante",
        "La DGII ya había dado un veredicto final sobre el {encf} {whose}, y ahora dice otro. Para nosotros vale el primero.",
        "Búsquelo en la Oficina Virtual de la DGII y pídale que diga cuál vale. Vea aquí lo que respondió cada vez:",
    ),
}
_OTHER_TROUBLE = Trouble(
    "Un comprobante necesita que usted lo mire",
    "El envío del {encf} {whose} a la DGII no acabará solo: una persona debe mirarlo.",
    "No lo emita otra vez. Vea aquí cada paso y lo que respondió la DGII:",
)


def letter(news: News, owner: Owner, *, sender: str, portal: str) -> EmailMessage:
    """The whole mail; its link holds no secret, and who follows it logs in. AddressUnusable."""
    company = plain(owner.company_name)
    page, written = _written(news, f"de {company}" if company else "de su empresa")
    return made(written, f"{portal}{page}", owner, sender)


def _written(news: News, whose: str) -> tuple[str, Letter]:
    """The portal's page where something can be done, and the words."""
    match news:
        case CertificateExpiring():
            return "/certificados", _expiring(news, whose)
        case SequenceRunningLow():
            return "/secuencias", _running_low(news, whose)
        case SequenceStopped():
            return "/secuencias", _stopped(news, whose)
        case SubmissionAlarmed():
            return "/comprobantes", _alarmed(news, whose)
        case EcfRemissionDue():
            return "/contingencias", _due(news, whose)
        case ContingencyDue(deadline="paper"):
            return "/contingencias", _paper_ends(news, whose)
        case ContingencyDue():
            return "/contingencias", _replacement_due(news, whose)
        case VoidingAnswered():
            return "/secuencias", _unclear(whose)


def _expiring(news: CertificateExpiring, whose: str) -> Letter:
    ends = datetime.fromisoformat(news.not_after)
    left = "queda 1 día" if news.days_left == 1 else f"quedan {news.days_left} días"
    return Letter(
        subject=f"El certificado digital {whose} vence el {day(fiscal_day(ends))}",
        before=(
            f"Al certificado que firma los comprobantes {whose} le {left}: vence el {moment(ends)} (hora dominicana).",
            f"Está a nombre de {plain(news.holder_name)}. Después de esa hora no se puede emitir con él.",
            "Pida uno nuevo a su entidad de certificación y súbalo aquí antes de que venza:",
        ),
        button="Subir el certificado nuevo",
        after=("El nuevo entra en uso sin que usted haga nada más. Si ya lo subió, puede ignorar este correo.",),
    )


def _running_low(news: SequenceRunningLow, whose: str) -> Letter:
    those = f"la secuencia de e-NCF tipo {news.tipo_ecf} {whose}{_branch(news.sucursal)}"
    left = "queda 1 número" if news.remaining == 1 else f"quedan {news.remaining} números"
    match news.reason, news.days_left, news.vencimiento:
        case "expiry", int(days), str(until):
            last = day(date.fromisoformat(until))
            subject = f"Una secuencia de e-NCF tipo {news.tipo_ecf} {whose} vence el {last}"
            happened = f"Vence {_in_days(days)}, el {last}, {those}. Le {left}, que después ya no se pueden usar."
        case "exhaustion", int(days), _:
            subject = f"Se acaban los e-NCF tipo {news.tipo_ecf} {whose}"
            happened = f"Al ritmo de las dos últimas semanas, {those} se acaba {_in_days(days)}: le {left}."
        case _:
            subject = f"Quedan pocos e-NCF tipo {news.tipo_ecf} {whose}"
            happened = f"Ya se usó más de nueve décimos de {those}: le {left}."
    return Letter(
        subject=subject,
        before=(happened, "Sin números no se puede emitir. Pida otra secuencia a la DGII y regístrela aquí antes de eso:"),
        button="Registrar otra secuencia",
        after=("Si ya registró otra, puede ignorar este correo.",),
    )


def _in_days(days: int) -> str:
    return {0: "hoy", 1: "en 1 día"}.get(days, f"en {days} días")


def _stopped(news: SequenceStopped, whose: str) -> Letter:
    return Letter(
        subject=f"Detuvimos una secuencia de e-NCF tipo {news.tipo_ecf} {whose}",
        before=(
            f"La DGII dice que el {news.encf} {whose} ya está usado, y de nosotros nunca lo recibió: alguien más lo usó.",
            "Para que no se repitan números, detuvimos su secuencia: no da más hasta que una persona la reanude.",
            "Averigüe quién más emite con ella (otro sistema, una sucursal, un proveedor anterior) y, cuando ya nadie más la use, "
            "reanúdela aquí:",
        ),
        button="Ver la secuencia",
        after=("Si tiene otra secuencia de ese tipo, se puede seguir emitiendo con ella.",),
    )


def _alarmed(news: SubmissionAlarmed, whose: str) -> Letter:
    trouble = TROUBLES.get(news.code, _OTHER_TROUBLE)
    return Letter(
        subject=f"{trouble.subject}: {news.encf}",
        before=(trouble.happened.format(encf=news.encf, whose=whose), trouble.advice),
        button="Ver los comprobantes",
        after=("Puede pasarles lo mismo a otros comprobantes: los verá en la misma página.",),
    )


def _unclear(whose: str) -> Letter:
    return Letter(
        subject=f"No está claro qué e-NCF {whose} anuló la DGII",
        before=(
            f"La DGII no dijo con claridad cuáles de los e-NCF {whose} que usted mandó a anular quedaron anulados.",
            "Los apartamos todos: no se emite con ninguno. No los use en otro sistema.",
            "Pregunte a la DGII cuáles anuló. Vea aquí la anulación y lo que respondió:",
        ),
        button="Ver la anulación",
        after=(
            "Si lo que no acepta es a quien firma, revise su delegación y su certificado en la Oficina Virtual: lo intentamos de "
            "nuevo cada media hora.",
        ),
    )


def _branch(sucursal: str | None) -> str:
    return f" (sucursal {plain(sucursal)})" if sucursal else ""


def _due(news: EcfRemissionDue, whose: str) -> Letter:
    until = moment(datetime.fromisoformat(news.remitir_hasta))
    these = "1 comprobante" if news.count == 1 else f"{news.count} comprobantes"
    more = news.count - len(news.encfs[:_LISTED])
    named = ", ".join(news.encfs[:_LISTED]) + (f" y {more} más" if more > 0 else "")
    if news.phase == "near":
        subject = f"Se acaba el plazo para enviar {these} {whose} a la DGII"
        happened = f"La DGII todavía no tiene {these} {whose}. El primer plazo vence el {until} (hora dominicana)."
    else:
        subject = f"Venció el plazo para enviar {these} {whose} a la DGII"
        happened = f"La DGII todavía no tiene {these} {whose}, y ya venció el plazo: el primero, el {until} (hora dominicana)."
    return Letter(
        subject=subject,
        before=(
            happened,
            f"Por orden de su plazo: {named}.",
            "Los enviamos en cuanto se pueda: no los emita otra vez. Si usted declaró que no tenía conexión y ya la tiene, termine "
            "la contingencia aquí:",
        ),
        button="Ver la contingencia",
        after=("Si la DGII no los recibe a tiempo, conserve este correo y pregúntele a ella cómo ponerse al día.",),
    )


def _paper_ends(news: ContingencyDue, whose: str) -> Letter:
    last, where = day(date.fromisoformat(news.until)), _branch(news.sucursal)
    if news.phase == "near":
        subject = f"Se acaban los días de papel de la contingencia {whose}"
        happened = f"El {last} es el último día en que valen los comprobantes de serie B de la contingencia {whose}{where}."
        advice = "La ley da 15 días. Vuelva a emitir comprobantes electrónicos antes de esa fecha y termine la contingencia aquí:"
    else:
        subject = f"Ya no vale el papel de la contingencia {whose}"
        happened = f"El {last} fue el último día en que valían los comprobantes de serie B de la contingencia {whose}{where}."
        advice = "No entregue más papel. Declare la salida en la Oficina Virtual de la DGII y termine la contingencia aquí:"
    return Letter(
        subject=subject,
        before=(happened, advice),
        button="Ver la contingencia",
        after=("Desde que termine tiene 30 días para enviar los e-CF que reemplazan ese papel.",),
    )


def _replacement_due(news: ContingencyDue, whose: str) -> Letter:
    last, where = day(date.fromisoformat(news.until)), _branch(news.sucursal)
    these = "1 comprobante de papel" if news.pending == 1 else f"{news.pending} comprobantes de papel"
    if news.phase == "near":
        subject = f"Se acaba el plazo para reemplazar {these} {whose}"
        happened = f"Faltan los e-CF que reemplazan {these} de la contingencia {whose}{where}. El plazo vence el {last}."
    else:
        subject = f"Venció el plazo para reemplazar {these} {whose}"
        happened = f"Faltan los e-CF que reemplazan {these} de la contingencia {whose}{where}. El plazo venció el {last}."
    return Letter(
        subject=subject,
        before=(happened, "Emítalos con código de modificación 4, solo para la DGII. Vea aquí cuáles faltan:"),
        button="Ver lo que falta",
        after=("Si no llegan a tiempo, conserve este correo y pregúntele a la DGII cómo ponerse al día.",),
    )
