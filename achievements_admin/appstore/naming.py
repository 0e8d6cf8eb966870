"""Apple writes attribute names in camelCase, we in snake_case; the two meet only here."""

import re
from collections.abc import Mapping
from typing import Any


def snake(name: str) -> str:
    """Our name of an attribute of Apple's."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def camel(name: str) -> str:
    """Apple's name of an attribute of ours."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def apple_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes as Apple spells them; an explicit None is kept, since Apple reads null as "clear this field"."""
    return {camel(name): dict(value) if isinstance(value, Mapping) else value for name, value in attributes.items()}
