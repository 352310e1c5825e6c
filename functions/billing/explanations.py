"""What a document's trail says to people: one Spanish sentence for each step, ours and those on the way to DGII. Pure."""

from collections.abc import Mapping
from typing import Any

_STEPS = {
    "numbered": "El comprobante recibió su e-NCF.",
    "signed": "El comprobante quedó firmado: sus bytes ya no cambian.",
    "signing_refused": "No se pudo firmar. El número queda sin usar y se emitirá primero la próxima vez.",
    "waiting_for_original": "Espera el veredicto de la DGII sobre el comprobante que modifica.",
    "released": "El comprobante que modifica tiene veredicto: sigue su camino a la DGII.",
    "withdrawn": "La DGII rechazó el comprobante que modificaba, así que no se envía. El número queda sin usar.",
    "withdrawal_asked": "Se pidió retirarlo antes de enviarlo a la DGII.",
    "withdrawal_refused": "No se puede retirar: puede que la DGII ya lo tenga. Se espera su veredicto.",
    "retired": "Se retiró sin que la DGII lo tuviera. El número no se emite otra vez: anúlelo.",
    "held": "Se emitió en contingencia o con envío diferido: se remitirá a la DGII dentro del plazo.",
    "remission_near": "Se acerca el plazo para remitirlo a la DGII.",
    "remission_overdue": "Pasó el plazo para remitirlo a la DGII: remítalo cuanto antes.",
    "submitted": "La DGII recibió el comprobante.",
    "accepted": "La DGII aceptó el comprobante.",
    "accepted_conditionally": "La DGII aceptó el comprobante con observaciones: es válido; corríjalas en los próximos.",
    "rejected": "La DGII rechazó el comprobante.",
    "outcome_unknown": "No se sabe qué hizo la DGII con el comprobante.",
    "contradicted": "La DGII dijo algo distinto de su veredicto: vale el primero.",
    "explained": "La DGII dio noticia del comprobante.",
    "alarmed": "Lo que dijo la DGII no puede ser o no acabará solo: una persona debe mirarlo.",
}
_REASONS = {
    "ENVIADO": "La DGII recibió el comprobante y le dio un trackId.",
    "REENVIADO": "Se reenviaron los mismos bytes y la DGII les dio un trackId.",
    "HALLADO": "Se le preguntó a la DGII por el e-NCF antes de reenviar y ya lo tenía en proceso: no se reenvió.",
    "RESPUESTA_PERDIDA": "La respuesta de la DGII no llegó: puede que lo tenga. Se le preguntará por el e-NCF antes de reenviar.",
    "NO_HALLADO": "La respuesta de la DGII no llegó; se le preguntó por el e-NCF antes de reenviar y no lo tenía. "
    "Se le seguirá preguntando durante la espera.",
    "NO_CONSULTABLE": "La respuesta de la DGII no llegó y este ambiente no tiene consulta del e-NCF: se espera antes de reenviar.",
    "CUARENTENA_CUMPLIDA": "Terminó la espera y la DGII sigue sin tenerlo: se le reenvían los mismos bytes.",
    "FALLO_DGII": "La DGII falló por dentro (mensaje 004). No es un rechazo: se le reenvían los mismos bytes.",
    "SIN_SERVICIO": "La DGII no atendió y no llegó nada: se intentará de nuevo.",
    "NUMERO_YA_USADO": "La DGII dijo que el e-NCF ya fue usado (1209). Puede ser este mismo comprobante: se le preguntará.",
    "YA_ESTABA": "El e-NCF ya usado era de este mismo comprobante: la DGII lo tenía, y este es su veredicto.",
    "VEREDICTO": "La DGII dio su veredicto.",
    "VEREDICTO_HALLADO": "Se le preguntó a la DGII por el e-NCF antes de reenviar y ya tenía veredicto: no se reenvió.",
    "NUMERO_DEVUELTO": "La DGII rechazó el comprobante y devolvió el e-NCF: puede usarse en otro intento.",
    "NO_TOMADO": "La DGII no tomó el archivo.",
    "USADO_POR_OTROS": "El e-NCF lo usó alguien más: la DGII no lo tiene de nosotros. Revise quién emite con este rango.",
    "DETENIDO": "Ya no se intenta nada automático con este comprobante: una persona debe mirarlo.",
}
_WITH_VERDICT = frozenset({"VEREDICTO", "VEREDICTO_HALLADO", "YA_ESTABA"})
_ALARMS = {
    "EN_PROCESO_VENCIDO": "Lleva más de un día en proceso en la DGII. Se le sigue preguntando.",
    "SIN_VEREDICTO": "Se envió hace más de un día y la DGII no dice si lo tiene. Se sigue intentando con el mismo comprobante.",
    "TRACK_ID_AJENO": "La DGII respondió con el trackId de otro comprobante: no se tomó por bueno.",
    "TRACK_ID_VACIO": "La DGII respondió con un acuse sin trackId: no se tomó por bueno.",
    "RESPUESTA_AJENA": "La DGII respondió sobre otro emisor, otro e-NCF u otro trackId: no se tomó por bueno.",
    "VEREDICTO_CONTRADICHO": "La DGII ahora dice otro veredicto: vale el primero. Consúltela.",
    "USO_AJENO": "El e-NCF lo usó alguien más. Su rango quedó detenido: revise quién emite con él.",
    "FIRMANTE_BLOQUEADO": "La DGII no aceptó al firmante: revise la delegación y el certificado.",
    "ENVIO_DETENIDO": "El envío está detenido: una persona debe mirarlo.",
}


def explain(step: str, detail: Mapping[str, Any]) -> str:
    """The sentence of one step; the more particular word of its reason or alarm wins over that of the step."""
    evidence = detail.get("evidence")
    if evidence is None:
        return _ALARMS.get(detail.get("code", ""), _STEPS[step])
    said = _REASONS.get(evidence["code"], _STEPS[step])
    verdict = _STEPS[step] if evidence["code"] in _WITH_VERDICT else ""
    return " ".join(part for part in (said, verdict, _counted(evidence)) if part)


def _counted(evidence: Mapping[str, Any]) -> str:
    """How much was sent and asked for it, when more than once."""
    many = [(evidence["envios"], "envíos"), (evidence["consultas"], "consultas")]
    said = " y ".join(f"{count} {what}" for count, what in many if count > 1)
    return f"Hasta aquí: {said}." if said else ""
