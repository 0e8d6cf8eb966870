"""What services refuse, in words for a person."""

from collections.abc import Sequence

from achievements_admin.domain.validation import Problem


class ServiceError(Exception):
    """Something that was asked for can't be done; `str()` is one plain sentence with what to do."""


class NotAllowed(ServiceError):
    """The member's role does not cover it."""


class NotFound(ServiceError):
    """It does not exist, or the member may not see it."""


class Refused(ServiceError):
    """Apple, or the network before Apple, said no; `document` is Apple's whole answer where there is one."""

    def __init__(self, sentence: str, document: object = None) -> None:
        super().__init__(sentence)
        self.document = document


class Invalid(ServiceError):
    """What was asked for breaks rules; all of them are in `problems`."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = list(problems)
