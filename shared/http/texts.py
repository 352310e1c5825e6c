"""Slug to Spanish: the title and the detail of every problem. `{name}` is filled from the error's facts."""

TEXTS: dict[str, tuple[str, str]] = {
    "internal": ("Error interno", "Algo falló de nuestro lado. Intente de nuevo; si persiste, envíenos el código de rastreo."),
    "malformed": ("Solicitud ilegible", "La solicitud no se puede leer."),
    "json-unreadable": ("JSON ilegible", "{reason}"),
    "not-authenticated": ("Falta autenticación", "Envíe el encabezado Authorization: Bearer con un token vigente."),
    "token-refused": ("Token rechazado", "El token no es válido o ha vencido. Inicie sesión de nuevo."),
    "client-refused": ("Clave rechazada", "client_id o client_secret no son correctos, o la clave venció o fue revocada."),
    "grant-type-unknown": ("grant_type no admitido", "Envíe grant_type=client_credentials en el cuerpo (formulario)."),
    "beyond-own-permissions": ("Más de lo que usted puede", "No puede dar el permiso {permission}, porque usted no lo tiene."),
    "last-owner": ("Último dueño", "La empresa necesita al menos un dueño sin fecha de término. Nombre otro primero."),
    "already-member": ("Ya tiene acceso", "Esa persona ya tiene acceso a la empresa. Cambie su rol en /auth/users."),
    "role-unknown": ("Rol desconocido", "El rol no existe. Véalos en /auth/rbac/roles."),
    "role-fixed": ("Rol no disponible", "El rol es de la plataforma, ya existe, no existe o alguien lo tiene."),
    "session-over": ("Sesión terminada", "La sesión terminó o fue cerrada. Inicie sesión de nuevo."),
    "code-refused": (
        "Código rechazado",
        "El código no es correcto, ya se usó o venció. Espere el siguiente código, o inicie sesión de nuevo.",
    ),
    "too-many-failures": ("Demasiados intentos", "Hubo demasiados intentos fallidos. Intente de nuevo en {retry_after} segundos."),
    "second-factor-enrolled": ("Ya hay segundo factor", "Ya tiene un segundo factor activo. Use su código, o uno de recuperación."),
    "company-not-granted": ("Empresa no permitida", "Usted no tiene acceso a esa empresa, o ya terminó."),
    "cross-site": ("Origen no permitido", "La solicitud no viene de nuestro portal. Recargue la página e intente de nuevo."),
    "log-in-refused": ("Acceso rechazado", "El correo o la contraseña no son correctos."),
    "payment-required": ("Pago requerido", "La suscripción no permite esta operación."),
    "not-allowed": ("No permitido", "Sus credenciales no permiten esta operación."),
    "permission-missing": ("Permiso insuficiente", "Esta operación requiere el permiso {permission}."),
    "second-factor-missing": ("Falta el segundo factor", "Quien actúa por la plataforma inicia sesión con segundo factor."),
    "proof-too-old": (
        "Confirme que es usted",
        "Esta operación pide una confirmación reciente. Envíe un código a /auth/mfa/verify, o inicie sesión de nuevo.",
    ),
    "tenant-mismatch": (
        "Empresa equivocada",
        "X-Tenant-ID nombra otra empresa que el token. Quite el encabezado o cambie de empresa.",
    ),
    "mail-refused": ("Correo rechazado", "El servicio de correo rechazó el mensaje: {reason}."),
    "address-unusable": ("Dirección inservible", "A esa dirección de correo no se puede escribir."),
    "not-found": ("No encontrado", "No existe lo que busca."),
    "method-not-allowed": ("Método no permitido", "Esta dirección no admite ese método."),
    "conflict": ("Conflicto", "El estado actual no permite esta operación."),
    "lease-lost": ("Trabajo tomado por otro", "Otro proceso continuó este trabajo."),
    "too-large": ("Demasiado grande", "El cuerpo pasa del límite de {limit} bytes."),
    "wrong-media": ("Formato no admitido", "Envíe el cuerpo en el formato que la documentación indica."),
    "invalid-input": ("Datos no válidos", "Corrija los campos señalados y envíe de nuevo. Nada fue numerado ni guardado."),
    "event-refused": ("Evento rechazado", "{reason}"),
    "too-many": ("Demasiadas solicitudes", "Espere unos segundos e intente de nuevo."),
    "rate-limited": ("Demasiadas solicitudes", "Pasó el límite de solicitudes. Intente de nuevo en {retry_after} segundos."),
    "unavailable": ("No disponible", "Un servicio no responde. Intente de nuevo en unos segundos."),
    "database-unavailable": ("Base de datos no disponible", "La base de datos no responde. Intente de nuevo en unos segundos."),
    "callee-unavailable": ("Servicio no disponible", "El servicio {callee} no responde. Intente de nuevo en unos segundos."),
    "company-exists": ("La empresa ya existe", "El RNC {rnc} ya está registrado en el ambiente {environment}."),
    "company-not-ready": ("Empresa en preparación", "La empresa se está preparando. Intente de nuevo en unos segundos."),
    "company-only-reads": (
        "Empresa en solo lectura",
        "Se están comparando sus números con los de la DGII. Todo se puede consultar; vuelva a emitir en {retry_after} segundos.",
    ),
    "company-suspended": (
        "Empresa suspendida",
        "La empresa está suspendida: no emite ni inicia sesión hasta que se reanude. Escriba a soporte para saber el motivo.",
    ),
    "company-sealed": (
        "Empresa sellada",
        "La empresa está sellada: ya no emite ni inicia sesión. Sus comprobantes se conservan; pídalos a soporte.",
    ),
    "company-change-refused": ("Cambio no permitido", "{reason}"),
    "audit-behind": (
        "Auditoría atrasada",
        "La auditoría lleva más de una hora sin sellarse. Los cambios administrativos esperan por ella; la emisión sigue.",
    ),
    "support-open": (
        "Ya tiene ese acceso",
        "Ya tiene acceso a esa empresa. Inicie sesión con ella, o termine el acceso de soporte antes de pedir otro.",
    ),
    "last-platform-admin": (
        "Último administrador",
        "La plataforma necesita al menos un administrador. Nombre otro primero.",
    ),
    "peer-refused": (
        "Firma no aceptada",
        "La clave no vale, la firma no es de esta solicitud, su nonce ya se usó o su hora se aleja más de cinco minutos de la "
        "nuestra. Firme cada intento de nuevo, con otro nonce y el reloj en hora.",
    ),
    "already-staff": ("Ya es del equipo", "Esa persona ya es del equipo de la plataforma. Cambie su rol en /auth/staff."),
    "invitation-refused": ("Invitación no válida", "La invitación no existe, ya fue usada o ha vencido. Pida una nueva."),
    "sequence-exhausted": (
        "Secuencia agotada",
        "No quedan números en los rangos de e-CF {tipo_ecf}. Solicite un rango en la DGII y regístrelo en /tenant/sequences.",
    ),
    "sequence-expired": (
        "Secuencia vencida",
        "El rango de e-CF {tipo_ecf} venció el {vencimiento}. Registre uno vigente en /tenant/sequences.",
    ),
    "sequence-missing": (
        "Sin secuencia",
        "No hay ningún rango registrado para e-CF {tipo_ecf}. Regístrelo en /tenant/sequences.",
    ),
    "sequence-stopped": (
        "Rango detenido",
        "El rango de e-CF {tipo_ecf} está detenido porque la DGII recibió un número suyo que no salió de aquí. "
        "Aclárelo y reanúdelo en /tenant/sequences/…/resume, o registre otro.",
    ),
    "lease-unknown": ("Préstamo desconocido", "No existe ese préstamo de números. Véalos en /tenant/sequences/…/leases."),
    "lease-over": ("Préstamo terminado", "El préstamo venció o se devolvió. Pida otro, o emita sin «lease»."),
    "lease-exhausted": ("Préstamo agotado", "El préstamo ya no tiene números. Pida otro, o emita sin «lease»."),
    "lease-too-large": ("Préstamo muy grande", "Solo quedan {room} números seguidos en el rango. Pida esa cantidad o menos."),
    "sequence-not-stopped": ("El rango no está detenido", "El rango ya da números. No hay nada que reanudar."),
    "voiding-not-there": (
        "Sin anulación",
        "El ambiente de certificación no tiene servicio de anulación. No hace falta anular allí.",
    ),
    "lease-of-other-type": (
        "Préstamo de otro tipo",
        "El préstamo es de números de e-CF {tipo_ecf}. Use uno del tipo del documento.",
    ),
    "sequence-overlaps": ("Rango repetido", "El rango se cruza con otro ya registrado: {desde} a {hasta}."),
    "certificate-missing": ("Sin certificado", "La empresa no tiene certificado de firma. Cárguelo en /tenant/certificates."),
    "certificate-expired": (
        "Certificado vencido",
        "El certificado de firma venció el {not_after}. Cargue uno vigente en /tenant/certificates.",
    ),
    "certificate-unreadable": ("Certificado ilegible", "{reason}"),
    "holder-not-authorised": (
        "Titular no autorizado",
        "El titular del certificado ({holder}, {cedula}) no está entre los firmantes de la empresa. Agréguelo en /tenant/signers "
        "o, si es la primera carga, confírmelo con confirm_holder=true.",
    ),
    "certificates-full": (
        "Ya hay dos certificados",
        "La empresa ya tiene {limit} certificados vigentes. Revoque uno en /tenant/certificates antes de cargar otro.",
    ),
    "certificate-revoked": ("Certificado revocado", "El certificado ya estaba revocado."),
    "uploads-exhausted": (
        "Demasiadas cargas",
        "Se cargaron 10 archivos en la última hora. Intente de nuevo en {retry_after} segundos.",
    ),
    "purpose-refused": ("Propósito no permitido", "El token no es para este propósito, o quien llama no firma tales documentos."),
    "idempotency-key-missing": (
        "Falta Idempotency-Key",
        "Envíe el encabezado Idempotency-Key con un valor único por documento (1 a 255 caracteres ASCII).",
    ),
    "idempotency-key-reused": (
        "Idempotency-Key repetida",
        "Esta clave ya se usó con otro contenido. Use una clave nueva para un documento nuevo.",
    ),
    "batch-too-long": ("Lote demasiado largo", "El lote pasa de {limit} documentos. Divídalo y envíe cada parte con su clave."),
    "batch-empty": ("Lote vacío", "El lote no tiene ninguna línea. Envíe un objeto JSON por línea."),
    "original-pending": ("Original sin veredicto", "La DGII aún no responde por el comprobante que esta nota modifica."),
    "emission-in-progress": ("Emisión en curso", "Otra solicitud con esta clave está en curso. Intente de nuevo en unos segundos."),
    "contingency-open": (
        "Ya hay una contingencia abierta",
        "Ya hay una contingencia abierta de ese tipo y alcance. Ciérrela antes de declarar otra.",
    ),
    "contingency-has-no-paper": (
        "Contingencia sin papel",
        "Sin conexión los comprobantes siguen siendo electrónicos: no hay papel que registrar. Para papel, declare otra.",
    ),
    "contingency-ended": ("La contingencia ya terminó", "Esta contingencia ya se cerró."),
    "paper-replaced": ("El comprobante ya fue reemplazado", "El {ncf} ya fue reemplazado por el {encf}."),
    "paper-differs": (
        "El comprobante ya está registrado",
        "El {ncf} ya está registrado con otros datos. Revise el número, la fecha, el monto y el comprador.",
    ),
    "statement-not-printed": (
        "Estado mensual sin imprimir",
        "El PDF no se puede imprimir ahora. Intente de nuevo en unos minutos, o pida el mismo estado con format=json o format=csv.",
    ),
    "signing-refused": ("Firma rechazada", "El servicio de firma rechazó el documento: {reason}"),
    "facts-not-seen": (
        "Datos en camino",
        "Los datos de la empresa aún no llegan a este servicio. Intente de nuevo en unos segundos.",
    ),
    "foreign-xml-refused": ("XML rechazado", "{reason}"),
    "signature-refused": ("Firma no válida", "{reason}"),
    "not-printable-yet": (
        "Aún sin representación impresa",
        "El documento está {estado}. La representación impresa se entrega cuando la DGII lo acepta. Para entregarla antes, "
        "elíjalo en /tenant/ri/printing.",
    ),
    "withdrawn-has-no-form": (
        "Sin representación impresa",
        "El documento se retiró antes de enviarlo a la DGII: no tiene validez fiscal ni representación impresa.",
    ),
    "not-withdrawable": (
        "No se puede retirar",
        "El documento está {estado}. Solo se retira uno firmado y sin enviar, que no salió en contingencia ni con envío diferido. "
        "Si la DGII lo tiene, corríjalo con una nota.",
    ),
    "waits-for-original": (
        "Espera a su original",
        "La nota espera el veredicto sobre el documento que modifica. Retire ese documento, o espere.",
    ),
    "submission-not-seen": (
        "Aún no ha llegado",
        "El documento aún no ha llegado a quien lo envía. Intente de nuevo en un momento.",
    ),
    "rejected-has-no-form": (
        "Sin representación impresa",
        "La DGII rechazó el documento (estado: {estado}): no tiene validez fiscal ni representación impresa. "
        "Corríjalo y emítalo de nuevo.",
    ),
    "roll-too-long": (
        "Ticket demasiado largo",
        "El documento pasa de {limit} líneas y no cabe en un ticket. Pídalo con formato=a4.",
    ),
    "print-held-back": (
        "Representación impresa retenida",
        "La impresión no pasó nuestra verificación contra el XML firmado, así que no se entrega. El documento sigue siendo "
        "válido. Avise a soporte con el código de rastreo.",
    ),
    "plan-unknown": ("Plan desconocido", "No existe el plan {plan}."),
    "dgii-unavailable": ("La DGII no responde", "La DGII no responde. El documento se enviará cuando vuelva."),
    "dgii-answer-lost": ("Respuesta perdida", "La respuesta de la DGII se perdió. Se consulta antes de enviar de nuevo."),
    "dgii-seed-unusable": ("Semilla ilegible", "La semilla de la DGII no se puede leer. Se pedirá otra."),
    "dgii-seed-refused": ("Semilla rechazada", "La DGII rechazó la semilla firmada. Revise el certificado de la empresa."),
    "dgii-token-refused": ("Token de la DGII rechazado", "La DGII rechazó el token. Se pedirá otro."),
    "dgii-submission-refused": ("Envío rechazado", "La DGII rechazó el envío."),
    "dgii-signer-not-delegated": (
        "Firmante sin delegación",
        "El firmante no está delegado para este RNC. Deléguelo en la oficina virtual de la DGII.",
    ),
    "dgii-certificate-refused": (
        "Certificado rechazado por la DGII",
        "La DGII da el certificado por vencido o revocado. Cargue uno vigente en /tenant/certificates.",
    ),
    "dgii-certificate-missing": (
        "Sin certificado en uso",
        "La DGII solo habla con firmantes. Cargue un certificado en /tenant/certificates o espere su fecha de uso.",
    ),
    "dgii-company-unknown": ("Empresa recién creada", "Los datos de la empresa aún no llegan aquí. Intente en unos segundos."),
    "dgii-submission-unknown": ("Envío desconocido", "No hay un envío del comprobante {encf}."),
    "dgii-not-listed": (
        "No está en el directorio",
        "La DGII no tiene ese RNC como receptor electrónico. Entréguele la representación impresa.",
    ),
    "dgii-service-absent": ("Servicio ausente", "La DGII no ofrece este servicio en el ambiente {environment}."),
    "submission-moved": ("Envío continuado por otro", "Otro proceso continuó este envío."),
    "other-bytes-for-number": ("Número con otro contenido", "Ese número ya tiene un documento distinto."),
    "not-signable": ("Documento ya firmado", "El documento ya tiene firma. Un comprobante emitido no se firma de nuevo."),
    "certificate-refused": (
        "Certificado rechazado",
        "El certificado no sirve para firmar. Cargue uno vigente en /tenant/certificates.",
    ),
    "carriage-return-in-text": ("Retorno de carro en el texto", "Quite los retornos de carro del texto: la DGII no los admite."),
}
