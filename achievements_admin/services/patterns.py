"""Find and replace, as plain text or as a regular expression that somebody typed: bounded, since some never end."""

from collections.abc import Callable

import regex

from achievements_admin.domain.bulk import BulkEdit
from achievements_admin.domain.validation import Problem

from .errors import Invalid

# All texts of a game are searched in a few milliseconds; one text that takes longer than this is not worth waiting for.
SECONDS_EACH = 0.2


def substitution(edit: BulkEdit) -> Callable[[str], str]:
    """The function that finds and replaces in one text; raises Invalid at once, or when a text takes too long."""
    if not edit.find:
        return lambda text: text
    flags = regex.V0 if edit.is_case_sensitive else regex.V0 | regex.IGNORECASE
    if not edit.is_pattern:
        plain = regex.compile(regex.escape(edit.find, special_only=True), flags)
        return lambda text: plain.sub(lambda match: edit.replace, text)
    try:
        pattern = regex.compile(edit.find, flags)
    except regex.error as error:
        raise Invalid([Problem("find", f"This is no regular expression: {error}.")]) from error
    try:
        # A template is read only when something matches; an empty text with every group in it always does.
        regex.compile(f"(?:{edit.find})?+", flags).sub(edit.replace, "", timeout=SECONDS_EACH)
    except TimeoutError:
        pass
    except (regex.error, IndexError) as error:
        raise Invalid([Problem("replace", f"The replacement can't be used with this expression: {error}.")]) from error

    def substitute(text: str) -> str:
        try:
            return pattern.sub(edit.replace, text, timeout=SECONDS_EACH)
        except TimeoutError as error:
            raise Invalid(
                [Problem("find", f"This expression takes too long on “{text[:40]}”. Write it without nested repeats.")]
            ) from error

    return substitute
