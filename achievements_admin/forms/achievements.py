"""The form of one achievement, for creating and for editing."""

import json
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.utils.datastructures import MultiValueDict

from achievements_admin.domain import limits
from achievements_admin.domain.changes import ATTRIBUTES
from achievements_admin.domain.validation import Problem


class ActivityProperties(forms.Field):
    """`name = value` per line, as a dictionary."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> dict[str, str]:
        """Read the lines; every line without a name or a value is named."""
        found: dict[str, str] = {}
        wrong = []
        for number, line in enumerate((value or "").splitlines(), start=1):
            if not line.strip():
                continue
            name, equals, text = line.partition("=")
            if not equals or not name.strip():
                wrong.append(str(number))
            found[name.strip()] = text.strip()
        if wrong:
            raise forms.ValidationError(f"Line {', '.join(wrong)}: write a name, an equals sign and a value.")
        return found

    def prepare_value(self, value: Any) -> str:
        """The lines of a dictionary."""
        return "\n".join(f"{name} = {text}" for name, text in value.items()) if isinstance(value, dict) else value or ""


class AchievementForm(forms.Form):
    """Apple's attributes. What Apple's rules say of them is checked by the plan, so that every door hears the same.

    `base` holds the values on which the form was opened, `token` makes a form that is sent twice one change.
    """

    reference_name = forms.CharField(
        strip=True, error_messages={"required": "Give it a reference name. Only your team sees it."}
    )
    vendor_identifier = forms.CharField(
        strip=True, error_messages={"required": "Give it an identifier, such as first_win. It can never be changed."}
    )
    points = forms.IntegerField(
        error_messages={
            "required": "Give it points, a whole number; 0 is allowed.",
            "invalid": "Points are a whole number, such as 10.",
        }
    )
    show_before_earned = forms.BooleanField(required=False)
    repeatable = forms.BooleanField(required=False)
    activity_properties = ActivityProperties(required=False)
    base = forms.CharField(required=False, widget=forms.HiddenInput)
    token = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        sent: MultiValueDict[str, str] | None = None,
        *,
        is_new: bool = False,
        values: dict[str, Any] | None = None,
    ) -> None:
        """`values` are those of an existing achievement as the page shows them."""
        self.is_new = is_new
        self.present = values or {}
        initial = {"show_before_earned": True, "points": None} | (values or {})
        initial |= {"token": uuid4().hex, "base": json.dumps(values) if values else ""}
        super().__init__(sent, initial=initial)
        if not is_new:
            self.fields["vendor_identifier"].required = False

    @property
    def limits(self) -> limits.Limits:
        """Apple's limits, for the rules beside the fields."""
        return limits.current()

    @property
    def problem_count(self) -> int:
        """How many things are wrong."""
        return sum(len(errors) for errors in self.errors.values())

    def wanted(self) -> dict[str, Any]:
        """The attributes as they were sent."""
        names = [name for name in ATTRIBUTES if name in self.cleaned_data]
        if not self.is_new:
            names.remove("vendor_identifier")
        return {name: self.cleaned_data[name] for name in names}

    def opened_on(self) -> dict[str, Any]:
        """The values on which the form was opened; those of the page where it does not say, or says nonsense."""
        try:
            base = json.loads(self.cleaned_data.get("base") or "null")
        except ValueError:
            base = None
        if not isinstance(base, dict):
            return self.present
        return {name: base.get(name, value) for name, value in self.present.items()}

    def add_problems(self, problems: list[Problem]) -> None:
        """Show what the rules say beside the fields that they speak of."""
        for problem in problems:
            self.add_error(problem.field if problem.field in self.fields else None, problem.message)

    def reopen(self, base: dict[str, Any]) -> None:
        """Keep what was typed, to be sent as a new wish against other values."""
        typed = cast(MultiValueDict[str, str], self.data).copy()
        typed["base"], typed["token"] = json.dumps(base), uuid4().hex
        self.data = typed
