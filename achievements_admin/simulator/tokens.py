"""Keys and tokens: ES256, short-lived, for this audience, with a key's role and agreement (facts 6)."""

import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from . import errors

AUDIENCE = "appstoreconnect-v1"
LIFETIME_MAX = 1200  # [D] 20 minutes
SKEW = 60
WRITING_ROLES = frozenset({"ADMIN", "APP_MANAGER", "DEVELOPER", "MARKETING", "ACCOUNT_HOLDER"})  # [H]
TOKENS_REMEMBERED = 1000


@dataclass(slots=True)
class Key:
    """An API key: public half, team, and what an administrator may change about it."""

    key_id: str
    team: str
    issuer_id: str  # empty: any issuer will do
    public_key: EllipticCurvePublicKey
    role: str = "ADMIN"
    is_revoked: bool = False
    has_agreement: bool = True
    is_individual: bool = False
    has_second_generation: bool = True


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token said."""

    expires: float
    scope: tuple[str, ...] | None


@dataclass(slots=True)
class Keyring:
    """All keys. A token's signature is checked once; its times are checked at every request."""

    keys: dict[str, Key] = field(default_factory=dict)
    _verified: OrderedDict[str, tuple[str, Claims]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, key_id: str, *, team: str, issuer_id: str, public_pem: bytes) -> Key:
        """Register a key; the same identifier again replaces it."""
        public = load_pem_public_key(public_pem)
        if not isinstance(public, EllipticCurvePublicKey) or public.curve.name != "secp256r1":
            raise ValueError(f"key {key_id} is not an EC P-256 public key")
        key = Key(key_id=key_id, team=team, issuer_id=issuer_id, public_key=public)
        with self._lock:
            self.keys[key_id] = key
            self._verified.clear()
        return key

    def restore(self) -> None:
        """Make every key what it was when it was registered."""
        for key in self.keys.values():
            key.role, key.is_revoked, key.has_agreement, key.is_individual = "ADMIN", False, True, False
            key.has_second_generation = True

    def authenticate(self, header: str | None, method: str, path: str) -> Key:
        """The key of a request; raises a Refusal 401 or 403."""
        scheme, _, token = (header or "").partition(" ")
        if scheme != "Bearer" or not token:
            raise errors.not_authorized()
        key, claims = self._claims(token)
        if key.is_revoked or claims.expires <= time.time():
            raise errors.not_authorized()
        if claims.scope is not None and not _in_scope(claims.scope, method, path):
            raise errors.forbidden()
        if not key.has_agreement:
            raise errors.agreement_missing()
        if method != "GET" and key.role not in WRITING_ROLES:
            raise errors.forbidden()
        return key

    def _claims(self, token: str) -> tuple[Key, Claims]:
        with self._lock:
            known = self._verified.get(token)
        if known is not None:
            return self.keys[known[0]], known[1]
        try:
            key_id = jwt.get_unverified_header(token).get("kid", "")
            key = self.keys[key_id]
            payload = jwt.decode(
                token,
                key.public_key,
                algorithms=["ES256"],
                audience=AUDIENCE,
                leeway=SKEW,
                options={"require": ["exp", "iat", "aud"], "verify_exp": False},
            )
            claims = _checked(payload, key)
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
            raise errors.not_authorized() from None
        with self._lock:
            self._verified[token] = (key_id, claims)
            while len(self._verified) > TOKENS_REMEMBERED:
                self._verified.popitem(last=False)
        return key, claims


def _checked(payload: dict[str, Any], key: Key) -> Claims:
    """The claims of a signed token, or ValueError."""
    issued, expires = float(payload["iat"]), float(payload["exp"])
    if expires - issued > LIFETIME_MAX:
        raise ValueError("lives too long")
    if "sub" in payload:
        # Individual keys have a subject instead of an issuer [D].
        if payload["sub"] != "user" or "iss" in payload:
            raise ValueError("neither a team's key nor an individual's")
    elif key.is_individual or not payload.get("iss") or payload["iss"] != (key.issuer_id or payload["iss"]):
        raise ValueError("another issuer")
    scope = payload.get("scope")
    return Claims(expires, None if scope is None else tuple(str(one) for one in scope))


_IGNORED_IN_SCOPE = re.compile(r"(?:^|&)(?:limit|cursor|sort)=[^&]*")


def _in_scope(scope: tuple[str, ...], method: str, path: str) -> bool:
    """[D] a scope holds `GET <path>[?query]`; paging and sort don't matter. A scoped token cannot write [I]."""
    if method != "GET":
        return False
    return any(_plain(one) == _plain(f"GET {path}") for one in scope)


def _plain(request: str) -> str:
    before, _, query = request.partition("?")
    rest = _IGNORED_IN_SCOPE.sub("", query).strip("&")
    return f"{before}?{rest}" if rest else before
