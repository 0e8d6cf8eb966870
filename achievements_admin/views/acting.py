"""Who is behind a request."""

from typing import cast

from django.http import HttpRequest

from achievements_admin.models import Member
from achievements_admin.services.audit import By


def member(request: HttpRequest) -> Member:
    """The member who signed in; the middleware lets nobody else through."""
    return cast(Member, request.user)


def by(request: HttpRequest) -> By:
    """Who acts, and from where."""
    return By(member(request), request.META.get("REMOTE_ADDR") or None)
