"""The command: `python -m tests.mutation TARGET`, a mutation run over a copy of the tree.

Prints how many mutants there were, how many were killed, and each survivor with its difference.
"""

import argparse
import multiprocessing
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

from tests.mutation import serving

HERE = Path(__file__).parent
TARGETS = sorted(each.stem for each in HERE.glob("*.toml"))


def main() -> int:
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder, "tree")
        _copy_tree(copy)
        session = asked.session.resolve() if asked.session else Path(folder, "session.sqlite")
        config = f"tests/mutation/{asked.target}.toml"
        with _warm(copy, Path(folder, "door"), asked.target):
            _tool(copy, "cosmic-ray", "baseline", config)
            if session.exists():
                _try_again(session)
            else:
                _begin(copy, session, config, asked)
            _tool(copy, "cosmic-ray", "exec", config, str(session))
        with use_db(session, WorkDB.Mode.open) as found:
            return _report(found)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/mutate", description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--only", default="", help="only modules whose path holds this")
    parser.add_argument("--sample", type=int, default=0, help="this many mutants, taken by chance")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--session", type=Path, help="a file to keep; if there, survivors only")
    return parser.parse_args()


def _begin(copy: Path, session: Path, config: str, asked: argparse.Namespace) -> None:
    _tool(copy, "cosmic-ray", "init", config, str(session))
    _tool(copy, "cr-filter-operators", str(session), config)
    with use_db(session, WorkDB.Mode.open) as found:
        _narrow(found, asked.only, asked.sample, asked.seed)


def _try_again(session: Path) -> None:
    """Forget the mutants that survived or ran out of time, so that they are judged anew."""
    with closing(sqlite3.connect(session)) as found, found:
        found.execute("DELETE FROM work_results WHERE test_outcome='SURVIVED' OR output='timeout'")


def _copy_tree(copy: Path) -> None:
    """What Git would keep of the folder as it stands; mutants are never written into the original."""
    listed = [
        "git",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        "*.py",
        "tests/*.json",
    ]
    names = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in (*filter(os.path.exists, names), *HERE.glob("*.*")):
        target = copy / os.path.relpath(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(name, target)


@contextmanager
def _warm(copy: Path, door: Path, target: str) -> Iterator[None]:
    """The process that runs the tests, working in the copy."""
    own = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    os.environ |= {"MUTATION_DOOR": str(door), "PYTHONDONTWRITEBYTECODE": "1", "PATH": own}
    os.chdir(copy)
    fork = multiprocessing.get_context("fork")
    ready = fork.Event()
    server = fork.Process(target=serving.serve, args=(door, ready, target))
    server.start()
    try:
        ready.wait(120)
        yield
    finally:
        server.kill()
        server.join()


def _tool(copy: Path, name: str, *arguments: str) -> None:
    program = Path(sys.executable).with_name(name)
    subprocess.run([program, *arguments], cwd=copy, check=True)


def _narrow(found: WorkDB, only: str, sample: int, seed: int) -> None:
    """Skip the modules that were not asked for, and of the rest all but a sample."""
    pending = list(found.pending_work_items)
    kept = [each for each in pending if only in str(each.mutations[0].module_path)]
    if 0 < sample < len(kept):
        kept = random.Random(seed).sample(sorted(kept, key=_place), sample)
    wanted = {each.job_id for each in kept}
    skipped = WorkResult(output="not asked for", worker_outcome=WorkerOutcome.SKIPPED)
    left = [each.job_id for each in pending if each.job_id not in wanted]
    found.set_multiple_results(left, skipped)


def _place(item) -> tuple[str, tuple[int, int], str, int]:
    (of,) = item.mutations
    return str(of.module_path), of.start_pos, of.operator_name, of.occurrence


def _report(found: WorkDB) -> int:
    done = {job: result for job, result in found.results if _was_run(result)}
    survivors = [job for job, each in done.items() if each.test_outcome is TestOutcome.SURVIVED]
    timeouts = sum(each.output == "timeout" for each in done.values())
    places = {each.job_id: _place(each) for each in found.work_items}
    for job in sorted(survivors, key=places.__getitem__):
        print(f"\nSurvived: {places[job]}\n{_lines(done[job].diff)}")
    killed = len(done) - len(survivors)
    print(f"\n{len(done)} mutants, {killed} killed ({timeouts} by time), {len(survivors)} survived")
    return 1 if survivors else 0


def _was_run(result: WorkResult) -> bool:
    return result.worker_outcome is WorkerOutcome.NORMAL


def _lines(diff: str) -> str:
    changed = [
        line for line in diff.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]
    return "\n".join(changed)


if __name__ == "__main__":
    sys.exit(main())
