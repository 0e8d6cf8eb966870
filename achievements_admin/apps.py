"""The one Django app."""

from django.apps import AppConfig
from django.conf import settings

from .domain import limits


class AchievementsAdminConfig(AppConfig):
    name = "achievements_admin"
    verbose_name = "Achievements Admin"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the configured limits into force, listen to sign-ins, and let every process ring for the workers."""
        from . import celery  # noqa: F401 - reads the settings, which are ready now
        from .views import signals  # noqa: F401 - needs the models, which load before this

        limits.use(settings.APPLE_LIMITS)
