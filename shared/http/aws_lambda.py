"""Lambda entry: the same app behind Mangum, HTTP only. Nothing is published there (no K_SINK); relay sweeps the outbox.

Set the handler to `shared.http.aws_lambda.handler` and FUNCTION to the function's name.
"""

import os
from functools import cache
from typing import Any

from mangum import Mangum

from shared.http.serve import load


@cache
def _adapter() -> Mangum:
    # "auto" would run start-up and shutdown at every invocation.
    return Mangum(load(os.environ["FUNCTION"]), lifespan="off")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One invocation from API Gateway or an ALB."""
    return dict(_adapter()(event, context))
