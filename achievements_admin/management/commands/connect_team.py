"""`connect_team`: give the dashboard an API key of an Apple team."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from achievements_admin.models import AuditEntry, Team
from achievements_admin.services import teams
from achievements_admin.services.audit import By
from achievements_admin.services.errors import Invalid, Refused


class Command(BaseCommand):
    help = "Checks a key against App Store Connect and stores it encrypted; the same name again replaces the key."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="what the team is called here")
        parser.add_argument("--issuer-id", default="", help="issuer ID; none for an individual key")
        parser.add_argument("--key-id", required=True)
        parser.add_argument("--private-key", required=True, type=Path, help="the .p8 file")
        parser.add_argument("--individual", action="store_true", help="the key is an individual one")
        parser.add_argument("--generation", choices=Team.Generation.values, default=Team.Generation.AUTO)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            private_key = options["private_key"].read_text(errors="replace")
        except OSError as error:
            raise CommandError(f"{options['private_key']} can't be read: {error.strerror}.") from error
        try:
            team = teams.connect(
                name=options["name"],
                issuer_id=options["issuer_id"],
                key_id=options["key_id"],
                private_key=private_key,
                is_individual=options["individual"],
                generation=options["generation"],
                by=By(source=AuditEntry.Source.COMMAND),
            )
        except (Invalid, Refused) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{team} is connected with the key {options['key_id']}.")
