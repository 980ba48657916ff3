"""All settings, read from the environment; a missing variable names itself and the fix."""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from sprinto_xero import logs
from sprinto_xero.environment import (
    TRUTO,
    one_of,
    refuse_pretence,
    required,
    seal_keys,
    switch,
    words,
)

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
DEPLOYMENT = one_of("DEPLOYMENT", ("embedded", "production"), "embedded")
EMBEDDED = DEPLOYMENT == "embedded"
DEBUG = switch("DEBUG", default=False)
SANDBOX = switch("SANDBOX", default=False)
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "data"))).resolve()

SECRET_KEY = required(
    "SECRET_KEY",
    "Set it to 50 or more random characters. bin/run makes one and keeps it in its data folder: for"
    " commands on an installation whose folder is not data/, set DATA_DIR to that folder.",
)
# Former ones: what they encrypted stays readable, so that second factors survive a change.
SECRET_KEY_FALLBACKS = words("SECRET_KEY_FALLBACKS")
# "id:secret" pairs; the first seals new audit events, all of them verify.
AUDIT_SEAL_KEYS = seal_keys(
    "AUDIT_SEAL_KEYS", "Set it to 'k1:' and 32 or more random characters, kept off the database."
)

# Heads of the record's chains are kept here: a folder on another disk than the database's.
AUDIT_CHECKPOINTS = Path(env.str("AUDIT_CHECKPOINTS", default=str(DATA_DIR / "checkpoints")))
AUDIT_STEP = 10_000  # events that one request verifies at most: about a second

# --- The provider -------------------------------------------------------------------------------
TRUTO_API_BASE_URL = env.str("TRUTO_API_BASE_URL", default=TRUTO[0])
TRUTO_APP_BASE_URL = env.str("TRUTO_APP_BASE_URL", default=TRUTO[1])
TRUTO_API_TOKEN = required("TRUTO_API_TOKEN", "Make one at Truto under Settings > API Tokens.")
if not EMBEDDED:
    required("TRUTO_WEBHOOK_SECRETS", "Truto shows it once, when the webhook is made.")
    required("TRUTO_ENVIRONMENT_ID", "Truto shows it with the environment.")
TRUTO_WEBHOOK_SECRETS = words("TRUTO_WEBHOOK_SECRETS")
TRUTO_ENVIRONMENT_ID = env.str("TRUTO_ENVIRONMENT_ID", default="")
if not SANDBOX:
    refuse_pretence(TRUTO_API_BASE_URL, TRUTO_APP_BASE_URL, token=TRUTO_API_TOKEN)
for name, value in (("SANDBOX", SANDBOX), ("DEBUG", DEBUG)):
    if value and not EMBEDDED:
        raise ImproperlyConfigured(
            f"{name}=on is not allowed with DEPLOYMENT=production. Unset it."
        )

# --- Django -------------------------------------------------------------------------------------
ALLOWED_HOSTS = words("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"] if EMBEDDED else [])
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS")
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",  # FORM_RENDERER looks its templates up among the apps
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "django_htmx",
    "csp",
    "lucide",
    "django_structlog",
    "audit",
    "jobs",
    "workspaces",
    "people",
    "checks",
    "integrations",
    "access",
    "sprinto_xero",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "workspaces.rest.edge.ApiEdge",
    "workspaces.edge.Edge",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "workspaces.middleware.WorkspaceMiddleware",
    "workspaces.middleware.RepeatMiddleware",
]
ROOT_URLCONF = "sprinto_xero.urls"
WSGI_APPLICATION = "sprinto_xero.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sprinto_xero.navigation.context",
            ],
            "builtins": [
                "lucide.templatetags.lucide",
                "workspaces.templatetags.look",
                "workspaces.templatetags.sending",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
AUTH_USER_MODEL = "workspaces.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = False
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.str("STATIC_ROOT", default=str(DATA_DIR / "static"))
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # whitenoise warns of a missing folder
WHITENOISE_USE_FINDERS = EMBEDDED  # embedded serves straight from the source: no collectstatic
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if EMBEDDED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20  # bytes of a form without its files
LARGEST_BODY = 12 << 20  # bytes of any request, files included
LARGEST_BODIES = {"/people/imports/": 52 << 20}  # a list of people, with room for its form
ATTACHMENTS_DIR = DATA_DIR / "attachments"  # outside the web root: files leave through a view only

# --- Data ---------------------------------------------------------------------------------------
SQLITE_OPTIONS = {
    # A reader that turns writer would meet "database is locked" without waiting, hence IMMEDIATE.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
    "PRAGMA mmap_size=134217728;PRAGMA journal_size_limit=27103364;PRAGMA cache_size=2000",
}
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'hub.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    if not EMBEDDED:
        raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database in production.")
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
else:
    # Whoever waits for somebody else's act is told so in the end, and nothing hangs for ever.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = (
        "-c lock_timeout=30s -c statement_timeout=240s -c idle_in_transaction_session_timeout=300s"
    )
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# One cache for all processes: limits counted in each apart would let through a multiple.
REDIS_URL = env.str("REDIS_URL", default="")
if not EMBEDDED:
    required("REDIS_URL", "Set it to redis://:password@host:6379/1; limits are counted there.")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        # Of the usual 300 a stranger's attempts would soon push out what locks an account.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- Sign-in and cookies ------------------------------------------------------------------------
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation reaches the address or nobody
ACCOUNT_ADAPTER = "workspaces.adapter.AccountAdapter"
ACCOUNT_CHANGE_EMAIL = True  # one address; a new one counts when its link was opened
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Security Hub: "
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "10/m/ip,3/h/key",
    "reset_password_from_key": "10/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
    "confirm_email": "1/3m/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)
MFA_ADAPTER = "workspaces.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are proven by the invitation's link
ACCOUNT_SESSION_REMEMBER = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
# Embedded, every mail is a file in the data folder: links in it belong into no log. Production
# has nobody who would look for it there.
if not EMBEDDED:
    _mails = "Without mail nobody can be invited or reset a password."
    required("EMAIL_URL", f"Set it to smtp+tls://user:password@host:587. {_mails}")
    required("DEFAULT_FROM_EMAIL", f"Set it to the address that mail comes from. {_mails}")
vars().update(env.email("EMAIL_URL", default=f"filemail:///{DATA_DIR / 'mail'}"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="security-hub@localhost")
SESSION_COOKIE_AGE = 12 * 3600
# SameSite=Lax, no framing and no referrer abroad are Django's defaults; tests/attack holds them.
if not EMBEDDED:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = switch("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    if switch("TRUST_FORWARDED_PROTO", default=False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
else:
    # Cookies of two embedded servers on one host would overwrite each other: ports share a host.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "hub_session", "hub_csrf"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}

# --- API ----------------------------------------------------------------------------------------
KNOX_TOKEN_MODEL = "workspaces.ApiToken"  # noqa: S105
# Knox's own token table would be an orphan whose foreign key breaks TRUNCATE.
MIGRATION_MODULES = {"knox": None}
REST_KNOX = {"TOKEN_MODEL": KNOX_TOKEN_MODEL, "AUTH_HEADER_PREFIX": "Bearer"}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["workspaces.rest.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["workspaces.rest.permissions.Needs"],
    "DEFAULT_THROTTLE_CLASSES": ["workspaces.rest.throttling.PerToken"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["workspaces.rest.parsing.StrictJSON"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "workspaces.rest.description.Description",
    "EXCEPTION_HANDLER": "workspaces.rest.problems.problem_details",
    "URL_FORMAT_OVERRIDE": None,
}
API_REQUESTS_A_MINUTE = {
    "read": env.int("API_READS_A_MINUTE", default=600),
    "write": env.int("API_WRITES_A_MINUTE", default=120),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Security Hub for Xero",
    "DESCRIPTION": "Does what the pages do. Send `Authorization: Bearer` and a token"
    " of the workspace. Errors are problem details (RFC 9457) that say what to do next.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SCHEMA_PATH_PREFIX_TRIM": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENFORCE_NON_BLANK_FIELDS": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "CheckStatus": "access.api.systems.STATUSES",
        "ConnectionState": "integrations.api.connections.STATES",
        "Decision": "access.api.accounts.KINDS",
        "Employment": "people.models.StaffMember.Employment",
        "RunState": "jobs.models.State",
        "StaffStatus": "people.models.StaffStatus",
        "TaskStatus": "access.api.tasks.STATUSES",
    },
}

# --- Celery: figures and reasons in docs/decisions ------------------------------------------------
LONGEST_TASK = 1200  # seconds; more than any task's own limit, or Redis gives it to a second one
BROKER_FOLDER = DATA_DIR / "broker"
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://localhost/")
if urlsplit(CELERY_BROKER_URL).scheme == "filesystem":
    for name in ("queue", "control"):
        (BROKER_FOLDER / name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "data_folder_in": str(BROKER_FOLDER / "queue"),
        "data_folder_out": str(BROKER_FOLDER / "queue"),
        "control_folder": str(BROKER_FOLDER / "control"),
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": LONGEST_TASK,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 10,
        "retry_on_timeout": True,
    }
    CELERY_VISIBILITY_TIMEOUT = LONGEST_TASK
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000  # KiB
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_POOL_LIMIT = 4
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0, "interval_max": 0.25}
CELERY_TIMEZONE = "UTC"
# A message that nobody took before the next one comes is not worth taking.
EACH_MINUTE = {"schedule": 60, "options": {"expires": 55}}
EACH_HOUR = {"schedule": 3600, "options": {"expires": 3000}}
CELERY_BEAT_SCHEDULE = {
    "keep-heads-of-the-record": {"task": "audit.tasks.keep_heads", **EACH_MINUTE},
    "forget-old-answers": {"task": "workspaces.tasks.forget_answers", **EACH_HOUR},
    "forget-old-imports": {"task": "people.tasks.forget_imports", **EACH_HOUR},
    "forget-spent-signals": {"task": "integrations.tasks.forget_spent", **EACH_HOUR},
    "forget-files-without-a-case": {"task": "access.tasks.forget_attachments", **EACH_HOUR},
    "look-for-due-connections": {"task": "integrations.tasks.look", **EACH_MINUTE},
    "look-for-changed-verdicts": {"task": "access.tasks.look", **EACH_MINUTE},
    "look-for-endings": {
        "task": "access.tasks.look_at_endings",
        "schedule": 300,
        "options": {"expires": 290},
    },
}

# --- Logs: ids only, never secrets or personal data -----------------------------------------------
LOG_LEVEL = one_of("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
LOGGING = logs.lines(embedded=EMBEDDED, level=LOG_LEVEL)
logs.configure()
