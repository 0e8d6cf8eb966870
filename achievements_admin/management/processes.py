"""Child processes that live and die together, each in a process group of its own with a log of its own."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

# Who needs longer is cut off, and the ledger takes that as it takes any crash. Celery's worker often does: it takes
# four to five seconds even when it is idle.
GRACE_SECONDS = 3.0
PR_SET_PDEATHSIG = 1


class ChildDied(Exception):
    """A child ended that should have stayed; says so in one sentence."""


class Children:
    """Processes started here. `stop` ends every one of them, and all that they started."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._logs.mkdir(parents=True, exist_ok=True)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._may_end: set[str] = set()

    def start(self, name: str, command: Sequence[str | Path], *, may_end: bool = False) -> None:
        """Start one; `may_end` for a child whose end is no accident."""
        with self.log(name).open("wb") as log:
            self._running[name] = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal reaches us alone, so that we decide who stops when.
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        if may_end:
            self._may_end.add(name)

    def log(self, name: str) -> Path:
        """Where a child writes."""
        return self._logs / f"{name.replace(' ', '-')}.log"

    def check(self) -> None:
        """Raise ChildDied when one of them is gone."""
        for name, process in self._running.items():
            code = process.poll()
            if code is not None and name not in self._may_end:
                how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
                raise ChildDied(f"The {name} {how}, so everything was stopped; its last words are in {self.log(name)}.")

    def wait_until(self, is_ready: Callable[[], bool], *, what: str, seconds: float) -> None:
        """Wait for something that a child will do; raises ChildDied when it does not come in time."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            self.check()
            if time.monotonic() > deadline:
                raise ChildDied(f"The {what} did not answer within {seconds:.0f} seconds; see {self.log(what)}.")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ask all to end, wait a moment, and end those that are left."""
        groups = {process.pid for process in self._running.values()}
        _signal(groups, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline and not all(p.poll() is not None for p in self._running.values()):
            time.sleep(0.05)
        # Grandchildren outlive a child that was cut off, so the groups are ended whether or not their first is gone.
        _signal(groups, signal.SIGKILL)
        for process in self._running.values():
            process.wait()
        # Their own children die a moment later, and are not ours to wait for; a zombie that nobody reaps can't hold us.
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline and _signal(groups, 0):
            time.sleep(0.02)


def is_port_free(port: int) -> bool:
    """Whether nobody listens on a port of loopback."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _signal(groups: set[int], number: int) -> bool:
    """Signal all groups, 0 to ask only; returns whether any of them is left."""
    is_any_left = False
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)
            is_any_left = True
    return is_any_left


def _die_with_parent() -> None:
    """Have the kernel end the child when we are killed without a chance to do it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
