FROM python:3.11-slim-bookworm AS packages
RUN python -m venv /opt/venv
COPY requirements.txt .
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin dashboard
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY manage.py ./
COPY achievements_admin achievements_admin
COPY templates templates
COPY static static
# The names of static files carry hashes of their content; collecting them reads the settings, which want keys.
RUN SECRET_KEY=only-to-collect-static-files CREDENTIALS_KEYS=b25seS10by1jb2xsZWN0LXN0YXRpYy1maWxlcy0hISE= REDIS_URL=redis://nowhere \
    python manage.py collectstatic --noinput --verbosity 0
USER dashboard
EXPOSE 8000
CMD ["gunicorn", "achievements_admin.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
