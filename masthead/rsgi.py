"""What Granian serves: printed pages first, then Django."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "masthead.settings")

from django.core.wsgi import get_wsgi_application

django = get_wsgi_application()

from masthead.press.opening import open_press  # noqa: E402 - needs the apps to be there
from masthead.press.receiving import Reception  # noqa: E402

press = open_press(django)
application = Reception(press)
