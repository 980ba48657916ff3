"""Where providers' webhooks arrive: verified, stored once, answered at once, worked on later."""

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations import providing
from integrations import services as integrations
from integrations.providers.base import BadSignature, Malformed
from workspaces.permissions import PUBLIC, needs

log = structlog.get_logger(__name__)


@csrf_exempt
@needs(PUBLIC)
@require_POST
def truto(request: HttpRequest) -> HttpResponse:
    """Truto's signals. Its signature is the sign-in; once that holds the answer is exactly 200.

    Any other answer is an error to Truto, and after a few of them it sends nothing any more.
    """
    body = request.read(settings.LARGEST_BODY + 1)
    if len(body) > settings.LARGEST_BODY:  # nobody stated its length, or the edge had refused it
        return HttpResponse("The body is larger than any that is read.", status=413)
    reader = providing.event_reader("truto")
    try:
        signal = reader.read_event(request.headers, body)
    except BadSignature:
        return HttpResponse("The signature does not fit.", status=401)
    except Malformed as error:
        log.warning("webhook not understood", reason=error.reason)
        return HttpResponse("Received, but not understood.")
    finally:
        reader.close()
    integrations.receive(signal, provider="truto")
    return HttpResponse("Received.")
