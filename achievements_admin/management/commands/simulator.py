"""`manage.py simulator`: the stand-in for App Store Connect, in this process."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from achievements_admin.simulator import command


class Command(BaseCommand):
    """Serve the simulator until interrupted; the flags are the module's own."""

    help = "Runs a stand-in for App Store Connect on loopback."
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Django's parser, with the simulator's flags."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The same flags as the module's."""
        command.add_arguments(parser)

    def run_from_argv(self, argv: list[str]) -> None:
        """Hand the flags over as they are, so that there is one parser and one exit code."""
        sys.exit(command.main(argv[2:]))

    def handle(self, *args: Any, **options: Any) -> None:
        """`call_command` with keywords only."""
        flags = [
            f"--{name.replace('_', '-')}={options[name]}" for name in ("port", "seed", "keys_folder", "latency_ms")
        ]
        if command.main(flags):
            raise SystemExit(2)
