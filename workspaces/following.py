"""Pages that follow what goes on: whoever asks again for one that has not changed gets 304."""

import hashlib
import re

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

# Django's token is masked anew in every answer, in forms and in what htmx sends along.
TOKEN = re.compile(rb'(?<=csrfmiddlewaretoken" value=")\w+|(?<="x-csrftoken": ")\w+')


def unless_known(request: HttpRequest, page: HttpResponse) -> HttpResponse:
    """The page with its ETag, or 304 for `follow.js`, which shows this very page already."""
    shown = TOKEN.sub(b"", page.content)
    etag = f'"{hashlib.sha256(shown).hexdigest()[:32]}"'
    page.headers["ETag"] = etag
    found: HttpResponse = get_conditional_response(request, etag=etag, response=page) or page
    return found
