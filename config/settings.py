"""Django settings.

The default is the embedded profile: one process, SQLite, no services. Given a PostgreSQL database and a Redis
it is the production profile: several web and worker processes, one beat. ``config/checks.py`` says what is
missing.
"""

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

from config import csp, database, logs, mail, secret
from config.env import BASE_DIR, env, server_port

DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / ".clewline")))
DATA_DIR.mkdir(parents=True, exist_ok=True)

DATABASE_URL = env.str("DATABASE_URL", "")
REDIS_URL = env.str("REDIS_URL", "")
PRODUCTION = env.str("PROFILE", "production" if DATABASE_URL and REDIS_URL else "embedded") == "production"

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "")
if not SECRET_KEY and not PRODUCTION:
    SECRET_KEY = secret.kept_in(DATA_DIR / "secret_key")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "CLEWLINE_SECRET_KEY is missing. Make one with "
        "`python3 -c 'import secrets; print(secrets.token_urlsafe(64))'`, and give all processes the same."
    )

LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [] if PRODUCTION else LOOPBACK)
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "daphne",
    "config",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "channels",
    "csp",
    "django_htmx",
    "import_export",
    "sessions_app",
    "sales_app",
    "funnels",
    *env.list("EXTRA_APPS", []),
]

# No middleware here is synchronous only: one such would move every request to a thread.
MIDDLEWARE = [
    "config.health.answer_health",
    "django.middleware.security.SecurityMiddleware",
    "sales_app.artifacts.content.serve_content",
    "csp.middleware.CSPMiddleware",
    "config.csp.relax_under_admin",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "sales_app.people.seen.note_seen",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

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
                "sales_app.people.context.navigation",
                "sales_app.inbox.context.unread",
            ],
        },
    },
]

# Stores: the database is the truth, Redis carries hints (doorbell, wake-ups) and counters.

database_pool = env.int("DATABASE_POOL", 20)
sqlite_synchronous = env.enum("SQLITE_SYNCHRONOUS", database.Synchronous.NORMAL, enum=database.Synchronous)
if DATABASE_URL:
    DATABASES = {"default": database.postgresql(DATABASE_URL, pool_size=database_pool)}
else:
    DATABASES = {"default": database.sqlite(DATA_DIR / "clewline.sqlite3", synchronous=sqlite_synchronous)}

if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            # redis-py 8 ends an idle connection after 5 s and stops at 100 of them unless told otherwise.
            "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": 30, "max_connections": 10000}]},
        }
    }
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    CHANNEL_LAYERS = {
        "default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 10000}}
    }
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Celery: three queues, so that a long report never stands in front of a chat.

CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, float]
if REDIS_URL:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "socket_timeout": 30,
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
    }
else:
    # A task starts after 12 ms instead of over a second; both values are needed.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.02}
    CELERY_WORKER_TIMER_PRECISION = 0.02
CELERY_TASK_DEFAULT_QUEUE = "chat"
CELERY_TASK_ROUTES = {
    "sessions_app.runs.tasks.sweep": {"queue": "scheduled"},
    "sessions_app.streams.tasks.*": {"queue": "scheduled"},
    "sales_app.inbox.*": {"queue": "scheduled"},
    "sales_app.briefs.*": {"queue": "scheduled"},
    "sales_app.artifacts.*": {"queue": "heavy"},
    "sales_app.encoding.compare": {"queue": "heavy"},
    "sales_app.encoding.sweep": {"queue": "scheduled"},
}
# A lost wake-up is repeated by the sweep, so nobody waits for a broker that is down.
CELERY_TASK_PUBLISH_RETRY_POLICY: dict[str, float] = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DIRECT = True  # each worker's canary task comes back to itself (config/heartbeat.py)
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "sessions_app.runs.tasks.sweep", "schedule": 1.0, "options": {"expires": 5}},
    "due": {"task": "sessions_app.runs.tasks.due", "schedule": 15.0, "options": {"expires": 60}},
    "expire": {"task": "sessions_app.streams.tasks.expire", "schedule": 60.0, "options": {"expires": 300}},
    "notices": {"task": "sales_app.inbox.mail_due", "schedule": 15.0, "options": {"expires": 60}},
    "pushes": {"task": "sales_app.inbox.push_due", "schedule": 15.0, "options": {"expires": 60}},
    "briefs": {"task": "sales_app.briefs.tick", "schedule": 60.0, "options": {"expires": 55}},
    "encoding": {"task": "sales_app.encoding.sweep", "schedule": 30.0, "options": {"expires": 25}},
    "old notices": {"task": "sales_app.inbox.prune", "schedule": 3600.0, "options": {"expires": 3600}},
}

# People. Accounts are made by invitation; sales_app.people.adapter closes the sign-up.

AUTH_USER_MODEL = "sales_app.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "sales_app.people.access.RoleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "sales_app.people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # the invitation reached the address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {
    "login": "sales_app.people.signin.SignInForm",
    "change_password": "sales_app.people.signin.NewPasswordForm",
    "reset_password": "sales_app.people.reset.ResetForm",
}
ACCOUNT_EMAIL_NOTIFICATIONS = True  # whoever changes a password or a second step does not do so unnoticed
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "30/m/ip,5/15m/key",  # the lockout: five wrong passwords for one account
    "reset_password": "20/m/ip,5/h/key",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("PROXY_COUNT", 0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_ISSUER = "Clewline"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION

DEFAULT_FROM_EMAIL = env.str("FROM_EMAIL", "Clewline <clewline@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
CLEWLINE_SMTP_URL = env.str("SMTP_URL", "")
globals().update(mail.settings_for(CLEWLINE_SMTP_URL, DATA_DIR))

# Notices of answers and questions: mail writes down where a person finds them.

CLEWLINE_NOTICE_SECONDS = env.float("NOTICE_SECONDS", 120.0)
CLEWLINE_SITE_URL = env.str("SITE_URL", "")
if not CLEWLINE_SITE_URL and PRODUCTION and ALLOWED_HOSTS:
    CLEWLINE_SITE_URL = f"https://{ALLOWED_HOSTS[0].lstrip('.')}"
CLEWLINE_SITE_URL = CLEWLINE_SITE_URL or f"http://localhost:{server_port()}"

# Notices on devices (web push). In production all processes need the same key.

CLEWLINE_PUSH_KEY = env.str("PUSH_KEY", "")
if not CLEWLINE_PUSH_KEY and not PRODUCTION:
    CLEWLINE_PUSH_KEY = secret.kept_in(DATA_DIR / "push_key", secret.new_push_key)
CLEWLINE_PUSH_HOSTS: list[str] = env.list(
    "PUSH_HOSTS",
    [
        "fcm.googleapis.com",
        "updates.push.services.mozilla.com",
        "*.push.apple.com",
        "*.notify.windows.com",
    ],
)

# What comes by itself: morning briefs, call preps.

CLEWLINE_SCHEDULES = env.bool("SCHEDULES", True)

# Safety. CLEWLINE_HTTPS=0 is for trials of the production profile on one machine.

HTTPS = env.bool("HTTPS", PRODUCTION)
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", False)
SECURE_HSTS_PRELOAD = False
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "clewline_session"
CSRF_COOKIE_NAME = "clewline_csrf"
X_FRAME_OPTIONS = "DENY"
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {"DIRECTIVES": csp.STRICT}
# Pages that skills made are shown in frames without an origin; their own host keeps them apart even from old browsers.
CLEWLINE_ARTIFACT_ORIGIN = env.str("ARTIFACT_ORIGIN", "").rstrip("/")
if CLEWLINE_ARTIFACT_ORIGIN:
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, urlsplit(CLEWLINE_ARTIFACT_ORIGIN).hostname or ""]
# Preload is a promise about the whole domain, subdomains are opt-in, and HTTP is the operator's choice above.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# Static files are served in the ASGI layer (config/static.py), embedded right from the sources.

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "config.storage.HashedModulesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = DATA_DIR / "media"

LOGGING = logs.configuration(level=env.str("LOG_LEVEL", "INFO"), as_json=env.bool("LOG_JSON", PRODUCTION))

UNFOLD = {
    "SITE_TITLE": "Clewline",
    "SITE_HEADER": "Clewline",
    "SITE_URL": "/",
    "SITE_ICON": lambda request: static("img/icon.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/icon.svg")}
    ],
}

# Serving.

CLEWLINE_SERVER = env.str("SERVER", "daphne")
CLEWLINE_HOST = env.str("HOST", "127.0.0.1")
CLEWLINE_BODY_LIMIT = env.int("BODY_LIMIT_MB", 32) * 1024**2

# Durable sessions: see docs/architecture.md.

CLEWLINE_LEASE_SECONDS = env.float("LEASE_SECONDS", 15.0)
CLEWLINE_DRAIN_SECONDS = env.float("DRAIN_SECONDS", 10.0)
CLEWLINE_MAX_ATTEMPTS = env.int("MAX_ATTEMPTS", 5)
CLEWLINE_SWEEP_SECONDS = env.float("SWEEP_SECONDS", 2.0)
CLEWLINE_DOORBELL_SHARDS = env.int("DOORBELL_SHARDS", 4)
CLEWLINE_RUNS_PER_WORKER = env.int("RUNS_PER_WORKER", 400)
CLEWLINE_SCHEDULED_SHARE = env.float("SCHEDULED_SHARE", 0.25)
CLEWLINE_RUNS_PER_PERSON = env.int("RUNS_PER_PERSON", 50)
CLEWLINE_CHILDREN_PER_CALL = env.int("CHILDREN_PER_CALL", 8)
CLEWLINE_CHILDREN_DEPTH = env.int("CHILDREN_DEPTH", 2)
CLEWLINE_CHILDREN_COST = env.float("CHILDREN_COST", 5.0)  # US dollars
CLEWLINE_EVAL_BUDGET = env.float("EVAL_BUDGET", 10.0)  # US dollars: what `make eval-live` may spend

# The model: without a key a labelled stand-in answers.

CLEWLINE_ANTHROPIC_API_KEY = env.str("ANTHROPIC_API_KEY", "")
CLEWLINE_ANTHROPIC_BASE_URL = env.str("ANTHROPIC_BASE_URL", "")
CLEWLINE_STANDIN_SPEED = env.float("STANDIN_SPEED", 50.0)  # tokens a second; 0: at once
CLEWLINE_STANDIN_NEXT = env.str("STANDIN_NEXT", "")  # directives for tests: sales_app/standin/control.py
CLEWLINE_STANDIN_CONTROL = env.bool("STANDIN_CONTROL", False)

if env.bool("NO_MIGRATIONS", False):
    # All apps: tables without migrations are made first, and ours refer to those of django.contrib.auth.
    MIGRATION_MODULES = {app.rpartition(".")[2]: None for app in INSTALLED_APPS}
