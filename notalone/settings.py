"""Django's settings. What the environment may say stands in ``env.py`` and in docs/operations.md."""

from django.utils.translation import to_locale
from environs import Env

from chat.languages import LANGUAGES as VISITOR_LANGUAGES
from notalone import clock
from notalone.env import ROOT, layer_hosts, read
from notalone.static import storages

ENV = read(Env())

NOTALONE_DEMO = ENV.demo
DEBUG = False
SECRET_KEY = ENV.secret_key
ALLOWED_HOSTS = ENV.allowed_hosts
CSRF_TRUSTED_ORIGINS = ENV.trusted_origins

if ENV.clock:
    clock.shift(ENV.clock, ENV.clock_anchor)

INSTALLED_APPS = [
    "daphne",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "notalone",
    "staff",
    "chat",
]

# Visitor's pages and the API run through the async-capable ones alone: each sync one costs a thread hop.
MIDDLEWARE = [
    "notalone.middleware.SecurityHeadersMiddleware",
    "notalone.compression.CompressionMiddleware",
    "notalone.middleware.PathLanguageMiddleware",
    "notalone.middleware.staff_session",
    "notalone.middleware.staff_csrf",
    "notalone.middleware.staff_auth",
    "notalone.middleware.staff_messages",
    "staff.gate.GateMiddleware",
    "allauth.account.middleware.AccountMiddleware",  # async-capable; does nothing off the staff pages
]

ROOT_URLCONF = "notalone.urls"
ASGI_APPLICATION = "notalone.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "notalone.context.site",
                "staff.context.me",
            ]
        },
    }
]

DATABASES = {"default": ENV.database}
REDIS_URL = ENV.redis_url
REDIS_NAMESPACE = "na"

# The layer carries words of command (chat.control); the talk takes the hub.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "hosts": layer_hosts(REDIS_URL, REDIS_NAMESPACE),
            "prefix": f"{{{REDIS_NAMESPACE}}}:layer",
        },
    }
}

CACHES = {
    "default": {
        "BACKEND": "notalone.cache.Cache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"{{{REDIS_NAMESPACE}}}:cache",
    }
}

AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LOGIN_URL = "/staff/login/"
LOGIN_REDIRECT_URL = "/staff/"
LOGOUT_REDIRECT_URL = "/staff/login/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "staff.adapter.StaffAdapter"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/staff/login/"
# A shift of forty signs in from behind one address: the limit that guards is the one a user name. It counts
# at one network alone, so that nobody can lock a name's owner out from elsewhere (staff.adapter).
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "10/5m/key"}  # the address as a hash: the adapter
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ALLAUTH_TRUSTED_PROXY_COUNT = ENV.trusted_proxies
MFA_ADAPTER = "staff.mfa.StaffMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "staff.mfa.StaffAuthenticateForm",
    "reauthenticate": "staff.mfa.StaffReauthenticateForm",
}
MFA_TOTP_TOLERANCE = 1  # staff.mfa takes each step's code once
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = NOTALONE_DEMO  # http://localhost

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = not NOTALONE_DEMO
CSRF_COOKIE_SECURE = not NOTALONE_DEMO
CSRF_COOKIE_SAMESITE = "Strict"
SESSION_ENGINE = "staff.session_store"
SESSION_COOKIE_AGE = 30 * 60  # without an act: each request, and each act at a socket, moves the end on
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.trusted_proxies else None
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    "security.W001",  # notalone.middleware sets these headers on every answer
    "security.W002",
    "security.W003",  # CSRF is checked on the staff's paths; visitors have no session that could be misused
]

LANGUAGE_CODE = "ja"
LOCALE_PATHS = [ROOT / "notalone" / "locale"]
# offered where its catalogue is there; Japanese is what the pages are written in
LANGUAGES = [
    (language.code, language.name)
    for language in VISITOR_LANGUAGES
    if language.code == LANGUAGE_CODE or (LOCALE_PATHS[0] / to_locale(language.code)).is_dir()
]
# the staff's pages: chosen in the header, remembered in a cookie; sentences in staff/locale
STAFF_LANGUAGES = {"ja": "日本語", "en": "English"}
STAFF_LANGUAGE_COOKIE = "notalone_staff_language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Tokyo"

STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "staticfiles"
STORAGES = storages(STATIC_ROOT, demo=NOTALONE_DEMO)

DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
LOGGING_CONFIG = None  # notalone.logging configures it, without addresses

EMAIL_HOST = ENV.mail["host"]  # none: no mail goes out, and answers are read on the site
EMAIL_PORT = ENV.mail["port"]
EMAIL_HOST_USER = ENV.mail["user"]
EMAIL_HOST_PASSWORD = ENV.mail["password"]
EMAIL_USE_SSL = ENV.mail["use_ssl"]
EMAIL_USE_TLS = ENV.mail["use_tls"]

# Ours
VISITOR_COOKIE = "notalone_ticket"
VISITOR_MAIL_COOKIE = "notalone_mail"
MAIL_COOKIE_S = 30 * 24 * 3600  # an answer may take a day; the visitor may come back after the holidays
MAIL_FROM = ENV.mail_from
SITE = ENV.site
DATA_FOLDER = ENV.data
CONTENT_KEYS = ENV.content_keys
MESSAGES_PER_MINUTE = ENV.messages_per_minute
ENTRIES_PER_HOUR = ENV.entries_per_hour
DB_THREADS = ENV.db_threads
TRUSTED_PROXIES = ENV.trusted_proxies
STAFF_SECOND_FACTOR = ENV.second_factor
STAFF_SESSION_S = 12 * 3600  # a session ends then, used or not
METRICS_NETWORKS = ENV.metrics_networks
METRICS_TOKEN = ENV.metrics_token
LOG_FORMAT = ENV.log_format
REPORT_SMALL = ENV.report_small  # counts below are told as "fewer than", where they could point to a person
PLACE_KEPT_S = ENV.place_kept_s  # a waiting visitor's place outlives the socket by this
COUNSELOR_LEASE_S = 30  # a counselor is here for so long after the last heartbeat
DESK_CLOSED_LEASE_S = 20  # … and for so long after the last desk has closed: a broken line comes back sooner
COUNSELOR_GRACE_S = ENV.counselor_grace_s  # so long after that, the conversations go back to the lane
CONFIRM_WITHIN_S = 20  # an assignment that no desk has shown by then goes to the next counselor
