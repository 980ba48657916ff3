"""One run in a process of its own: prints the most memory that it held, in MB."""

import sys
from pathlib import Path

import django


def work(run_id: str) -> float:
    """Does the run. Linux keeps the peak in kB; that of `getrusage` would count the parent's too."""
    django.setup()
    from integrations.services import syncing

    syncing.run(run_id)
    said = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(said["VmHWM"].split()[0]) / 1024


if __name__ == "__main__":
    print(work(sys.argv[1]))
