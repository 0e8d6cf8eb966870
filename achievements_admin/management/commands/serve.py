"""`serve`, behind `make run`: the whole dashboard from nothing, with a stand-in for Apple unless ASC_API_URL is set."""

import http.client
import io
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from achievements_admin.management.processes import ChildDied, Children, is_port_free
from achievements_admin.models import ApiKey, Member
from achievements_admin.services import vault
from achievements_admin.services.errors import ServiceError
from achievements_admin.simulator import demo

READY_SECONDS = 60
STOPPING = (signal.SIGINT, signal.SIGTERM)
DEMO_MEMBERS = {
    "ada@example.com": "admin",
    "lena@example.com": "lead",
    "paul@example.com": "producer",
    "vera@example.com": "viewer",
}
# Who opens a dashboard that speaks to another API than the demo's, and has no member yet.
FIRST_MEMBER = {"admin@example.com": "admin"}


class Command(BaseCommand):
    help = "Runs web server, worker, scheduler and, unless ASC_API_URL is set, the simulator, until Ctrl-C."
    # A check imports the world once more; `make check` is the place for it.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self._check_ports()
        for number in STOPPING:
            # Also where a shell started us in the background with SIGINT ignored.
            signal.signal(number, signal.default_int_handler)
        self.stdout.write("Starting.")
        self.stdout.flush()
        self.children = Children(settings.RUN_DIR / "logs")
        try:
            self._start()
            self._announce()
            while True:
                time.sleep(0.2)
                self.children.check()
        except KeyboardInterrupt:
            self.stdout.write("Stopping.")
        except ChildDied as error:
            raise CommandError(str(error)) from error
        finally:
            for number in STOPPING:
                signal.signal(number, signal.SIG_IGN)
            self.children.stop()

    def _check_ports(self) -> None:
        ports = {"PORT": settings.PORT} | ({"SIMULATOR_PORT": settings.SIMULATOR_PORT} if settings.IS_DEMO else {})
        for name, port in ports.items():
            if not is_port_free(port):
                raise CommandError(f"Port {port} is taken: stop what listens there, or set {name} to another port.")

    def _start(self) -> None:
        call_command("migrate", verbosity=0)
        if settings.IS_DEMO:
            self._start_demo()
        elif not Member.objects.filter(is_active=True).exists():
            self._add_members(FIRST_MEMBER)
        celery = (sys.executable, "-m", "celery", "--app", "achievements_admin.celery")
        self.children.start("web server", self._gunicorn())
        self.children.start(
            "worker",
            (*celery, "worker", "--pool=threads", "--concurrency=8", "--without-gossip", "--without-mingle"),
        )
        self.children.start("scheduler", (*celery, "beat", f"--schedule={settings.RUN_DIR / 'beat'}", "--pidfile="))
        # In the background: the pages are there at once and fill up as games are read.
        if ApiKey.objects.exists():
            self.children.start(
                "first reading", (sys.executable, settings.BASE_DIR / "manage.py", "sync"), may_end=True
            )
        self._wait_for("web server", settings.PORT)

    def _gunicorn(self) -> tuple[str, ...]:
        return (
            *(sys.executable, "-m", "gunicorn", "achievements_admin.wsgi:application"),
            *("--bind", f"127.0.0.1:{settings.PORT}", "--worker-class", "gthread", "--workers", "1", "--threads", "8"),
            *("--graceful-timeout", "2", "--log-level", "warning", "--no-control-socket"),
        )

    def _start_demo(self) -> None:
        teams = demo.ensure_keys(settings.RUN_DIR / "keys")
        self.children.start(
            "simulator",
            (
                *(sys.executable, "-m", "achievements_admin.simulator", "--port", str(settings.SIMULATOR_PORT)),
                *("--state", str(settings.RUN_DIR / "simulator.json"), "--keys-folder", str(settings.RUN_DIR / "keys")),
            ),
        )
        self._wait_for("simulator", settings.SIMULATOR_PORT)
        for team in teams:
            if not _is_connected(team.key_id, team.private_key_path):
                call_command(
                    *("connect_team", "--name", team.team_name, "--issuer-id", team.issuer_id),
                    *("--key-id", team.key_id, "--private-key", str(team.private_key_path)),
                    stdout=io.StringIO(),
                )
        self._add_members(DEMO_MEMBERS)

    def _add_members(self, members: dict[str, str]) -> None:
        os.environ["MEMBER_PASSWORD"] = os.environ["DEMO_PASSWORD"]
        for email, role in members.items():
            if not _opens(email):
                name = email.partition("@")[0].title()
                call_command("add_member", email, role=role, name=name, stdout=io.StringIO())
        del os.environ["MEMBER_PASSWORD"]

    def _wait_for(self, child: str, port: int) -> None:
        self.children.wait_until(lambda: _answers(port), what=child, seconds=READY_SECONDS)

    def _announce(self) -> None:
        lines = ["", f"  Achievements Admin   http://127.0.0.1:{settings.PORT}/"]
        candidates = DEMO_MEMBERS if settings.IS_DEMO else FIRST_MEMBER
        for email, role in candidates.items():
            if _opens(email):
                lines.append(f"  sign in as           {email}   {os.environ['DEMO_PASSWORD']}   ({role})")
        stand_in = "the simulator" if settings.IS_DEMO else "ASC_API_URL"
        lines += [
            f"  Apple's API          {settings.ASC_API_URL} ({stand_in})",
            f"  logs and mail        {settings.RUN_DIR / 'logs'}",
            "  stop                 Ctrl-C",
            "",
        ]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def _is_connected(key_id: str, private_key: Path) -> bool:
    """Whether this very key is stored, in a form that can still be read: `.run` may be newer than the database."""
    key = ApiKey.objects.filter(key_id=key_id).first()
    try:
        return key is not None and vault.unseal(bytes(key.encrypted_private_key)) == private_key.read_text().strip()
    except ServiceError:
        return False


def _opens(email: str) -> bool:
    """Whether a member signs in with the password of this folder."""
    member = Member.objects.filter(email=email, is_active=True).first()
    return member is not None and member.check_password(os.environ["DEMO_PASSWORD"])


def _answers(port: int) -> bool:
    """Whether a server of ours answers, whatever it says."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()
