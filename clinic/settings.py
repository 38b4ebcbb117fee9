"""Django's settings, all from the clinic's home. Without a home (types, tests) the databases are in memory."""

import os
import secrets
from pathlib import Path

from clinic.databases import databases
from clinic.errors import HomeError
from clinic.home import AUDIT_DATABASE_VARIABLE, DATABASE_VARIABLE, Configuration, home_of, is_loopback

_HERE = Path(__file__).parent
HOME = home_of()
_configuration = HOME.configuration() if HOME else Configuration(clinic="nowhere")


CLINIC_ID = _configuration.clinic
SECRET_KEY = HOME.secret_key.read_text() if HOME else secrets.token_urlsafe(50)
DEBUG = False
_loopback = is_loopback(_configuration.console.host)
if _configuration.demonstration and (_configuration.console.names or not _loopback):
    raise HomeError(
        "`demonstration = true`: a password alone opens this clinic, so it is served on 127.0.0.1 and without `names`. "
        "For real people, make another clinic"
    )
ALLOWED_HOSTS = [*_configuration.console.names, _configuration.console.host, "127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS += [] if HOME else ["testserver"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "clinic.people",
    "clinic.fleet",
    "clinic.plans",
    "clinic.shelf",
    "clinic.results",
    "clinic.correspondence",
    "clinic.audit",
    "clinic.console",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "clinic.console.middleware.language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clinic.console.middleware.expiry",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "clinic.console.gate.signed_in_whole",
    "clinic.console.gate.Permitted",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "clinic.console.middleware.not_kept_by_browsers",
]
ROOT_URLCONF = "clinic.console.urls"
WSGI_APPLICATION = "clinic.console.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "clinic.console.context.house",
            ],
            "builtins": ["clinic.console.templatetags.words"],
        },
    }
]

DATABASES = databases(
    record=os.environ.get(DATABASE_VARIABLE) or _configuration.database,
    audit=os.environ.get(AUDIT_DATABASE_VARIABLE) or _configuration.audit_database,
    folder=HOME.folder if HOME else None,
)
DATABASE_ROUTERS = ["clinic.audit.router.AuditRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Practitioner"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "patients"
LOGOUT_REDIRECT_URL = "login"
LOGIN_FAILURES_MAX, LOGIN_LOCKED_S = 5, 15 * 60
SECOND_FACTOR_REQUIRED = HOME is not None and not _configuration.demonstration
DEMONSTRATION = _configuration.demonstration
PROXIED = bool(_configuration.console.names)
SESSION_ENGINE = "clinic.console.sessions"
SESSION_COOKIE_AGE = SESSION_S_MAX = 12 * 3600
SESSION_IDLE_S_MAX = 30 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not _loopback
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "clinic.console.errors.csrf_failed"
CSRF_TRUSTED_ORIGINS = [f"https://{name}" for name in _configuration.console.names]
SECURE_HSTS_SECONDS = 0 if _loopback else 31_536_000
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

LANGUAGE_CODE = _configuration.language
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [str(_HERE / "console" / "locale")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = _configuration.time_zone
