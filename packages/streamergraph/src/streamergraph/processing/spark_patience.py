"""How long a client of Spark Connect asks again where nothing comes back.

Its own rule is ten minutes, for each request anew. Whoever gives one up asks for the end of the job and of
the session, too: so a cut network held a command for 23 minutes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

# Enough for what restarts between here and the server. An attempt to connect may take 20 s more.
PATIENCE_SECONDS = 20.0
# Failures further apart than this have a time between them in which requests got through.
APART_SECONDS = 60.0
LONGEST_PAUSE_MS = 5000


@dataclass
class Patience:
    """Whether requests that fail one after the other are worth another try; seconds of one clock.

    >>> patience = Patience(20)
    >>> [patience.lasts(at) for at in (100, 110, 121, 125, 300)]
    [True, True, False, False, True]
    """

    seconds: float
    since: float = field(default=float("-inf"), init=False)
    last: float = field(default=float("-inf"), init=False)

    def lasts(self, now: float) -> bool:
        """Told of each failure: whether it is worth another try."""
        if now - self.last > APART_SECONDS:
            self.since = now
        self.last = now
        return now - self.since <= self.seconds


def limit_patience(client: Any) -> None:
    """Let a client of Spark Connect try again for `PATIENCE_SECONDS`, and once that is over not at all."""
    from pyspark.sql.connect.client.retries import DefaultPolicy

    policy = DefaultPolicy(max_retries=None, max_backoff=LONGEST_PAUSE_MS)
    patience, worth_it = Patience(PATIENCE_SECONDS), policy.can_retry
    policy.can_retry = lambda error: worth_it(error) and patience.lasts(time.monotonic())
    client.set_retry_policies([policy])
