"""HTTP sessions as both the API and the uploads need them, and what it means when one brings no answer."""

import ssl
from http.cookiejar import DefaultCookiePolicy

import requests
import urllib3
from requests.adapters import HTTPAdapter

from .errors import Unreachable


def new_session() -> requests.Session:
    """A pooled session that keeps no cookies and takes nothing from the environment; threads may share it."""
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=16, pool_block=True))
    return session


def unreachable(whom: str, error: requests.RequestException, *, is_write: bool) -> Unreachable:
    """The error for a request that got no answer: whether it can have left decides whether its outcome is unknown."""
    reason = error.args[0] if error.args else None
    reason = getattr(reason, "reason", reason)
    is_certificate = isinstance(reason, urllib3.exceptions.SSLError) and any(
        isinstance(arg, ssl.SSLCertVerificationError) for arg in reason.args
    )
    never_left = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
    was_sent = not is_certificate and not isinstance(reason, never_left)
    if is_certificate:
        what = f"The certificate of {whom} is not valid. Check the network."
    elif isinstance(error, requests.Timeout):
        what = f"No answer from {whom} in time. Try again in a few minutes."
    elif was_sent:
        what = f"The connection to {whom} was lost. Try again."
    else:
        what = f"No way to {whom}. Check the network and try again in a few minutes."
    return Unreachable(what, was_sent=was_sent, outcome_unknown=is_write and was_sent)
