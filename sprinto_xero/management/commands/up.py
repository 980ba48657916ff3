"""`manage.py up`: prepares the databases, then runs web, worker and sandbox under one supervisor."""

import os
import shlex
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from sprinto_xero import embedded
from sprinto_xero.supervisor import Program, Supervisor
from workspaces.models import User

PYTHON = (sys.executable, "-m")
PATIENCE = 120  # seconds for the first page before people are told that something is wrong


def web(env: Mapping[str, str]) -> Program:
    """The web server: one process, several threads, on this machine only."""
    argv = _serving("sprinto_xero.wsgi:application", env["PORT"])
    return Program("web", argv, embedded.own_environment(env))


def sandbox(env: Mapping[str, str]) -> Program:
    """The sandbox: a server of its own on a port, and so an origin, of its own."""
    argv = _serving("sandbox.wsgi:application", env["SANDBOX_PORT"])
    return Program("sandbox", argv, embedded.sandbox_environment(env))


def worker(env: Mapping[str, str]) -> Program:
    """The worker with the clock inside; it may finish what it has begun before it ends."""
    schedule = str(embedded.data_folder(env) / "celerybeat-schedule")
    argv = [*PYTHON, "celery", "-A", "sprinto_xero", "worker", "-P", "threads", "-c", "4"]
    argv += ["-B", "--schedule", schedule, "--without-gossip", "--without-mingle"]
    argv += ["--loglevel", env.get("LOG_LEVEL") or "INFO"]
    return Program("worker", argv, embedded.own_environment(env), grace=60.0, ends_first=True)


def _serving(application: str, port: str) -> list[str]:
    argv = [*PYTHON, "gunicorn", application, "--bind", f"127.0.0.1:{port}"]
    argv += ["--workers", "1", "--threads", "8", "--graceful-timeout", "10"]
    # The control socket would be a file in the home directory, shared by all installations.
    return [*argv, "--no-control-socket", "--log-level", "warning"]


def programs(env: Mapping[str, str], *, quiet: bool = True) -> list[Program]:
    """Everything that runs, in the order of its start; `quiet`: each writes a log of its own."""
    all_ = [web(env), worker(env), *([sandbox(env)] if embedded.uses_sandbox(env) else [])]
    if not quiet:
        return all_
    folder = embedded.log_folder(env)
    folder.mkdir(exist_ok=True)
    return [replace(each, log=folder / f"{each.name}.log") for each in all_]


def prepare_sandbox(env: Mapping[str, str]) -> None:
    """Bring the sandbox's database up to date and fill it if it is empty, if there is one."""
    if not embedded.uses_sandbox(env):
        return
    told = embedded.sandbox_environment(env)
    for words in (["migrate", "--no-input", "--verbosity", "0"], ["seed_sandbox"]):
        argv = [*PYTHON, "sandbox", *words]
        done = subprocess.run(argv, env=told, text=True, capture_output=True, check=False)
        if done.returncode:
            raise CommandError(f"The sandbox could not be prepared.\n{done.stderr}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 (an address of our own)
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


class Command(BaseCommand):
    """Run everything on this machine until Ctrl-C."""

    help = (
        "Prepares the databases, then runs web, worker and sandbox until Ctrl-C. Their output goes"
        " to the data folder's logs; with -v 2 it is shown here."
    )
    requires_system_checks: list[str] = []
    nobody = False  # whether there is no user yet: the demo brings its own

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, run, and leave with the supervisor's exit code."""
        env = dict(os.environ)
        supervisor = Supervisor(programs(env, quiet=options["verbosity"] < 2))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, supervisor.stop)
        self.prepare(env)
        threading.Thread(target=self.announce, args=(env, supervisor), daemon=True).start()
        sys.exit(supervisor.run())

    def prepare(self, env: Mapping[str, str]) -> None:
        """Bring the databases up to date, at the same time; the demo belongs to the sandbox."""
        with ThreadPoolExecutor(max_workers=1) as aside:
            other = aside.submit(prepare_sandbox, env)
            call_command("migrate", interactive=False, verbosity=0)
            if embedded.uses_sandbox(env):
                call_command("seed_demo", verbosity=0)
            other.result()
        self.nobody = not User.objects.exists()

    def announce(self, env: Mapping[str, str], supervisor: Supervisor) -> None:
        """Say where to look, once there is something to see."""
        url = f"http://localhost:{env['PORT']}"
        logs, began = embedded.log_folder(env), time.monotonic()
        while not _answers(url):
            if supervisor.stopping:
                return
            if time.monotonic() > began + PATIENCE:
                self.stderr.write(f"{url} does not answer yet; look into the logs in {logs}.")
                began = time.monotonic()
            time.sleep(0.1)
        supervisor.established()
        embedded.note_address(url)
        self.stdout.write(self.welcome(env, url))
        self.stdout.flush()

    def first_step(self, env: Mapping[str, str]) -> str:
        """The command that makes the first administrator here."""
        argv = [sys.executable, str(embedded.BASE_DIR / "manage.py"), "create_admin"]
        argv += ["you@company.example", "--workspace", "Your company", "--zone", "Europe/London"]
        return f"DATA_DIR={shlex.quote(str(embedded.data_folder(env)))} {shlex.join(argv)}"

    def welcome(self, env: Mapping[str, str], url: str) -> str:
        """The address and, with the sandbox, the demo's sign-in, or how to make one."""
        lines = ["", f"Logs: {embedded.log_folder(env)}"]
        if embedded.uses_sandbox(env):
            lines += [f"The sandbox, in place of Xero: http://localhost:{env['SANDBOX_PORT']}"]
        lines += ["", f"Ready: {url}"]
        if embedded.uses_sandbox(env):
            lines += [f"Sign in as {embedded.DEMO_EMAIL} with {embedded.demo_password(env)}"]
        elif self.nobody:
            lines += ["Nobody can sign in yet. Make the first administrator in another window:"]
            lines += [f"  {self.first_step(env)}"]
        return "\n".join([*lines, "Ctrl-C ends everything.", ""])
