"""Django's settings, all from the clinic's home. Without a home (types, tests) the databases are in memory."""

import os
import secrets
from pathlib import Path

from clinic.databases import databases
from clinic.errors import HomeError
from clinic.home import AUDIT_DATABASE_VARIABLE, DATABASE_VARIABLE, Configuration, Home, home_of, is_loopback

SECRET_MIN = 50
_HERE = Path(__file__).parent
HOME = home_of()
_configuration = HOME.configuration() if HOME else Configuration(clinic="nowhere")


def secret_of(home: Home) -> str:
    """Django's secret key. Raises HomeError: nothing starts without one, or with one that could be guessed."""
    try:
        secret = home.secret_key.read_text().strip()
    except OSError as error:
        raise HomeError(
            f"{home.secret_key}: {error.strerror}; put it back from the backup (`chevet-clinic init` makes a new one: "
            "every second factor must then be set up again)"
        ) from error
    if len(secret) < SECRET_MIN:
        raise HomeError(
            f"{home.secret_key} holds {len(secret)} characters, at least {SECRET_MIN}: put back the real one"
        )
    return secret


CLINIC_ID = _configuration.clinic
PREVIEW_S_MAX = 60.0
"""How long a page waits for `chevet-kiosk draw`; a machine that is busy with tests is given more."""
ESCALATION = _configuration.escalation
READY_ANSWERS = _configuration.ready_answers
SECRET_KEY = secret_of(HOME) if HOME else secrets.token_urlsafe(50)
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
    "django_htmx",
    "clinic.people",
    "clinic.fleet",
    "clinic.plans",
    "clinic.shelf",
    "clinic.results",
    "clinic.correspondence",
    "clinic.coordination",
    "clinic.suitability",
    "clinic.audit",
    "clinic.console",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "clinic.console.middleware.not_too_large",
    "clinic.console.middleware.in_utf8",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "clinic.console.parts.whole_pages",
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
PUBLIC_URL = _configuration.console.url
"""As clinic.toml says it: whether it serves passkeys is asked of `clinic.public_url` where it matters."""
_by_https = PROXIED or not _loopback
"""Real browsers come through a proxy with TLS, which says so in X-Forwarded-Proto."""
SESSION_ENGINE = "clinic.console.sessions"
SESSION_COOKIE_AGE = SESSION_S_MAX = 12 * 3600
SESSION_IDLE_S_MAX = 30 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _by_https
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "clinic.console.errors.csrf_failed"
CSRF_TRUSTED_ORIGINS = [f"https://{name}" for name in _configuration.console.names]
SECURE_HSTS_SECONDS = 31_536_000 if _by_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _by_https
SECURE_SSL_REDIRECT = _by_https
SECURE_REDIRECT_EXEMPT = [r"^sante$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIED else None
SILENCED_SYSTEM_CHECKS = ["security.W021"]
"""Preloading is for a whole domain, which is the hospital's to decide."""
UPLOAD_BYTES_MAX = 5 * 1024 * 1024
"""The largest that a page takes in is a form of a few hundred KiB."""
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "connect-src": ["'self'"],
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
