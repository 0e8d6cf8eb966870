"""Sign-ins, written to the audit as they happen."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from achievements_admin.models import Member
from achievements_admin.services import audit
from achievements_admin.services.audit import By


def _address(request: HttpRequest | None) -> str | None:
    return request.META.get("REMOTE_ADDR") or None if request else None


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: Member, **_: Any) -> None:
    """A member has signed in."""
    audit.record("member.signed_in", by=By(user, _address(request)), title=user.email)


@receiver(user_logged_out)
def signed_out(request: HttpRequest, user: Member | None, **_: Any) -> None:
    """A member has signed out."""
    if user:
        audit.record("member.signed_out", by=By(user, _address(request)), title=user.email)


@receiver(user_login_failed)
def refused(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Somebody gave a wrong address or password; the address is kept, the password never."""
    given = str(credentials.get("email") or credentials.get("username") or "")
    audit.record("member.sign_in_refused", by=By(None, _address(request)), title=given)
