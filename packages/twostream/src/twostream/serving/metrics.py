"""Counts and times for Prometheus, in its text format (version 0.0.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

BUCKETS_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
Labels = tuple[tuple[str, str], ...]


@dataclass
class Metrics:
    """What was answered so far: requests by route and status, and how long they took."""

    requests: Counter[Labels] = field(default_factory=Counter)
    buckets: Counter[tuple[str, float]] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    uploaded_bytes: int = 0

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """One more request was answered."""
        self.requests[("method", method), ("route", route), ("status", str(status))] += 1
        self.seconds[route] = self.seconds.get(route, 0.0) + seconds
        for bound in BUCKETS_S:
            if seconds <= bound:
                self.buckets[route, bound] += 1

    def text(self, gauges: Mapping[str, tuple[str, float]]) -> str:
        r"""All of it, and `gauges` (help and value by name).

        >>> metrics = Metrics()
        >>> metrics.answered("/predict", "POST", 200, 0.2)
        >>> "twostream_request_seconds_bucket{route=\"/predict\",le=\"0.25\"} 1" in metrics.text({})
        True
        """
        return "\n".join(self._lines(gauges)) + "\n"

    def _lines(self, gauges: Mapping[str, tuple[str, float]]) -> Iterator[str]:
        yield "# HELP twostream_requests_total Requests that were answered."
        yield "# TYPE twostream_requests_total counter"
        for labels, count in sorted(self.requests.items()):
            yield f"twostream_requests_total{_in_braces(labels)} {count}"
        yield "# HELP twostream_request_seconds Time from a request's first byte to its answer's last."
        yield "# TYPE twostream_request_seconds histogram"
        for route, seconds in sorted(self.seconds.items()):
            for bound in BUCKETS_S:
                within = self.buckets[route, bound]
                braces = _in_braces((("route", route), ("le", f"{bound:g}")))
                yield f"twostream_request_seconds_bucket{braces} {within}"
            count = sum(n for labels, n in self.requests.items() if ("route", route) in labels)
            braces = _in_braces((("route", route), ("le", "+Inf")))
            yield f"twostream_request_seconds_bucket{braces} {count}"
            yield f"twostream_request_seconds_sum{_in_braces((('route', route),))} {seconds:.6f}"
            yield f"twostream_request_seconds_count{_in_braces((('route', route),))} {count}"
        yield "# HELP twostream_uploaded_bytes_total Bytes of bodies that came."
        yield "# TYPE twostream_uploaded_bytes_total counter"
        yield f"twostream_uploaded_bytes_total {self.uploaded_bytes}"
        for name, (text, value) in gauges.items():
            yield f"# HELP {name} {text}"
            yield f"# TYPE {name} {'counter' if name.endswith('_total') else 'gauge'}"
            yield f"{name} {value:g}"


def _in_braces(labels: Labels) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
