"""People and the Apple teams they work for: members, what they may do, invitations, and the stored API keys."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Coalesce


class Role(models.TextChoices):
    """What a member may do, each role including the ones before it."""

    VIEWER = "viewer", "Viewer"
    PRODUCER = "producer", "Producer"
    LEAD = "lead", "Lead"
    ADMIN = "admin", "Admin"

    @property
    def rank(self) -> int:
        """Position in the order of roles, the least first."""
        return list(Role).index(self)


class MemberManager(BaseUserManager["Member"]):
    """Members are known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Member":
        """Create a member; without a password the account waits for an invitation to be taken up."""
        member = self.model(email=email.strip().lower(), **fields)
        member.set_password(password)
        member.save(using=self._db)
        return member

    def get_by_natural_key(self, username: str | None) -> "Member":
        """Look a member up by e-mail address, whatever its case."""
        return self.get(email__iexact=username)


class Member(AbstractBaseUser, PermissionsMixin):
    """Somebody who can sign in."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[MemberManager] = MemberManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        """One or two letters for the corner of the page."""
        words = (self.name or self.email.split("@")[0].replace(".", " ")).split()
        return "".join(word[0] for word in words[:2]).upper()


class Team(models.Model):
    """One Apple developer team."""

    class Generation(models.TextChoices):
        AUTO = "auto", "Automatic"
        V1 = "v1", "v1"
        V2 = "v2", "v2"

    name = models.CharField(max_length=120, unique=True)
    generation = models.CharField(max_length=4, choices=Generation.choices, default=Generation.AUTO)
    # What `auto` came to: v2, unless Apple refused it.
    detected_generation = models.CharField(max_length=2, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    synced_at = models.DateTimeField(null=True)
    sync_error = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """A key to the App Store Connect API; the private part is stored encrypted and never shown."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="keys")
    key_id = models.CharField(max_length=40, unique=True)
    issuer_id = models.CharField(max_length=64, blank=True)
    is_individual = models.BooleanField(default=False)
    encrypted_private_key = models.BinaryField()
    added_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True)
    # Why Apple last refused the key, in a sentence; empty while it works.
    refusal = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.key_id} of {self.team}"


class Grant(models.Model):
    """A role in a scope: the whole studio where team, app and locale are empty, narrower otherwise."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=12, choices=Role.choices)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True)
    app = models.ForeignKey("App", on_delete=models.CASCADE, null=True, blank=True)
    locale = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "member",
                Coalesce("team", 0),
                Coalesce("app", 0),
                "locale",
                name="one_role_per_scope",
                violation_error_message="This member has a role there already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.role}"


class Invitation(models.Model):
    """A link by which somebody joins; only a hash of its secret is kept."""

    email = models.EmailField()
    role = models.CharField(max_length=12, choices=Role.choices)
    secret_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.email
