"""What the proxy counts, as Prometheus reads it."""

from collections import Counter


class Metrics:
    """Counts since the sandbox began."""

    def __init__(self) -> None:
        self.requests: Counter[int] = Counter()
        """Answers by status code."""
        self.limited = 0
        self.delayed = 0

    def text(self, ready: int) -> str:
        """The page, in Prometheus' text format."""
        lines = [
            "# HELP shop_requests_total Requests answered by the proxy.",
            "# TYPE shop_requests_total counter",
            *(
                f'shop_requests_total{{code="{code}"}} {count}'
                for code, count in sorted(self.requests.items())
            ),
            "# HELP shop_limited_total Requests refused by a throttle.",
            "# TYPE shop_limited_total counter",
            f"shop_limited_total {self.limited}",
            "# HELP shop_delayed_total Requests held by a latency.",
            "# TYPE shop_delayed_total counter",
            f"shop_delayed_total {self.delayed}",
            "# HELP shop_replicas_ready Replicas that serve.",
            "# TYPE shop_replicas_ready gauge",
            f"shop_replicas_ready {ready}",
        ]
        return "\n".join(lines) + "\n"
