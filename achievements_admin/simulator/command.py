"""The simulator's command line, the same for the module and for the management command."""

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from . import demo, seeds, state
from .rules import Rules
from .server import PortTaken, Server
from .world import World


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags."""
    parser.add_argument("--port", type=int, default=8010, help="port on loopback; 0 takes a free one")
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="KEY_ID:PUBLIC.pem[:TEAM]",
        help="accept this key, for the team with this number (from 1); without any, the demo studio's own keys",
    )
    parser.add_argument("--keys-folder", default=str(demo.KEYS_FOLDER), help="where the demo studio's keys are")
    parser.add_argument("--seed", default="demo", help="demo, empty, big:ACHIEVEMENTS:LOCALES, or a JSON file")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="every answer takes at least so long")
    parser.add_argument("--hour-limit", type=int, default=None, help="requests an hour and key")
    parser.add_argument("--faults", default="", help="a JSON file with a list of faults")
    parser.add_argument("--state", default="", help="keep the store in this file")
    parser.add_argument("--rules", action="append", default=[], metavar="NAME=VALUE", help="switch a rule")


class BadArguments(Exception):
    """The flags make no sense; the text says why."""


def main(argv: Sequence[str]) -> int:
    """Serve until told to stop; 0 after a clean stop, 2 when it can't begin."""
    parser = argparse.ArgumentParser(prog="simulator", description="A stand-in for App Store Connect.")
    add_arguments(parser)
    arguments = parser.parse_args(argv)
    try:
        return _serve(arguments)
    except BadArguments as error:
        print(f"simulator: {error}", file=sys.stderr)
    except PortTaken:
        print(
            f"simulator: port {arguments.port} is taken by another process; stop it, or choose another with --port.",
            file=sys.stderr,
        )
    return 2


def _serve(arguments: argparse.Namespace) -> int:
    world = build(arguments)
    server = Server(arguments.port, world)
    keeper = state.Keeper(world, Path(arguments.state)) if arguments.state else None
    if keeper is not None:
        world.on_change = keeper.note_change

    def stop(number: int, frame: object) -> None:
        # `shutdown` waits for the loop, which runs in this very thread.
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    print(f"Simulator listening on {server.url}", flush=True)
    server.serve_forever(poll_interval=0.1)
    world.faults.clear()
    server.socket.close()
    if keeper is not None:
        keeper.close()
    return 0


def build(arguments: argparse.Namespace) -> World:
    """The world that the flags describe; raises BadArguments."""
    world = World(latency=arguments.latency_ms / 1000)
    try:
        chosen = dict(one.split("=", 1) for one in arguments.rules)
        world.rules = Rules().changed(chosen)
        if arguments.hour_limit is not None:
            world.rules = world.rules.changed({"hour_limit": arguments.hour_limit})
        world.first_rules = world.rules
        if arguments.faults:
            world.faults.load(Path(arguments.faults).read_text())
        is_named = arguments.seed == "demo" or seeds.named(arguments.seed) is not None
        world.plant(arguments.seed if is_named else json.loads(Path(arguments.seed).read_text()))
        _register_keys(world, arguments)
        if arguments.state and Path(arguments.state).exists():
            state.restore(world, Path(arguments.state))
        else:
            seeds.load(world.store, world.seed)
    except (ValueError, TypeError, KeyError, OSError) as error:
        raise BadArguments(str(error)) from error
    return world


def _register_keys(world: World, arguments: argparse.Namespace) -> None:
    """The demo studio's keys, or the given ones; these may name any issuer, since none was given with them."""
    if not arguments.key:
        for number, key in enumerate(demo.ensure_keys(arguments.keys_folder), start=1):
            world.keyring.add(
                key.key_id,
                team=seeds.team_id(number),
                issuer_id=key.issuer_id,
                public_pem=key.public_key_path.read_bytes(),
            )
    for given in arguments.key:
        key_id, _, rest = given.partition(":")
        path, _, index = rest.rpartition(":")
        if not (path and index.isdigit()):
            path, index = rest, "1"
        world.keyring.add(key_id, team=seeds.team_id(int(index)), issuer_id="", public_pem=Path(path).read_bytes())
