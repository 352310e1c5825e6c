"""Where a request comes from, as far as our own proxies can tell."""

from fastapi import Request


def address_of(request: Request, *, hops: int) -> str:
    """The address that the outermost of our `hops` proxies saw: only what they appended counts, the rest is hearsay."""
    told = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",") if part.strip()]
    if len(told) >= hops:
        return told[-hops]
    return request.client.host if request.client else ""
