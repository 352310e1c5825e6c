"""A call to another function of ours: JSON over HTTP with a service token, errors as ours."""

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from shared.errors import AppError, Unavailable
from shared.events.keys import FunctionKey
from shared.identity.tokens import issue_service_token
from shared.telemetry.traces import current_traceparent

if TYPE_CHECKING:
    import httpx


class CalleeUnavailable(Unavailable):
    """No answer, or an answer that a retry may change."""

    slug = "callee-unavailable"


class CalleeRefused(AppError):
    """The callee said no; `problem` is its problem document."""

    status, slug = 502, "callee-unavailable"

    def __init__(self, callee: str, status: int, problem: dict[str, Any]) -> None:
        super().__init__(callee=callee)
        self.callee_status, self.problem = status, problem


class Callee:
    """One function reached over its cluster-local address."""

    def __init__(self, name: str, url: str, key: FunctionKey, *, timeout: float = 10.0) -> None:
        self._name, self._url, self._key, self._timeout = name, url.rstrip("/"), key, timeout

    @cached_property
    def _client(self) -> "httpx.Client":
        import httpx  # 100 ms; the first call pays it

        return httpx.Client(timeout=self._timeout, trust_env=False, follow_redirects=False)

    def post(self, path: str, payload: dict[str, Any], *, tenant: str, purpose: str) -> dict[str, Any]:
        """The callee's JSON answer; CalleeUnavailable or CalleeRefused otherwise."""
        return self._read(self._ask(path, payload, tenant=tenant, purpose=purpose))

    def fetch(self, path: str, payload: dict[str, Any], *, tenant: str, purpose: str, media: str) -> bytes:
        """The callee's answer of that media type; CalleeUnavailable or CalleeRefused otherwise."""
        answer = self._ask(path, payload, tenant=tenant, purpose=purpose)
        if answer.headers.get("content-type") != media:
            raise CalleeUnavailable(callee=self._name)
        return answer.content

    def _ask(self, path: str, payload: dict[str, Any], *, tenant: str, purpose: str) -> "httpx.Response":
        import httpx

        body = json.dumps(payload).encode()
        headers = {
            "authorization": "Bearer "
            + issue_service_token(self._key, audience=self._name, tenant=tenant, purpose=purpose, body=body),
            "content-type": "application/json",
            "traceparent": current_traceparent(),
        }
        try:
            answer = self._client.post(self._url + path, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise CalleeUnavailable(callee=self._name) from error
        if answer.is_success:
            return answer
        if answer.status_code >= 500 or answer.status_code in (408, 429):
            raise CalleeUnavailable(callee=self._name)
        try:
            problem = answer.json()
        except ValueError:
            problem = {}
        raise CalleeRefused(self._name, answer.status_code, problem if isinstance(problem, dict) else {})

    def _read(self, answer: "httpx.Response") -> dict[str, Any]:
        """A success that is no JSON object came from something in between, not from the callee."""
        try:
            parsed = answer.json()
        except ValueError as error:
            raise CalleeUnavailable(callee=self._name) from error
        if not isinstance(parsed, dict):
            raise CalleeUnavailable(callee=self._name)
        return parsed
