"""The product's settings, made quick for tests: no disk for mail or pictures, a cheap password hash."""

import os
import tempfile

os.environ.setdefault("MASTHEAD_SITE", tempfile.mkdtemp(prefix="masthead-tests-"))
os.environ.setdefault("MASTHEAD_SECRET_KEY", "only-for-tests-and-long-enough-to-pass-the-deployment-check-0123456789")

from masthead.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
ALLOWED_HOSTS = ["*"]
MASTHEAD["doctor_from"] = 0  # noqa: F405 - no test asks the net by chance; those of the mail doctor say who answers
