"""The generations of Apple's achievements API, by name. To drop one, delete its file and its line here."""

from .base import Generation
from .v1 import V1
from .v2 import V2

GENERATIONS: dict[str, type[Generation]] = {
    "v1": V1,
    "v2": V2,
}
