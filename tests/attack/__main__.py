"""`python -m tests.attack`: the matrix of attacks, as large as wished; prints what it tried.

`--all` takes every route, method and actor, `--triples N` so many of them (with every kind of id),
`--routes NAME ...` everything about these routes.
"""

import os
import sys

import pytest


def main() -> int:
    wanted = "0" if "--all" in sys.argv else "500"
    if "--triples" in sys.argv:
        wanted = sys.argv[sys.argv.index("--triples") + 1]
    names = ["company", "matrix", "swapped_ids", "planted"]
    if "--routes" in sys.argv:
        os.environ["ATTACK_ROUTES"] = " ".join(sys.argv[sys.argv.index("--routes") + 1 :])
        wanted, names = "0", ["matrix", "swapped_ids"]
    os.environ["ATTACK_TRIPLES"] = wanted
    files = [f"tests/attack/test_{name}.py" for name in names]
    return int(pytest.main(["-q", "-s", *files]))


if __name__ == "__main__":
    sys.exit(main())
