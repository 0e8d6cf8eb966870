"""Apple's values in words that a producer reads."""

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from achievements_admin.models import Achievement, AuditEntry, Localization
from achievements_admin.services import catalog, languages, rows
from achievements_admin.services.catalog import Filters

register = template.Library()

# Word and look of each state; the look is a class of components.css.
STATES = {
    "": ("Draft", "draft"),
    "PREPARE_FOR_SUBMISSION": ("Draft", "draft"),
    "READY_FOR_REVIEW": ("Ready for review", "ready"),
    "WAITING_FOR_REVIEW": ("Waiting for review", "review"),
    "IN_REVIEW": ("In review", "review"),
    "ACCEPTED": ("Accepted", "review"),
    "PENDING_RELEASE": ("Pending release", "review"),
    "REJECTED": ("Rejected", "rejected"),
    "DEVELOPER_REJECTED": ("Withdrawn", "rejected"),
    "LIVE": ("Live", "live"),
    "REPLACED_WITH_NEW_VERSION": ("Replaced", "replaced"),
    "ARCHIVED": ("Archived", "archived"),
}
SHORT_STATES = (
    ("Rejected", "rejected", "rejected"),
    ("In review", "review", "review"),
    ("Ready", "ready", "ready"),
    ("Draft", "draft", "draft"),
    ("Live", "live", "live"),
)
ATTRIBUTES = {
    "reference_name": "Reference name",
    "vendor_identifier": "Identifier",
    "points": "Points",
    "show_before_earned": "Shown before earned",
    "repeatable": "Achievable more than once",
    "archived": "Archived",
    "activity_properties": "Activity properties",
    "before_earned_description": "Before earned",
    "after_earned_description": "After earned",
    "name": "Name",
    "state": "State",
    "role": "Role",
    "key_id": "Key ID",
    "generation": "API generation",
    "file_name": "Image",
}
ACTIONS = {
    "achievement.created": "created it",
    "achievement.updated": "changed it",
    "achievement.deleted": "deleted it",
    "achievement.changed": "was changed at Apple",
    "achievement.appeared": "appeared at Apple",
    "achievement.disappeared": "was deleted at Apple",
    "localization.created": "added a language",
    "localization.updated": "changed texts",
    "localization.deleted": "removed a language",
    "version.created": "opened a new version",
    "version.changed": "changed state at Apple",
    "localization.changed": "has other texts at Apple",
    "localization.appeared": "has a new language at Apple",
    "localization.disappeared": "lost a language at Apple",
    "image.disappeared": "lost an image at Apple",
    "detail.created": "turned Game Center on",
}
LANGUAGE_LOOKS = {
    "complete": "",
    "processing": "is-processing",
    "no image": "is-wrong",
    "failed": "is-wrong",
    "too long": "is-wrong",
}


@register.simple_tag
def state(value: str, archived: bool = False) -> SafeString:
    """A state with colour, word and shape."""
    word, look = STATES.get("ARCHIVED" if archived else value, (value, "draft"))
    return format_html('<span class="state is-{}">{}</span>', look, word)


@register.simple_tag
def meter(value: int | None, most: int | None, label: str) -> SafeString:
    """A bar for a number against its limit."""
    share = min(100.0, 100 * (value or 0) / most) if most else 0.0
    return format_html(
        '<svg class="meter" role="img" aria-label="{}" viewBox="0 0 100 6" preserveAspectRatio="none">'
        '<rect class="meter__all" width="100" height="6"/><rect class="meter__used" width="{}" height="6"/></svg>',
        label,
        f"{share:.1f}",
    )


@register.filter
def in_short(states: dict[str, int] | None) -> list[dict[str, Any]]:
    """How many achievements are live, in review and so on: Apple's states by what a producer calls them."""
    return [
        {"word": word, "look": look, "number": number}
        for word, look, name in SHORT_STATES
        if (number := sum((states or {}).get(value, 0) for value in catalog.STATES[name]))
    ]


@register.filter
def since(value: datetime | None) -> str:
    """ "3 min ago"."""
    if value is None:
        return "never"
    seconds = max(0, int((timezone.now() - value).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return "just now"


@register.filter
def exact(value: datetime | None) -> str:
    """The exact time, for a title."""
    return value.strftime("%Y-%m-%d %H:%M:%S UTC") if value else ""


@register.filter
def language(locale: str) -> str:
    """ "German (Germany)" for `de-DE`."""
    return languages.name(locale)


@register.filter
def attribute(name: str) -> str:
    """What a page calls an attribute."""
    return ATTRIBUTES.get(name, name)


@register.filter
def shown(value: Any) -> str:
    """A value as a person reads it."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} = {text}" for name, text in value.items()) or "nothing"
    return STATES[value][0] if value in STATES else str(value)


@register.filter
def entry(values: dict[str, Any] | None, name: str) -> Any:
    """One value of a dictionary."""
    return (values or {}).get(name)


@register.filter
def did(entry: AuditEntry) -> str:
    """What an entry of the history says was done."""
    return ACTIONS.get(entry.action, entry.action.replace(".", " ").replace("_", " "))


@register.filter
def differences(entry: AuditEntry) -> list[dict[str, Any]]:
    """Attribute by attribute what an entry changed."""
    before, after = entry.before or {}, entry.after or {}
    names = [*before, *(name for name in after if name not in before)]
    return [
        {
            "name": name,
            "before": before.get(name),
            "after": after.get(name),
            "had": name in before,
            "has": name in after,
        }
        for name in names
        if before.get(name) != after.get(name)
    ]


@register.filter
def as_json(value: Any) -> str:
    """A document to be copied."""
    return json.dumps(value, indent=2, ensure_ascii=False)


@register.filter
def middle(text: str, most: int = 36) -> str:
    """A long identifier with its middle left out."""
    half = (most - 1) // 2
    return text if len(text) <= most else f"{text[:half]}…{text[-half:]}"


@register.filter
def bars(achievement: Achievement, locales: list[str]) -> SafeString:
    """One bar per language of the game. Most rows of a list look alike, so each look is drawn once."""
    return _bars(tuple((locale, achievement.languages.get(locale, "missing")) for locale in locales))


@lru_cache(maxsize=2048)
def _bars(languages: tuple[tuple[str, str], ...]) -> SafeString:
    drawn = ((LANGUAGE_LOOKS.get(word, "is-missing"), locale, word) for locale, word in languages)
    return format_html_join("", '<i class="{}" title="{}: {}"></i>', drawn)


@register.filter
def complete(achievement: Achievement) -> int:
    """How many languages are complete."""
    return sum(word == "complete" for word in achievement.languages.values())


@register.filter
def how_far(localization: Localization) -> str:
    """How far a language is, in a word."""
    return rows.language_state(localization)


@register.filter
def main_text(achievement: Achievement) -> Localization | None:
    """The text that stands for all languages: the highest version's, English first."""
    for version in reversed(achievement.versions.all()):
        texts = sorted(version.localizations.all(), key=lambda text: (text.locale != "en-US", text.locale))
        if texts:
            return texts[0]
    return None


@register.filter
def asset(template_url: str, pixels: int = 128) -> str:
    """Address of a picture at Apple."""
    return rows.asset_url(template_url, pixels=pixels) if template_url else ""


@register.filter
def hue(text: str) -> int:
    """One of eight colours, the same for the same text."""
    return sum(map(ord, text)) % 8


@register.simple_tag
def query(filters: Filters, **changed: Any) -> str:
    """The address of the same list with other filters."""
    return "?" + filters.as_query(**changed)


@register.simple_tag
def sorting(filters: Filters, name: str) -> dict[str, str]:
    """Where a column's heading leads (up, down, back to Apple's order), and how the column is sorted now."""
    now = {name: "ascending", f"-{name}": "descending"}.get(filters.sort, "")
    after = {"": name, "ascending": f"-{name}", "descending": "position"}[now]
    return {"to": "?" + filters.as_query(sort=after), "now": now}
