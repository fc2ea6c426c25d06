"""A node of its own: `python -m tests.gateways.one_node REDIS SOAP USERNAME CODE1 CODE2 THREADS CALLS`.

Each thread reads the relations so many times. It prints when each round trip began and ended (this machine's monotonic
clock), and how often it was told that all places were taken.
"""

from __future__ import annotations

import json
import sys
import threading
import time

from gateways.bookkeeping import Busy, Credentials, Secret
from gateways.eboekhouden.contract_books import ContractBooks
from gateways.shared_counts import SharedCounts
from tests.gateways.conftest import ROOMY


def main(redis: str, soap: str, username: str, code1: str, code2: str, threads: str, calls: str) -> None:
    """Run the threads to their end."""
    trips: list[tuple[float, float]] = []

    def ended(_operation: str, _outcome: str, seconds: float) -> None:
        now = time.monotonic()
        trips.append((now - seconds, now))

    many = int(threads)
    shared = SharedCounts(redis)
    books = ContractBooks(
        soap, times=ROOMY, patience=60, max_calls=many, max_calls_each=many, shared=shared, asked=ended
    )
    credentials = Credentials(1, 1, username, Secret(code1), Secret(code2))
    refused: list[str] = []

    def read() -> None:
        for _ in range(int(calls)):
            try:
                books.relations(credentials)
            except Busy as busy:
                refused.append(str(busy))

    running = [threading.Thread(target=read) for _ in range(many)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    print(json.dumps([trips, len(refused)]))


if __name__ == "__main__":
    main(*sys.argv[1:])
