"""One run in a process of its own: prints the most memory that it held, in MB."""

import resource
import sys

import django


def work(run_id: str) -> float:
    """Does the run; `ru_maxrss` counts kilobytes on Linux."""
    django.setup()
    from integrations.services import syncing

    syncing.run(run_id)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(work(sys.argv[1]))
