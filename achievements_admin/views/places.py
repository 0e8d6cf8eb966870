"""Which game or group a page is about."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from achievements_admin.models import Achievement, App, Group, Team
from achievements_admin.services import catalog, members
from achievements_admin.services.rows import Home

from .acting import member


@dataclass(frozen=True, slots=True)
class Place:
    """The game or group of the address, and where its achievements are (a game in a group has them there)."""

    subject: App | Group
    home: Home

    @property
    def kind(self) -> str:
        """ "app" or "group", as in the address."""
        return "app" if isinstance(self.subject, App) else "group"

    @property
    def is_in_group(self) -> bool:
        """Whether a game shows its group's achievements."""
        return self.home is not self.subject

    @property
    def is_group(self) -> bool:
        """Whether the achievements belong to a group."""
        return isinstance(self.home, Group)

    @property
    def has_game_center(self) -> bool:
        """Whether there can be achievements."""
        return isinstance(self.subject, Group) or bool(self.subject.detail_id)

    def url(self, name: str, *arguments: str) -> str:
        """Address of a page of this game or group."""
        return reverse(f"{self.kind}-{name}", args=[self.subject.apple_id, *arguments])

    # Addresses that templates need.

    @property
    def list_url(self) -> str:
        """The list of achievements."""
        return self.url("achievements")

    @property
    def new_url(self) -> str:
        """A new achievement."""
        return self.url("new")

    @property
    def refresh_url(self) -> str:
        """Read it from Apple."""
        return self.url("refresh")

    @property
    def bulk_url(self) -> str:
        """One wish for many achievements."""
        return self.url("bulk")

    @property
    def history_url(self) -> str:
        """What happened to it."""
        return self.url("history")

    def require(self, request: HttpRequest, action: str) -> None:
        """Raise NotAllowed unless the member may do it here."""
        app, team = self._scope()
        members.require(member(request), action, app=app, team=team)

    def can(self, request: HttpRequest, action: str) -> bool:
        """Whether the member may do it here."""
        app, team = self._scope()
        return members.can(member(request), action, app=app, team=team)

    def achievement(self, apple_id: str) -> Achievement:
        """One of the achievements that this page may show."""
        return catalog.achievement(self.home, apple_id)

    def _scope(self) -> tuple[App | None, Team | None]:
        """What a right is asked for: the game, or the whole team where the achievements are a group's."""
        return (self.home, None) if isinstance(self.home, App) else (None, self.home.team)


def place(request: HttpRequest, kind: str, apple_id: str) -> Place:
    """The game or group of an address; NotFound where the member may not see it."""
    if kind == "group":
        group = catalog.group(member(request), apple_id)
        return Place(group, group)
    app = catalog.game(member(request), apple_id)
    return Place(app, catalog.home_of(app))
