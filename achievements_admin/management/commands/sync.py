"""`sync`: read games from Apple into the mirror, and say what that took."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from achievements_admin.models import App, Group, Team
from achievements_admin.services import mirror
from achievements_admin.services.errors import Refused
from achievements_admin.services.mirror import Reading
from achievements_admin.services.rows import Home


class Command(BaseCommand):
    help = "Reads apps, groups, achievements, versions, localizations, images and releases from App Store Connect."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--team", help="name of one team; all teams without it")
        parser.add_argument("--app", help="Apple ID of one game")
        parser.add_argument("--group", help="identifier of one group")
        parser.add_argument("--images", action="store_true", help="read all images again, also where v1 trusts them")

    def handle(self, *args: Any, **options: Any) -> None:
        teams = Team.objects.order_by("name")
        if options["team"]:
            teams = teams.filter(name=options["team"])
        if not teams:
            raise CommandError("There is no such team. Connect one with connect_team, or on the Team page.")
        self.failures = 0
        if options["group"]:
            self._sync_group(options["group"], with_images=options["images"])
        else:
            self._sync_teams(list(teams), options["app"], with_images=options["images"])
        if self.failures:
            raise CommandError(f"{self.failures} could not be read; the reasons are above.", returncode=1)

    def _sync_teams(self, teams: list[Team], app_id: str | None, *, with_images: bool) -> None:
        known = App.objects.filter(apple_id=app_id).select_related("team").first() if app_id else None
        if known:
            teams = [known.team]
        for number, team in enumerate(teams, start=1):
            try:
                mirror.sync_team(team, app_id=app_id, with_images=with_images, tell=self._tell)
                if app_id:
                    return
            except Refused as error:
                if not app_id or number == len(teams):
                    self.failures += 1
                    self.stderr.write(f"{team}: {error}")

    def _sync_group(self, apple_id: str, *, with_images: bool) -> None:
        group = Group.objects.select_related("team").filter(apple_id=apple_id).first()
        if group is None:
            raise CommandError(f"There is no group {apple_id} in the mirror. Run sync for its team first.")
        try:
            self._tell(mirror.refresh(group, is_background=True, with_images=with_images), group)
        except Refused as error:
            self._tell(error, group)

    def _tell(self, outcome: Reading | Refused, home: Home | None) -> None:
        if isinstance(outcome, Refused):
            self.failures += 1
            self.stderr.write(f"{home}: {outcome}")
        elif outcome.was_running:
            self.stdout.write(f"{home}: is being read already")
        else:
            self.stdout.write(
                f"{home}: {outcome.achievements} achievements, {outcome.versions} versions, "
                f"{outcome.localizations} localizations, {outcome.images} images, "
                f"{outcome.changed} changed, {outcome.requests} requests"
            )
