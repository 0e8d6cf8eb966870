"""One small studio in the simulator, and clients of it for either generation."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import pytest

from achievements_admin.appstore.client import AppStore
from achievements_admin.appstore.credentials import Credentials
from achievements_admin.appstore.errors import Rubbish, Unreachable
from achievements_admin.appstore.generations import GENERATIONS
from achievements_admin.appstore.generations.base import Generation
from achievements_admin.appstore.retry import RetryPolicy
from achievements_admin.appstore.transport import Exchange, Transport
from achievements_admin.appstore.uploads import Uploads
from achievements_admin.domain.achievement import Achievement, Image, Localization, Owner
from achievements_admin.simulator.pictures import plain_png
from achievements_admin.simulator.process import SimulatorProcess
from achievements_admin.simulator.rules import Rules
from achievements_admin.simulator.seeds import Seed, achievement
from tests import openapi

QUICK = RetryPolicy(attempts=3, total=60, sleep=lambda seconds: None)
PNG = plain_png(512)
NEW = {
    "reference_name": "Fresh",
    "vendor_identifier": "fresh",
    "points": 10,
    "show_before_earned": True,
    "repeatable": False,
}
TEXTS = {"name": "Frisch", "before_earned_description": "Noch nicht.", "after_earned_description": "Geschafft."}


RULES = asdict(Rules(image_processing_seconds=0, cancel_seconds=0))
SOUND_KEY = {"revoked": False, "agreement": True, "role": "ADMIN"}


def _seed() -> Seed:
    seed = Seed()
    seed.team("Studio")
    seed.group("Series", achievements=2)
    live = achievement(1, vendor_identifier="live", locales=2, state="LIVE", release="live")
    drafts = [achievement(number, vendor_identifier=f"draft_{number}", locales=2) for number in (2, 3)]
    game = seed.game(
        "Space",
        versions=[
            {"version_string": "1.0", "state": "READY_FOR_DISTRIBUTION"},
            {"version_string": "2.0", "state": "PREPARE_FOR_SUBMISSION", "game_center": False},
        ],
    )
    game["achievements"] += [live, *drafts]
    seed.game("Member", group="Series")
    seed.game("Plain", game_center=False)
    return seed


@pytest.fixture(scope="session")
def studio_process() -> Iterator[SimulatorProcess]:
    """A simulator of this suite's own."""
    with SimulatorProcess(seed="empty") as process:
        yield process


@pytest.fixture
def apple(studio_process: SimulatorProcess) -> SimulatorProcess:
    """The simulator with the studio, its rules and its keys as new."""
    studio_process.control("rules", RULES)
    studio_process.control("keys", SOUND_KEY)
    studio_process.reset(_seed())
    return studio_process


@dataclass(slots=True)
class Studio:
    """A client of one generation, and what the seed holds."""

    store: AppStore
    half: Generation
    uploads: Uploads
    apple: SimulatorProcess

    def app_id(self, name: str) -> str:
        """A game's identifier."""
        return next(each.id for each in self.store.list_apps() if each.name == name)

    def owner(self, name: str = "Space") -> Owner:
        """Where a game keeps its achievements."""
        found = self.store.get_detail(self.app_id(name))
        assert found is not None
        return Owner("detail", found[1].id)

    def group(self) -> Owner:
        """The group."""
        return Owner("group", self.store.list_groups()[0].id)

    def find(self, vendor_identifier: str, owner: Owner | None = None) -> Achievement:
        """An achievement that is there."""
        found = self.half.find(owner or self.owner(), vendor_identifier)
        assert found is not None
        return found

    def version_id(self, found: Achievement) -> str:
        """What the texts of an achievement hang on."""
        return self.half.get(found.id).versions[-1].id

    def text(self, vendor_identifier: str = "draft_2", locale: str = "en-US") -> Localization:
        """A text that is there."""
        found = self.half.find_localization(self.version_id(self.find(vendor_identifier)), locale)
        assert found is not None
        return found

    def upload(self, localization_id: str, content: bytes = PNG) -> Image:
        """An image, reserved, sent and committed."""
        image, operations = self.half.reserve_image(localization_id, file_name="a.png", file_size=len(content))
        self.uploads.send(operations, content)
        return self.half.commit_image(image.id)

    def fail(self, *faults: dict[str, Any]) -> None:
        """Let things go wrong from now on."""
        self.apple.control("faults", list(faults))


@contextmanager
def open_studio(apple: SimulatorProcess, generation: str) -> Iterator[Studio]:
    """The studio through one generation of the API; in the end every exchange is checked against Apple's document."""
    key = apple.keys[0]
    exchanges: list[Exchange] = []
    pem = key.private_key_path.read_text()
    transport = Transport(
        Credentials(key_id=key.key_id, issuer_id=key.issuer_id, private_key_pem=pem),
        base_url=apple.url,
        policy=QUICK,
        read_seconds=5,
        on_request=exchanges.append,
    )
    store = AppStore(transport)
    uploads = Uploads(api_url=apple.url, policy=QUICK)
    try:
        yield Studio(store, store.achievements(generation), uploads, apple)
    finally:
        transport.close()
        uploads.close()
    if openapi.available():
        for exchange in exchanges:
            check(exchange)


def check(exchange: Exchange) -> None:
    """Hold an exchange against Apple's document: what was sent unless Apple refused it, and what came unless broken."""
    if not 400 <= exchange.status < 500:
        openapi.check_request(exchange.method, exchange.path, exchange.query, exchange.body_sent)
    if not isinstance(exchange.error, Rubbish | Unreachable):
        openapi.check_response(exchange.method, exchange.path, exchange.status, exchange.answer or None)


@pytest.fixture(params=sorted(GENERATIONS))
def studio(request: pytest.FixtureRequest, apple: SimulatorProcess) -> Iterator[Studio]:
    """The studio, through each generation in turn."""
    with open_studio(apple, request.param) as opened:
        yield opened


@pytest.fixture(params=[name for name, half in GENERATIONS.items() if half.can_release])
def releasing(request: pytest.FixtureRequest, apple: SimulatorProcess) -> Iterator[Studio]:
    """The studio, through the generations whose achievements are released."""
    with open_studio(apple, request.param) as opened:
        yield opened


@pytest.fixture(params=[name for name, half in GENERATIONS.items() if half.can_version])
def versioning(request: pytest.FixtureRequest, apple: SimulatorProcess) -> Iterator[Studio]:
    """The studio, through the generations whose achievements have versions."""
    with open_studio(apple, request.param) as opened:
        yield opened
