"""Metrics of every function, in Prometheus text. Labels come from closed sets: routes, event types, outcomes."""

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Histogram, generate_latest

REQUESTS = Histogram("getupnet_request_seconds", "Time to answer an HTTP request", ["method", "route", "status"])
EVENTS = Counter("getupnet_events_total", "Deliveries by outcome: done, duplicate, refused, again, failed", ["type", "outcome"])
JOBS = Counter("getupnet_jobs_total", "Jobs worked by outcome: done, again, failed", ["kind", "outcome"])


def exposition() -> tuple[bytes, str]:
    """Body and content type of `/metrics`."""
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
