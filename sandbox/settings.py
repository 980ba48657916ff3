"""Settings of the sandbox: a project of its own, with its own database, off unless switched on."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from sandbox import environment

if not environment.switch("SANDBOX", default=False):
    raise ImproperlyConfigured(
        "The sandbox is switched off. It pretends to be Truto and Xero and must never run beside "
        "real data. To try the product without a Xero account, start it with SANDBOX=on."
    )

BASE_DIR = Path(__file__).resolve().parent
DATA_DIR = Path(
    environment.required("SANDBOX_DATA_DIR", hint="Give it a folder of its own to keep data in.")
).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

API_TOKEN = environment.required(
    "SANDBOX_API_TOKEN", hint="It is the bearer token that clients of the pretend Truto must send."
)
ENVIRONMENT_ID = os.environ.get(
    "SANDBOX_ENVIRONMENT_ID", "5a9db0c5-0000-4000-8000-00000000e001"
).strip()
WEBHOOK_URL = os.environ.get("SANDBOX_WEBHOOK_URL", "").strip()
WEBHOOK_SECRET = os.environ.get("SANDBOX_WEBHOOK_SECRET", "").strip()
WEBHOOK_ENCODING = environment.choice("SANDBOX_WEBHOOK_ENCODING", options=("hex", "base64"))
WEBHOOK_BACKOFF_SECONDS = environment.number("SANDBOX_WEBHOOK_BACKOFF", default=1.0)
RATE_LIMITS = environment.switch("SANDBOX_RATE_LIMITS", default=True)
TIMESTAMPS = environment.choice("SANDBOX_TIMESTAMPS", options=("iso", "plain"))
if WEBHOOK_URL and not WEBHOOK_SECRET:
    raise ImproperlyConfigured("SANDBOX_WEBHOOK_URL is set, so SANDBOX_WEBHOOK_SECRET is needed.")

SECRET_KEY = os.environ.get("SANDBOX_SECRET_KEY") or environment.kept_secret(
    DATA_DIR / "sandbox-secret-key"
)
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ROOT_URLCONF = "sandbox.urls"
WSGI_APPLICATION = "sandbox.wsgi.application"
INSTALLED_APPS = ["django.contrib.staticfiles", "sandbox"]
MIDDLEWARE = [
    "sandbox.middleware.loopback_only",
    "sandbox.middleware.content_security",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "sandbox.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
APPEND_SLASH = False

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True

# The connect page lives in a pop-up and reports through window.opener, which any
# Cross-Origin-Opener-Policy header would cut.
SECURE_CROSS_ORIGIN_OPENER_POLICY = None
CSRF_COOKIE_NAME = "sandbox_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {
        "sandbox": {"handlers": ["console"], "level": "INFO"},
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
    },
}
