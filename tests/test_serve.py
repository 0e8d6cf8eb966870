"""`make run`, end to end: everything comes up by one command and goes away with it."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from achievements_admin.management.processes import ChildDied, Children
from tests.settings import free_port

# A budget for two cores that other tests share; the README's figures are measured on a quiet machine.
UP_SECONDS = 90
DOWN_SECONDS = 10


class Run:
    """A running `make run`, in a process group of its own as from a terminal."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port, self.simulator_port = free_port(), free_port()
        clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.process = subprocess.Popen(
            ["make", "--silent", "run"],
            cwd=settings.BASE_DIR,
            env=clean
            | {
                "RUN_DIR": str(folder / "run"),
                "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
                "PORT": str(self.port),
                "SIMULATOR_PORT": str(self.simulator_port),
                "PYTHONUNBUFFERED": "1",
            }
            | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def until_announced(self) -> str:
        """What was printed up to the line that says how to stop."""
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                return "".join(lines)
        raise AssertionError(f"It ended early:\n{''.join(lines)}\n{self.logs()}")

    def logs(self) -> str:
        """What the children wrote."""
        return "\n".join(f"{log.name}: {log.read_text()[-2000:]}" for log in (self.folder / "run/logs").glob("*.log"))

    def press_ctrl_c(self) -> int:
        """SIGINT to the foreground processes, as a terminal sends it; returns make's exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(timeout=DOWN_SECONDS)

    def status_of(self, path: str) -> int:
        """What one page answers."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("GET", path)
            return connection.getresponse().status

    def processes(self) -> list[str]:
        """Command lines of whatever still runs with this run's folder in its environment."""
        mark = f"RUN_DIR={self.folder / 'run'}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue
        return found


@contextmanager
def make_run(folder: Path, **environment: str) -> Iterator[Run]:
    run = Run(folder, **environment)
    try:
        yield run
    finally:
        if run.process.poll() is None:
            os.killpg(run.process.pid, signal.SIGTERM)
        run.process.communicate(timeout=DOWN_SECONDS)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent to notice does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


def answers(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.skipif(not Path("/proc").exists(), reason="counts processes in /proc")
def test_everything_comes_up_prints_the_sign_in_and_leaves_nothing_behind(tmp_path: Path) -> None:
    passwords = []
    for _ in ("first", "second"):
        started = time.monotonic()
        with make_run(tmp_path) as run:
            printed = run.until_announced()
            assert time.monotonic() - started < UP_SECONDS
            assert f"http://127.0.0.1:{run.port}/" in printed
            passwords += re.findall(r"ada@example\.com +(\S+) +\(admin\)", printed)
            assert run.status_of("/healthz") == 200
            assert run.status_of("/") == 302
            assert answers(run.simulator_port)
            running = " ".join(run.processes())
            assert all(word in running for word in ("gunicorn", "worker", "beat", "simulator"))
            run.press_ctrl_c()
            assert run.processes() == []
            assert not answers(run.port)
            assert not answers(run.simulator_port)
    assert len(passwords) == 2
    assert passwords[0] == passwords[1]


@pytest.mark.parametrize("name", ["PORT", "SIMULATOR_PORT"])
def test_a_taken_port_is_one_sentence_before_anything_starts(name: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with make_run(tmp_path, **{name: port}) as run:
            printed, _ = run.process.communicate(timeout=UP_SECONDS)
    sentence = f"Port {port} is taken: stop what listens there, or set {name} to another port."
    assert sentence in printed
    assert "Traceback" not in printed
    assert not (tmp_path / "db.sqlite3").exists()


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds the worker in /proc")
def test_a_child_that_dies_ends_all_with_one_sentence(tmp_path: Path) -> None:
    with make_run(tmp_path) as run:
        run.until_announced()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                is_ours = f"RUN_DIR={tmp_path / 'run'}".encode() in (entry / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if is_ours and b"worker" in words:
                os.kill(int(entry.name), signal.SIGKILL)
        printed, _ = run.process.communicate(timeout=DOWN_SECONDS)
        assert "The worker was killed by signal 9, so everything was stopped" in printed
        assert "Traceback" not in printed
        assert run.processes() == []


def test_with_an_api_of_its_own_there_is_no_simulator_and_no_demo(tmp_path: Path) -> None:
    with make_run(tmp_path, ASC_API_URL=f"http://127.0.0.1:{free_port()}") as run:
        printed = run.until_announced()
        assert re.search(r"admin@example\.com +\S+ +\(admin\)", printed)
        assert "ada@example.com" not in printed
        assert not answers(run.simulator_port)
        run.press_ctrl_c()


def test_a_child_that_ignores_the_signal_is_ended_with_its_own_children(tmp_path: Path) -> None:
    children = Children(tmp_path)
    program = (
        "import signal, subprocess, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "own = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(own.pid, flush=True); own.wait()"
    )
    children.start("stubborn", (sys.executable, "-c", program))
    children.wait_until(lambda: bool(children.log("stubborn").read_text()), what="stubborn", seconds=10)
    children.stop()
    assert not is_alive(int(children.log("stubborn").read_text()))


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux to do it")
def test_children_go_when_their_parent_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path;"
        "from achievements_admin.management.processes import Children;"
        f"children = Children(Path({str(tmp_path)!r}));"
        "children.start('sleeper', (sys.executable, '-c', 'import time; time.sleep(60)'));"
        "print(children._running['sleeper'].pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.kill()
    deadline = time.monotonic() + DOWN_SECONDS
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(child)


def test_a_child_that_never_answers_is_named(tmp_path: Path) -> None:
    children = Children(tmp_path)
    children.start("sleeper", (sys.executable, "-c", "import time; time.sleep(60)"))
    with pytest.raises(ChildDied, match=r"The sleeper did not answer within 0 seconds"):
        children.wait_until(lambda: False, what="sleeper", seconds=0.1)
    children.stop()
