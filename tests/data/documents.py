"""Small unsigned documents for the stand-in, written out so that they owe nothing to our own writer."""

from datetime import UTC, datetime, timedelta

ISSUER = "131880738"
BUYER = "131880681"


def today() -> str:
    return f"{datetime.now(UTC) - timedelta(hours=4):%d-%m-%Y}"


def invoice(
    encf: str,
    *,
    rnc: str = ISSUER,
    price: str = "1000.00",
    gravado: str | None = None,
    itbis: str = "180.00",
    total: str = "1180.00",
    buyer: str = BUYER,
    vencimiento: str = "31-12-2099",
) -> bytes:
    """One line at 18 %. Types 32 and 34 carry no FechaVencimientoSecuencia."""
    tipo = encf[1:3]
    expiry = "" if tipo in {"32", "34"} else f"<FechaVencimientoSecuencia>{vencimiento}</FechaVencimientoSecuencia>"
    comprador = f"<RNCComprador>{buyer}</RNCComprador>" if buyer else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?><ECF><Encabezado><Version>1.0</Version><IdDoc>'
        f"<TipoeCF>{tipo}</TipoeCF><eNCF>{encf}</eNCF>{expiry}<IndicadorMontoGravado>0</IndicadorMontoGravado>"
        f"<TipoIngresos>01</TipoIngresos><TipoPago>1</TipoPago></IdDoc><Emisor><RNCEmisor>{rnc}</RNCEmisor>"
        "<RazonSocialEmisor>EMISOR DE PRUEBA SRL</RazonSocialEmisor><DireccionEmisor>Calle 1</DireccionEmisor>"
        f"<FechaEmision>{today()}</FechaEmision></Emisor><Comprador>{comprador}"
        "<RazonSocialComprador>COMPRADOR &amp; CÍA</RazonSocialComprador></Comprador><Totales>"
        f"<MontoGravadoTotal>{gravado or price}</MontoGravadoTotal><MontoGravadoI1>{gravado or price}</MontoGravadoI1>"
        f"<ITBIS1>18</ITBIS1><TotalITBIS>{itbis}</TotalITBIS><TotalITBIS1>{itbis}</TotalITBIS1>"
        f"<MontoTotal>{total}</MontoTotal></Totales></Encabezado><DetallesItems><Item><NumeroLinea>1</NumeroLinea>"
        "<IndicadorFacturacion>1</IndicadorFacturacion><NombreItem>Servicio de prueba</NombreItem>"
        "<IndicadorBienoServicio>2</IndicadorBienoServicio><CantidadItem>1.00</CantidadItem>"
        f"<PrecioUnitarioItem>{price}</PrecioUnitarioItem><MontoItem>{price}</MontoItem></Item></DetallesItems>"
        f"<FechaHoraFirma>{today()} 00:00:01</FechaHoraFirma></ECF>"
    ).encode()


def summary(encf: str, codigo_seguridad: str, *, rnc: str = ISSUER, total: str = "1180.00") -> bytes:
    """The RFCE of `invoice` for a consumo without a named buyer."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><RFCE><Encabezado><Version>1.0</Version><IdDoc><TipoeCF>32</TipoeCF>'
        f"<eNCF>{encf}</eNCF><TipoIngresos>01</TipoIngresos><TipoPago>1</TipoPago></IdDoc><Emisor>"
        f"<RNCEmisor>{rnc}</RNCEmisor><RazonSocialEmisor>EMISOR DE PRUEBA SRL</RazonSocialEmisor>"
        f"<FechaEmision>{today()}</FechaEmision></Emisor><Comprador/><Totales>"
        "<MontoGravadoTotal>1000.00</MontoGravadoTotal><MontoGravadoI1>1000.00</MontoGravadoI1>"
        "<TotalITBIS>180.00</TotalITBIS><TotalITBIS1>180.00</TotalITBIS1>"
        f"<MontoTotal>{total}</MontoTotal></Totales><CodigoSeguridadeCF>{codigo_seguridad}</CodigoSeguridadeCF>"
        "</Encabezado></RFCE>"
    ).encode()
