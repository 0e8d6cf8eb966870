"""`add_member`: add somebody who can sign in, or change what a member may do."""

import argparse
import getpass
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from achievements_admin.models import AuditEntry, Member, Role
from achievements_admin.services import members
from achievements_admin.services.audit import By
from achievements_admin.services.errors import Invalid


class Command(BaseCommand):
    help = "Adds or changes a member. The password comes from MEMBER_PASSWORD, or is asked for."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument(
            "--app", action="append", default=[], help="Apple ID of a game; the whole studio without it"
        )
        parser.add_argument("--locale", action="append", default=[], help="only this language")
        parser.add_argument("--name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        password = os.environ.get("MEMBER_PASSWORD", "")
        if not password and not Member.objects.filter(email__iexact=options["email"]).exists():
            password = getpass.getpass("Password: ")
        try:
            member = members.add(
                options["email"],
                role=options["role"],
                apps=options["app"],
                locales=options["locale"],
                password=password,
                name=options["name"],
                by=By(source=AuditEntry.Source.COMMAND),
            )
        except Invalid as error:
            raise CommandError(str(error)) from error
        where = f"for {', '.join(options['app'])}" if options["app"] else "in the whole studio"
        self.stdout.write(f"{member.email} is {options['role']} {where}.")
