"""Where a request comes from, as far as our own proxies can tell."""

import ipaddress

from fastapi import Request


def address_of(request: Request, *, hops: int) -> str:
    """The address that the outermost of our `hops` proxies saw: only what they appended counts, the rest is hearsay."""
    told = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",") if part.strip()]
    if len(told) >= hops:
        return told[-hops]
    return request.client.host if request.client else ""


def network(address: str) -> str:
    """The /24 or /48 of an address; `unknown` for what is none."""
    try:
        parsed = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return "unknown"
    prefix = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network((parsed, prefix), strict=False))
