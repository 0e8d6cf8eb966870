"""The simulator as a process of its own, for tests and benchmarks: started, steered, stopped."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import jwt

from . import demo
from .seeds import Seed

START_SECONDS = 20.0
_ROOT = Path(__file__).resolve().parents[2]


class SimulatorProcess:
    """A simulator on a free port.

    with SimulatorProcess(seed="big:100:10", rules={"image_processing_seconds": 0}) as simulator:
        requests.get(f"{simulator.url}/v1/apps", headers=simulator.authorization())
        simulator.control("faults", [{"kind": "429", "nth": 3}])
    """

    def __init__(
        self,
        *,
        seed: str | Seed | Mapping[str, Any] = "demo",
        rules: Mapping[str, Any] | None = None,
        latency_ms: float = 0.0,
        hour_limit: int | None = None,
        faults: Sequence[Mapping[str, Any]] = (),
        port: int = 0,
        state: Path | str = "",
        keys_folder: Path | str = "",
    ) -> None:
        """`seed` is a name, a builder or a document; `keys_folder` is a temporary one unless given."""
        self.folder = Path(tempfile.mkdtemp(prefix="simulator-"))
        self.keys = demo.ensure_keys(keys_folder or self.folder / "keys")
        self.url = ""
        self._process: subprocess.Popen[str] | None = None
        arguments = ["--port", str(port), "--keys-folder", str(keys_folder or self.folder / "keys")]
        arguments += ["--seed", self._seed(seed), "--latency-ms", str(latency_ms)]
        arguments += [] if hour_limit is None else ["--hour-limit", str(hour_limit)]
        for name, value in (rules or {}).items():
            text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            arguments += ["--rules", f"{name}={text}"]
        if faults:
            path = self.folder / "faults.json"
            path.write_text(json.dumps(list(faults)))
            arguments += ["--faults", str(path)]
        self.arguments = arguments + (["--state", str(state)] if state else [])

    def _seed(self, seed: str | Seed | Mapping[str, Any]) -> str:
        if isinstance(seed, str):
            return seed
        path = self.folder / "seed.json"
        path.write_text(json.dumps(seed.document() if isinstance(seed, Seed) else seed))
        return str(path)

    def start(self) -> Self:
        """Start it and wait until it listens; after `kill` it starts again at the same address."""
        command = [sys.executable, "-m", "achievements_admin.simulator", *self.arguments]
        # A file, since a pipe that nobody reads would stop the process once it is full.
        with (self.folder / "errors.txt").open("w") as errors:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=_ROOT)
        assert self._process.stdout is not None  # a pipe was asked for
        line = self._process.stdout.readline()
        if not line.startswith("Simulator listening on "):
            self._process.wait(START_SECONDS)
            reason = (self.folder / "errors.txt").read_text()
            self.stop()
            raise RuntimeError(f"the simulator did not start: {reason}")
        self.url = line.split()[-1]
        self.arguments[1] = self.url.rpartition(":")[2]
        return self

    def stop(self) -> int:
        """Stop it cleanly and take its folder away; returns its exit code."""
        code = self._end(self._process.terminate) if self._process is not None else 0
        shutil.rmtree(self.folder, ignore_errors=True)
        return code

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._end(self._process.kill)

    def _end(self, how: Callable[[], None]) -> int:
        process = self._process
        assert process is not None and process.stdout is not None  # asked by the callers
        how()
        try:
            code = process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        process.stdout.close()
        self._process = None
        return code

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid if self._process is not None else 0

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def environment(self) -> dict[str, str]:
        """What the dashboard needs to talk to it."""
        return {**os.environ, "ASC_API_URL": self.url}

    # Keys and tokens

    def token(self, team: int = 1, **claims: Any) -> str:
        """A token of a team's key (from 1), ten minutes long; `claims` replace what is usual, None leaves one out."""
        key = self.keys[team - 1]
        now = int(time.time())
        payload = {"iss": key.issuer_id, "iat": now - 5, "exp": now + 595, "aud": "appstoreconnect-v1", **claims}
        payload = {name: value for name, value in payload.items() if value is not None}
        return jwt.encode(payload, key.private_key_path.read_bytes(), algorithm="ES256", headers={"kid": key.key_id})

    def authorization(self, team: int = 1, **claims: Any) -> dict[str, str]:
        """The header with such a token."""
        return {"Authorization": f"Bearer {self.token(team, **claims)}"}

    # The control plane

    def control(self, path: str, body: Any = None) -> Any:
        """POST to the control plane when there is a body, GET otherwise; raises ValueError when it is refused."""
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_simulator/{path}", data=content)  # noqa: S310  # loopback
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310  # loopback
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise ValueError(error.read().decode()) from error

    def state(self) -> dict[str, Any]:
        """The whole store, by type."""
        found: dict[str, Any] = self.control("state")
        return found

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """What was asked of the API, oldest first."""
        found: list[dict[str, Any]] = self.control(f"requests?since={since}")["requests"]
        return found

    def reset(self, seed: str | Seed | Mapping[str, Any] | None = None, *, entirely: bool = False) -> None:
        """Back to the seed, or to another; journal, quota and faults are empty then.

        `entirely`: rules, keys, clock and latency are as at the start, too.
        """
        if seed is None:
            self.control("reset", {"all": entirely})
        elif isinstance(seed, str):
            self.control("seed", {"name": seed, "all": entirely})
        else:
            document = seed.document() if isinstance(seed, Seed) else dict(seed)
            self.control("seed", {"document": document, "all": entirely})
