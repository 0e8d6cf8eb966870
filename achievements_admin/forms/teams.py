"""Connecting an Apple team."""

from typing import Any

from django import forms

from achievements_admin.models import Team

# A .p8 file has some 260 bytes.
KEY_BYTES_MAX = 10_000


class UnshownTextarea(forms.Textarea):
    """Takes a secret and never shows it again, not even in a form that comes back with a problem."""

    def format_value(self, value: Any) -> str | None:
        """Nothing."""
        return None


class ConnectForm(forms.Form):
    """Name, identifiers and private key. The key is a file, or the text of one."""

    name = forms.CharField(max_length=120, label="Team name")
    issuer_id = forms.CharField(max_length=64, required=False, label="Issuer ID")
    key_id = forms.CharField(max_length=40, label="Key ID")
    private_key = forms.FileField(required=False, label="Private key (.p8)")
    private_key_text = forms.CharField(required=False, widget=UnshownTextarea, label="or its text")
    is_individual = forms.BooleanField(required=False, label="Individual key")
    generation = forms.ChoiceField(choices=Team.Generation.choices, required=False, label="API generation")

    def clean(self) -> dict[str, Any]:
        """Read the key from wherever it was given."""
        cleaned = super().clean() or {}
        upload = cleaned.get("private_key")
        if upload and upload.size > KEY_BYTES_MAX:
            self.add_error("private_key", "This file is too large for a .p8 key.")
        elif upload:
            cleaned["private_key_text"] = upload.read().decode("utf-8", errors="replace")
        return cleaned
