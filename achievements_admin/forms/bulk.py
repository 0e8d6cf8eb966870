"""One wish for many achievements."""

from collections.abc import Sequence
from typing import Any

from django import forms

from achievements_admin.domain import limits
from achievements_admin.domain.bulk import FINDABLE, BulkEdit, PointsMode, PropertiesMode
from achievements_admin.services import languages

from .achievements import ActivityProperties

KEEP = ("", "leave alone")
YES_NO = {"yes": True, "no": False}


class BulkForm(forms.Form):
    """Every field begins as "leave alone"."""

    points_mode = forms.ChoiceField(
        required=False,
        label="Points",
        choices=[
            KEEP,
            (PointsMode.SET, "set to"),
            (PointsMode.ADD, "add"),
            (PointsMode.MULTIPLY, "multiply by"),
            (PointsMode.FIT, "scale so that the chosen ones have together"),
        ],
    )
    points = forms.FloatField(required=False, label="Number", error_messages={"invalid": "Write a number, such as 5."})
    show_before_earned = forms.ChoiceField(
        required=False,
        label="Hidden",
        choices=[KEEP, ("no", "hide until earned"), ("yes", "show before earned")],
    )
    repeatable = forms.ChoiceField(required=False, label="More than once", choices=[KEEP, ("yes", "yes"), ("no", "no")])
    archived = forms.ChoiceField(
        required=False, label="Archived", choices=[KEEP, ("yes", "archive"), ("no", "restore")]
    )
    properties_mode = forms.ChoiceField(
        required=False,
        label="Activity properties",
        choices=[KEEP, (PropertiesMode.ADD, "add these"), (PropertiesMode.SET, "replace all by these")],
    )
    activity_properties = ActivityProperties(
        required=False, label="Properties", widget=forms.Textarea(attrs={"rows": 2, "placeholder": "name = value"})
    )
    find = forms.CharField(required=False, strip=False, label="Find")
    replace = forms.CharField(required=False, strip=False, label="Replace by")
    is_pattern = forms.BooleanField(required=False, label="Regular expression")
    is_case_sensitive = forms.BooleanField(required=False, label="Same case only")
    fields_searched = forms.MultipleChoiceField(
        required=False,
        label="In",
        widget=forms.CheckboxSelectMultiple,
        initial=FINDABLE,
        choices=[
            ("reference_name", "reference names"),
            ("name", "names"),
            ("before_earned_description", "descriptions before"),
            ("after_earned_description", "descriptions after"),
        ],
    )
    locales = forms.MultipleChoiceField(
        required=False,
        label="In which languages",
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: in all of them.",
    )
    copy_from = forms.ChoiceField(required=False, label="Texts of")
    copy_to = forms.MultipleChoiceField(required=False, label="To", widget=forms.CheckboxSelectMultiple)
    copy_over = forms.BooleanField(required=False, label="Also where that language has texts already")

    def __init__(self, *args: Any, locales: Sequence[str], **kwargs: Any) -> None:
        """`locales` are those that the chosen achievements have."""
        super().__init__(*args, **kwargs)
        others = [locale for locale in limits.current().locales.split() if locale not in locales]
        named = [(locale, languages.name(locale)) for locale in locales]
        rest = sorted(((locale, languages.name(locale)) for locale in others), key=lambda one: one[1])
        self.fields["locales"].choices = named  # type: ignore[attr-defined]  # these three have choices
        self.fields["copy_from"].choices = [KEEP, *named]  # type: ignore[attr-defined]
        self.fields["copy_to"].choices = [*named, *rest]  # type: ignore[attr-defined]

    def wish(self) -> BulkEdit:
        """What was asked for."""
        given: dict[str, Any] = self.cleaned_data
        return BulkEdit(
            points_mode=PointsMode(given["points_mode"]),
            points=given["points"],
            show_before_earned=YES_NO.get(given["show_before_earned"]),
            repeatable=YES_NO.get(given["repeatable"]),
            archived=YES_NO.get(given["archived"]),
            properties_mode=PropertiesMode(given["properties_mode"]),
            activity_properties=given["activity_properties"] or None,
            find=given["find"],
            replace=given["replace"],
            is_case_sensitive=given["is_case_sensitive"],
            is_pattern=given["is_pattern"],
            fields=tuple(given["fields_searched"]),
            locales=tuple(given["locales"]),
            copy_from=given["copy_from"],
            copy_to=tuple(given["copy_to"]),
            copy_over=given["copy_over"],
        )
