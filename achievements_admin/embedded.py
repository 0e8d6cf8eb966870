"""The folder in which `make run` keeps what it makes, so that the dashboard starts with nothing configured.

Read by the settings, therefore without Django.
"""

import base64
import os
import secrets
from pathlib import Path


def run_folder() -> Path:
    """`.run` beside the code, or what `RUN_DIR` names."""
    return Path(os.environ.get("RUN_DIR") or Path(__file__).resolve().parent.parent / ".run").resolve()


def prepare() -> Path:
    """Make the folder with its secrets, once; returns it."""
    folder = run_folder()
    folder.mkdir(parents=True, exist_ok=True)
    lines = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "CREDENTIALS_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "DEMO_PASSWORD": "-".join(secrets.token_hex(2) for _ in range(3)),
        "INSECURE_HTTP": "1",
        "DEMO": "1",
    }
    try:
        descriptor = os.open(folder / "env", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return folder
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in lines.items())
    return folder
