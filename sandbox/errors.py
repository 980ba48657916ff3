"""The error body of the pretend Truto, and the errors of the provider behind it."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.http import JsonResponse


@dataclass
class ApiError(Exception):
    """An answer that is an error; `remote` says that the provider failed and not Truto."""

    status: int
    message: str = ""
    remote: bool = False
    raw: Any = None
    insight: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Give the JSON body: optional keys are left out, never null."""
        body: dict[str, Any] = {
            "statusCode": self.status,
            "error": HTTPStatus(self.status).phrase,
            "message": self.message,
        }
        insight = dict(self.insight)
        if self.remote:
            body["truto_is_remote_error"] = True
            body["raw_response"] = self.raw
            insight["remote_error"] = {"description": "The provider answered with an error."}
        if self.details is not None:
            body["details"] = self.details
        if insight:
            body["truto_error_insight"] = insight
        return body

    def response(self) -> JsonResponse:
        """Give the HTTP answer."""
        return JsonResponse(self.body(), status=self.status, headers=self.headers)


def invalid(**failures: str) -> ApiError:
    """Describe bad fields of a request body, one failure per field."""
    listed = [{"field": name, "message": message} for name, message in failures.items()]
    first = next(iter(failures.values()))
    return ApiError(400, first, details={"failures": listed})


def missing_query_parameter(name: str) -> ApiError:
    """Describe a required query parameter that was not sent."""
    insight = {
        "missing_required_query_parameters": {
            "description": "These query parameters are required and were not sent.",
            "value": [name],
        }
    }
    return ApiError(400, f"{name} is required", insight=insight)


def not_found(what: str) -> ApiError:
    """Say that Truto knows no such object."""
    return ApiError(404, f"{what} not found")


def credentials_refused(message: str) -> ApiError:
    """Say that the provider refused the customer's credentials."""
    raw = {"Type": None, "Title": "Unauthorized", "Status": 401, "Detail": message}
    return ApiError(401, message, remote=True, raw=raw)


def provider_forbids(message: str, missing_scopes: list[str]) -> ApiError:
    """Say that the provider allows the caller but not this."""
    raw = {"Type": None, "Title": "Forbidden", "Status": 403, "Detail": message}
    insight = {
        "forbidden_error": {
            "description": "The provider refused because of a missing permission.",
            "value": {"missing_scopes": missing_scopes},
        }
    }
    return ApiError(403, message, remote=True, raw=raw, insight=insight)


def too_many_requests(retry_after: int) -> ApiError:
    """Say that Truto's own limit is used up; `retry_after` is in seconds."""
    return ApiError(429, "Too many requests", headers={"Retry-After": str(retry_after)})


def provider_too_many_requests(retry_after: int) -> ApiError:
    """Say that the provider's limit is used up; `retry_after` is in seconds."""
    headers = {
        "Retry-After": str(retry_after),
        "ratelimit-limit": "60;w=60",
        "ratelimit-remaining": "0",
        "ratelimit-reset": str(retry_after),
        "X-Rate-Limit-Problem": "minute",
    }
    insight = {"rate_limit_error": {"description": "The provider limits the rate of calls."}}
    return ApiError(429, "", remote=True, raw="", insight=insight, headers=headers)
