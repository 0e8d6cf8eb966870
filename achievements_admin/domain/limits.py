"""Every limit of Apple's, one constant each, with where it is known from.

Apple publishes few of them (the OpenAPI document has no lengths at all), so each may be overridden by the setting
`APPLE_LIMITS`, a mapping of these names; `use` puts it into force when the process starts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Limits:
    """What Apple accepts. Lengths are in characters as Python counts them."""

    # App Store Connect Help, "Achievements": 100 points each, 1,000 a game; Apple's own samples hold 0.
    points_min: int = 0
    points_max: int = 100
    total_points_max: int = 1000
    # Inferred: an archived achievement keeps its points.
    archived_points_count: bool = True
    # iTunes partner FAQ, old: points stay as they are once an achievement has been live.
    points_frozen_when_live: bool = True
    # Help, "Archive leaderboards and achievements": only live ones.
    archive_needs_live: bool = True
    # Help, "Manage achievements".
    achievements_max: int = 100
    # Help, "Achievements": alphanumeric, 100 single-byte characters.
    vendor_identifier_max: int = 100
    # Unpublished for achievements; the sibling page "Challenges" says 255.
    reference_name_max: int = 255
    # Counted down by App Store Connect's own dialog.
    name_max: int = 30
    description_max: int = 120
    # Help, "Create groups": identifiers of a group's achievements start with this.
    group_prefix: str = "grp."
    # "Managing metadata in your app by using locale shortcodes": 50 codes; there is no list for Game Center alone.
    locales: str = (
        "ar-SA bn-BD ca zh-Hans zh-Hant hr cs da nl-NL en-AU en-CA en-GB en-US fi fr-FR fr-CA de-DE el gu-IN he hi hu "
        "id it ja kn-IN ko ms ml-IN mr-IN no or-IN pl pt-BR pt-PT pa-IN ro ru sk sl-SI es-MX es-ES sv ta-IN te-IN th "
        "tr uk ur-PK vi"
    )


_limits = Limits()


def current() -> Limits:
    """The limits in force."""
    return _limits


def use(overrides: Mapping[str, int | bool | str]) -> None:
    """Put limits other than the defaults into force; raises ValueError for a name that is no limit."""
    global _limits
    unknown = set(overrides) - {f.name for f in fields(Limits)}
    if unknown:
        raise ValueError(f"APPLE_LIMITS knows no {', '.join(sorted(unknown))}")
    _limits = replace(Limits(), **overrides)  # type: ignore[arg-type]  # the names were checked, types are the owner's
