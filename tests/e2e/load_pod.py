"""Runs in a pod: customers who ask the API through its Service without a break, and count what they get.

Two keep their connection, one makes a new one for each request. An answer is right where it is the one that its version
gave to the same question before, whichever replica it came from. Twice a second a line tells the counts so far.
"""

import http.client
import json
import sys
import threading
import time
from collections import Counter

PAUSE_SECONDS = 0.02
WHOLE_LIST = 5
PATHS = ("/api/products/popular?k=5", "/api/products/1/similar?k=5", "/api/users/1/recommendations?k=5")
right_answers: dict[tuple[str, str], list[dict[str, object]]] = {}


class Customer(threading.Thread):
    """Asks one question after the other."""

    def __init__(self, *, keeps_connection: bool) -> None:
        super().__init__(daemon=True)
        self.keeps_connection = keeps_connection
        self.versions: Counter[str] = Counter()
        self.failures: list[str] = []
        self.connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        for number in range(1 << 60):
            try:
                self.ask(PATHS[number % len(PATHS)])
            except Exception as error:  # noqa: BLE001 (whatever it is, a customer saw it)
                self.failures.append(f"{time.strftime('%H:%M:%S')} {error!r}")
                self.connection = None
            time.sleep(PAUSE_SECONDS)

    def ask(self, path: str) -> None:
        if self.connection is None or not self.keeps_connection:
            self.connection = http.client.HTTPConnection("api", 80, timeout=10)
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise ValueError(f"{answer.status} {body[:200]!r}")
        version, items = (json.loads(body)[member] for member in ("model_version", "items"))
        if len(items) != WHOLE_LIST or items != right_answers.setdefault((path, version), items):
            raise ValueError(f"{version} answered {path} with {items!r}")
        self.versions[version] += 1


customers = [Customer(keeps_connection=kept) for kept in (True, True, False)]
for customer in customers:
    customer.start()
while True:
    time.sleep(0.5)
    versions = sum((customer.versions for customer in customers), Counter())
    failures = [failure for customer in customers for failure in customer.failures]
    sys.stdout.write(json.dumps({"versions": versions, "failures": failures}) + "\n")
    sys.stdout.flush()
