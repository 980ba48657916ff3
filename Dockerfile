# One image for web, worker and beat: the command says which. Built in two steps, so that the image
# that runs carries neither pip's cache nor anything else it does not need.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.lock ./
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DEPLOYMENT=production DATA_DIR=/data STATIC_ROOT=/app/staticfiles
RUN useradd --system --uid 10001 --home-dir /data --create-home app
WORKDIR /app
COPY --from=build /venv /venv
COPY manage.py pyproject.toml ./
COPY sprinto_xero sprinto_xero
COPY access access
COPY integrations integrations
COPY checks checks
COPY people people
COPY workspaces workspaces
COPY jobs jobs
COPY audit audit
COPY templates templates
COPY static static
# Values for this one command only; the real ones come with the start of a container.
RUN SECRET_KEY=build-0123456789-0123456789-0123456789-0123456789 AUDIT_SEAL_KEYS=k1:build-0123456789-0123456789-012345 \
    TRUTO_API_TOKEN=build TRUTO_WEBHOOK_SECRETS=build TRUTO_ENVIRONMENT_ID=build EMAIL_URL=smtp://build DEFAULT_FROM_EMAIL=build@build DATABASE_URL=postgres://build@build/build \
    CELERY_BROKER_URL=redis://build REDIS_URL=redis://build \
    python manage.py collectstatic --no-input --verbosity 0
USER app
EXPOSE 8000
CMD ["gunicorn", "sprinto_xero.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "8", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
