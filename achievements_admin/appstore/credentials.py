"""From a stored key to the short-lived token that goes with each request.

Developer documentation, "Generating Tokens for API Requests": ES256, audience `appstoreconnect-v1`, at most 20 minutes;
a team key says its issuer, an individual key `sub: user` instead.
"""

import threading
import time
from dataclasses import dataclass, field

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

AUDIENCE = "appstoreconnect-v1"
LIFETIME_SECONDS = 600
RENEW_BEFORE_SECONDS = 120
BACKDATE_SECONDS = 30
# A clock that is off by less does not explain a refused token.
CLOCK_TOLERANCE_SECONDS = 30


class BadKey(ValueError):
    """The text is no private key that Apple gives out; `str()` says what it is instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """One API key. Raises BadKey for anything but a P-256 private key in PEM; the key itself is never shown."""

    key_id: str
    issuer_id: str = ""
    private_key_pem: str = field(repr=False)
    is_individual: bool = False

    def __post_init__(self) -> None:
        _check(self.private_key_pem)


def _check(pem: str) -> None:
    advice = "Use the .p8 file that App Store Connect let you download when the key was made."
    if not pem.strip():
        raise BadKey(f"The private key is missing. {advice}")
    if "PUBLIC KEY" in pem:
        raise BadKey(f"This is a public key. {advice}")
    if "CERTIFICATE" in pem:
        raise BadKey(f"This is a certificate, not a key. {advice}")
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except TypeError as error:
        raise BadKey(f"This key is protected by a password. {advice}") from error
    except Exception as error:  # cryptography raises several unrelated types for bytes that are no key
        raise BadKey(f"This is no private key. {advice}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadKey(f"This private key is of another kind than Apple's (P-256). {advice}")


class TokenSource:
    """Makes tokens and keeps the present one until shortly before it ends. Safe to share between threads."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._lock = threading.Lock()
        self._token = ""
        self._ends = 0.0
        self.clock_offset = 0.0

    def token(self) -> str:
        """A token that is good for at least two more minutes."""
        with self._lock:
            if not self._token or time.time() + self.clock_offset > self._ends - RENEW_BEFORE_SECONDS:
                self._make()
            return self._token

    def renew(self, refused: str, *, server_time: float | None) -> None:
        """Make another token after one was refused, by Apple's clock where ours is off."""
        with self._lock:
            if self._token != refused:
                return
            if server_time is not None:
                offset = server_time - time.time()
                self.clock_offset = offset if abs(offset) > CLOCK_TOLERANCE_SECONDS else 0.0
            self._make()

    def _make(self) -> None:
        now = time.time() + self.clock_offset
        claims: dict[str, object] = {"iat": int(now) - BACKDATE_SECONDS, "exp": int(now) + LIFETIME_SECONDS, "aud": AUDIENCE}
        claims |= {"sub": "user"} if self._credentials.is_individual else {"iss": self._credentials.issuer_id}
        self._token = jwt.encode(
            claims, self._credentials.private_key_pem, algorithm="ES256", headers={"kid": self._credentials.key_id}
        )
        self._ends = now + LIFETIME_SECONDS
