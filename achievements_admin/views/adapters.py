"""What allauth leaves to a project: here, that nobody signs up without an invitation."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Members come by invitation or by `add_member`."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: allauth's own sign-up form stays shut."""
        return False
