"""What Prometheus is told: requests, their seconds, outcomes of readings, places taken."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hdalr.reading.result import Reading
from hdalr.service.desk import Desk

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)  # seconds


class Meters:
    """The counters of one server.

    Parameters
    ----------
    desk
        Whose places are told.
    """

    def __init__(self, desk: Desk) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "hdalr_requests", "Requests.", ["route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "hdalr_request_seconds",
            "From a request's first byte to its answer's last.",
            ["route"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.readings = Counter(
            "hdalr_readings", "Pictures read.", ["outcome"], registry=self.registry
        )
        self.corrections = Counter("hdalr_corrections", "Corrections kept.", registry=self.registry)
        taken = Gauge("hdalr_places_taken", "Pictures at work or waiting.", registry=self.registry)
        taken.set_function(lambda: desk.taken)
        places = Gauge("hdalr_places", "Pictures that may be so.", registry=self.registry)
        places.set(desk.places)

    def count_reading(self, reading: Reading) -> None:
        """Count a reading as accepted, or under its reason."""
        self.readings.labels("accepted" if reading.reason is None else reading.reason.value).inc()

    def write(self) -> bytes:
        """All counters in Prometheus's text format."""
        return generate_latest(self.registry)


class Metered:
    """Counts and times the requests to an application; pure ASGI."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self.app = app
        self.meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), [500]

        async def send_and_note(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        finally:
            route = getattr(
                scope.get("route"), "path", "other"
            )  # never a path that a client made up
            self.meters.requests.labels(route, str(status[0])).inc()
            self.meters.seconds.labels(route).observe(time.perf_counter() - started)
