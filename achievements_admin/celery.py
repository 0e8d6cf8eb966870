"""The Celery application; its configuration is in the settings, as CELERY_*."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "achievements_admin.settings")

app = Celery("achievements_admin")
# Celery's current app is a variable of the thread: without a default, gunicorn's threads would ring nowhere.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["achievements_admin"])
