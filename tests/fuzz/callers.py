"""Who asks: for each request somebody who may, with a token for exactly these bytes."""

import re
from collections.abc import Iterable
from typing import Any

from redis import Redis
from requests import PreparedRequest
from requests.auth import AuthBase

from shared.db.seal import PLATFORM
from shared.http.routes import Functions, Public, Route
from shared.identity.permissions import Permission, Scope
from shared.identity.tokens import issue_service_token
from tests.house import House

OFTEN = 25
"""Requests after which all counts of requests begin anew: the limits are real, and not what is tried here."""
PURPOSES = {"/sign/xml": "ecf", "/sign/certificate/validate": "certificate"}


class Callers(AuthBase):  # type: ignore[misc]
    """For the routes of one function, acting for one company (or the platform where a route is the platform's)."""

    def __init__(self, house: House, function: str, tenant: str, routes: Iterable[Route], redis: "Redis") -> None:
        self._house, self._function, self._tenant, self._redis = house, function, tenant, redis
        self._routes = [(route, re.compile(re.sub(r"\{\w+\}", "[^/]+", route.path))) for route in routes]
        self.asked = 0

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        self.asked += 1
        if self.asked % OFTEN == 0:
            self._redis.flushall()
        route = self._route(request)
        if route is not None:
            request.headers.update(self._headers(route, request.body))
        return request

    def _route(self, request: PreparedRequest) -> Route | None:
        path = request.path_url.partition("?")[0]
        return next((r for r, shape in self._routes if r.method == request.method and shape.fullmatch(path)), None)

    def _headers(self, route: Route, body: Any) -> dict[str, str]:
        match route.access:
            case Permission() as permission:
                return self._house.token(PLATFORM if permission.scope is Scope.PLATFORM else self._tenant)
            case Functions(names=names):
                caller = min(names & set(self._house.keys))
                sent = body.encode() if isinstance(body, str) else body or b""
                purpose = PURPOSES.get(route.path, "x")
                token = issue_service_token(
                    self._house.keys[caller], audience=self._function, tenant=self._tenant, purpose=purpose, body=sent
                )
                return {"Authorization": f"Bearer {token}"}
            case Public():
                return {}
