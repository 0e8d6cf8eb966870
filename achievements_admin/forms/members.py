"""Inviting somebody, and taking an invitation up."""

from typing import Any

from django import forms

from achievements_admin.models import Role


class InviteForm(forms.Form):
    """Whom, and as what."""

    email = forms.EmailField(label="E-mail")
    role = forms.ChoiceField(choices=Role.choices, initial=Role.PRODUCER)


class AcceptForm(forms.Form):
    """A name and a password, twice."""

    name = forms.CharField(max_length=120, label="Your name")
    password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False)
    again = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False, label="Password again"
    )

    def clean(self) -> dict[str, Any]:
        """Both passwords are the same."""
        cleaned = super().clean() or {}
        if cleaned.get("password") and cleaned.get("again") and cleaned["password"] != cleaned["again"]:
            self.add_error("again", "The two passwords differ.")
        return cleaned
