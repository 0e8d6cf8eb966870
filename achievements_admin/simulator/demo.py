"""The demo studio: its keys, and what it has at Apple."""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

KEYS_FOLDER = Path(".run/keys")


@dataclass(frozen=True, slots=True)
class Team:
    """An Apple team of the studio, with its one API key."""

    name: str
    issuer_id: str
    key_id: str


TEAMS = (
    Team("Northlight Studio", "5f1c6b2e-8f0a-4d37-9a51-2d6c3b7e9f10", "NL7K2P9QXA"),
    Team("Northlight Labs", "c2a94d1e-73b6-4e0c-b8f5-61d0a7e4c829", "NL4W8T3MZB"),
)


@dataclass(frozen=True, slots=True)
class DemoKey:
    """A key of the demo studio and where its halves are."""

    team_name: str
    issuer_id: str
    key_id: str
    private_key_path: Path
    public_key_path: Path


def ensure_keys(folder: Path | str = KEYS_FOLDER) -> list[DemoKey]:
    """The demo studio's keys, made in the folder where they are missing; readable by their owner alone."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return [_ensure_key(folder, team) for team in TEAMS]


def _ensure_key(folder: Path, team: Team) -> DemoKey:
    private_path = folder / f"AuthKey_{team.key_id}.p8"
    public_path = folder / f"{team.key_id}.public.pem"
    if not private_path.exists():
        private = ec.generate_private_key(ec.SECP256R1())
        _write(private_path, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        public_path.unlink(missing_ok=True)
    if not public_path.exists():
        loaded = load_pem_private_key(private_path.read_bytes(), password=None)
        public = loaded.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        _write(public_path, public)
    return DemoKey(team.name, team.issuer_id, team.key_id, private_path, public_path)


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    os.replace(beside, path)
