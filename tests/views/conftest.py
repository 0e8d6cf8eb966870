"""Clients that are signed in."""

from collections.abc import Callable

import pytest
from django.test import Client

from achievements_admin.models import Member, Role
from tests import factories


@pytest.fixture
def signed_in() -> Callable[..., Client]:
    """`signed_in("viewer")` or `signed_in(member)` is a client with a session."""

    def sign_in(who: str | Member = Role.PRODUCER) -> Client:
        client = Client(raise_request_exception=True)
        client.force_login(who if isinstance(who, Member) else factories.member(who))
        return client

    return sign_in
