"""Errors as RFC 9457 problem details: what happened and what to do, in one shape."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

NOT_FOUND = "There is nothing here under this address for your token."


def problem_details(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: the same body for what is absent and what belongs to others."""
    response = exception_handler(error, context)
    if response is None:
        return None
    status = HTTPStatus(response.status_code)
    body: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": int(status)}
    if isinstance(error, Http404 | exceptions.NotFound):
        body["detail"] = NOT_FOUND
    elif isinstance(error, exceptions.ValidationError):
        body["detail"] = "Some fields are not acceptable. Nothing was changed."
        body["errors"] = response.data
    elif isinstance(error, exceptions.APIException):
        body["detail"] = str(error.detail)
    elif isinstance(error, PermissionDenied):
        body["detail"] = "Your token may not do this."
    response.data = body
    response.content_type = "application/problem+json"
    return response
