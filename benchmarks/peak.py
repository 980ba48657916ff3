"""One run in a process of its own: prints the most memory that it held, in MB."""

import sys

import django

from benchmarks.measure import peak_memory


def work(run_id: str) -> float:
    django.setup()
    from integrations.services import syncing

    syncing.run(run_id)
    return peak_memory()


if __name__ == "__main__":
    print(work(sys.argv[1]))
