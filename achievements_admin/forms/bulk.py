"""One wish for many achievements."""

from typing import Any

from django import forms

from achievements_admin.domain.bulk import BulkEdit, PointsMode

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
    repeatable = forms.ChoiceField(
        required=False, label="Achievable more than once", choices=[KEEP, ("yes", "yes"), ("no", "no")]
    )
    archived = forms.ChoiceField(
        required=False, label="Archived", choices=[KEEP, ("yes", "archive"), ("no", "restore")]
    )
    find = forms.CharField(required=False, strip=False, label="Find in reference names")
    replace = forms.CharField(required=False, strip=False, label="Replace by")
    is_case_sensitive = forms.BooleanField(required=False, label="Same case only")

    def wish(self) -> BulkEdit:
        """What was asked for."""
        given: dict[str, Any] = self.cleaned_data
        return BulkEdit(
            points_mode=PointsMode(given["points_mode"]),
            points=given["points"],
            show_before_earned=YES_NO.get(given["show_before_earned"]),
            repeatable=YES_NO.get(given["repeatable"]),
            archived=YES_NO.get(given["archived"]),
            find=given["find"],
            replace=given["replace"],
            is_case_sensitive=given["is_case_sensitive"],
        )
