"""What people call the languages that Apple names by code."""

from babel import Locale, UnknownLocaleError


def name(locale: str) -> str:
    """The English name of a locale of Apple's; the code itself where it is none."""
    try:
        return Locale.parse(locale.replace("-", "_")).get_display_name("en") or locale
    except (ValueError, UnknownLocaleError):
        return locale
