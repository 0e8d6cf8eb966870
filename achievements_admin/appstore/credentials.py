"""An API key becomes a short-lived token ("Generating Tokens for API Requests"). The key is never shown."""

import threading
import time
from dataclasses import dataclass, field

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from .errors import KEY_REFUSED, Document, NotAuthorized

AUDIENCE = "appstoreconnect-v1"
# Apple takes at most 20 minutes from `iat` to `exp`; `iat` lies back a little so that a clock ahead does no harm.
LIFETIME = 600
BACKDATED = 30
RENEWED_EARLY = 60
# A clock that differs by less is not worth learning.
CLOCK_TOLERANCE = 60
# How long no request is tried with a key that Apple refused with a fresh token.
REFUSAL_LASTS = 30


class BadKey(ValueError):
    """What was given as private key is none that Apple would take; `str()` says what to do."""


class Token(str):
    """A bearer token that does not show itself in tracebacks and logs."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Token(…)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A key of the App Store Connect API; raises BadKey. An individual key has no issuer."""

    key_id: str
    issuer_id: str = ""
    private_key_pem: str = field(repr=False)
    is_individual: bool = False

    def __post_init__(self) -> None:
        self.private_key()

    def private_key(self) -> ec.EllipticCurvePrivateKey:
        """The key to sign with: an unencrypted EC key on the curve P-256; raises BadKey."""
        if "PUBLIC KEY-----" in self.private_key_pem:
            raise BadKey("This is a public key. Give the private key, the .p8 file that Apple lets you download once.")
        try:
            key = load_pem_private_key(self.private_key_pem.encode(), password=None)
        except TypeError:
            raise BadKey("This private key is locked with a password. Give the .p8 file as Apple made it.") from None
        except (ValueError, UnsupportedAlgorithm):
            raise BadKey(
                "This is not a private key. Give the whole .p8 file, with its first and last line of dashes."
            ) from None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise BadKey("This key is of another kind than Apple's. Give the .p8 file from App Store Connect.")
        return key


class TokenSource:
    """Tokens of one key, renewed early; safe to use from many threads."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._key = credentials.private_key()
        self._lock = threading.Lock()
        self._token = Token()
        self._expires = 0.0
        self._clock_offset = 0.0
        self._refused_until = 0.0

    def token(self) -> Token:
        """A token with at least a minute to live; raises NotAuthorized while Apple refuses the key."""
        self.require_accepted()
        with self._lock:
            if self._now() > self._expires - RENEWED_EARLY:
                self._sign()
            return self._token

    def require_accepted(self) -> None:
        """Raise NotAuthorized while Apple refuses the key."""
        if time.time() < self._refused_until:
            raise self._not_authorized(was_sent=False)

    def renew(self, stale: str, *, server_time: float | None = None) -> Token:
        """A token other than `stale`, which Apple refused; `server_time` (epoch) is what Apple's `Date` header said.

        Another thread may have renewed it already; then theirs is returned.
        """
        with self._lock:
            if server_time is not None:
                offset = server_time - time.time()
                self._clock_offset = offset if abs(offset) > CLOCK_TOLERANCE else 0.0
            if self._token == stale:
                self._sign()
            return self._token

    def refuse(self, *, document: Document | None = None) -> NotAuthorized:
        """Apple refused a fresh token too: no request is tried for a while. Returns the error to raise."""
        with self._lock:
            self._refused_until = time.time() + REFUSAL_LASTS
            return self._not_authorized(document=document)

    def _now(self) -> float:
        return time.time() + self._clock_offset

    def _sign(self) -> None:
        now = int(self._now())
        claims: dict[str, object] = {"iat": now - BACKDATED, "exp": now + LIFETIME, "aud": AUDIENCE}
        if self._credentials.is_individual:
            claims["sub"] = "user"
        else:
            claims["iss"] = self._credentials.issuer_id
        self._token = Token(jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": self._credentials.key_id}))
        self._expires = now + LIFETIME

    def _not_authorized(self, *, document: Document | None = None, was_sent: bool = True) -> NotAuthorized:
        sentence = KEY_REFUSED
        if self._clock_offset:
            minutes = max(1, round(abs(self._clock_offset) / 60))
            way = "behind" if self._clock_offset > 0 else "ahead of"
            sentence = (
                f"Apple does not accept the API key, and this server's clock is {minutes} min {way} Apple's. "
                "Set the clock; if that does not help, check the key on the Team page."
            )
        return NotAuthorized(sentence, status=401, document=document, was_sent=was_sent)
