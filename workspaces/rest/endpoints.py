"""Base classes of endpoints: lists and single things of the token's workspace, and acts on them."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial, wraps
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import contention
from audit.services import Actor
from workspaces import keyset
from workspaces.models import Membership, User, Workspace
from workspaces.rest import pagination, repeating
from workspaces.rest.bodies import Body, ListQuery, Query, parameters
from workspaces.rest.fields import Choice

Serializer = type[serializers.BaseSerializer[Any]]


@dataclass(frozen=True)
class Does:
    """What a writing method takes and answers, for doing it and for describing it."""

    takes: type[Body] | None = None
    answers: Serializer | None = None
    status: int = 200
    query: type[Query] = Query
    partial: bool = False
    # False where the answer must not be kept, or cannot be in one transaction with the key.
    repeatable: bool = True
    asks_provider: bool = False


class Endpoint(APIView):
    """Declares `needs`, and for writing `needs_to_write`; `Needs` enforces both."""

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    needs: str
    needs_to_write: str | None = None
    query: type[Query] = Query

    @property
    def workspace(self) -> Workspace:
        return self.request._request.workspace  # type: ignore[attr-defined, no-any-return]

    @property
    def membership(self) -> Membership:
        return self.request._request.membership  # type: ignore[attr-defined, no-any-return]

    @property
    def by(self) -> Actor:
        return self.request._request.actor  # type: ignore[attr-defined, no-any-return]

    @property
    def user(self) -> User:
        """The member in whose name the token acts."""
        return self.membership.user

    def perform_authentication(self, request: Any) -> None:
        """Count the request before its rights are looked at: what is refused counts too."""
        super().perform_authentication(request)
        super().check_throttles(request)

    def check_throttles(self, request: Any) -> None:
        """Done by then."""

    def parameters(self) -> dict[str, Any]:
        """The query parameters, parsed."""
        return parameters(self.query_class(), self.request.query_params)

    @classmethod
    def query_class(cls) -> type[Query]:
        return cls.query

    def present(self, serializer: Serializer, rows: Sequence[Any]) -> list[Any]:
        """What is said of each of these rows."""
        context = {"workspace": self.workspace}
        return list(serializer(rows, many=True, context=context).data)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Say how many requests are left, and answer 304 to whoever has this very answer."""
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in getattr(request._request, "rate", {}).items():
            response.headers[name] = value
        if request.method in ("GET", "HEAD") and response.status_code == 200:
            response.add_post_render_callback(partial(_conditional, request._request))
        return response


class Item(Endpoint):
    """One thing by its id; `rows` gives what the token may see, so a foreign id is as absent."""

    answers: Serializer

    rows: Callable[[Workspace], QuerySet[Any]]

    def found(self) -> Any:
        return get_object_or_404(self.rows(self.workspace), pk=self.kwargs["pk"])

    def get(self, request: Any, **kwargs: Any) -> Response:
        self.parameters()
        return Response(self.present(self.answers, [self.found()])[0])


class Listing(Endpoint):
    """A list in keyset pages; its filters are the fields of `query`, handed to `rows` by name."""

    answers: Serializer
    query = ListQuery
    # By the name that `ordering` takes: fields that are never null and together unique.
    orderings: Mapping[str, tuple[str, ...]]

    rows: Callable[..., QuerySet[Any]]
    # What is said of the list as a whole, beside its rows: how, and of what.
    beside: Serializer | None = None
    whole: Callable[..., Any]

    @classmethod
    def query_class(cls) -> type[Query]:
        return _with_ordering(cls)  # type: ignore[arg-type]

    def get(self, request: Any, **kwargs: Any) -> Response:
        wanted = self.parameters()
        keys = self.orderings[wanted.pop("ordering")]
        where = {"cursor": wanted.pop("cursor", ""), "size": wanted.pop("limit"), "strict": True}
        try:
            found = self.page(keys=keys, where=where, **wanted)
        except keyset.BadCursor:
            raise pagination.NoSuchPage from None
        links = pagination.links(found, url=request.build_absolute_uri())
        said = self.present(self.beside, [self.whole(**wanted)])[0] if self.beside else {}
        return Response({**links, **said, "results": self.present(self.answers, found.rows)})

    def page(
        self, *, keys: tuple[str, ...], where: dict[str, Any], **wanted: Any
    ) -> keyset.Page[Any]:
        """One page; `where` says which, as `keyset.page` takes it. Raises keyset.BadCursor."""
        return keyset.page(self.rows(self.workspace, **wanted), keys=keys, **where)


class Whole(Endpoint):
    """A list that is short by its nature, given whole, or one thing that needs no id."""

    answers: Serializer
    many = True

    things: Callable[..., Any]

    def get(self, request: Any, **kwargs: Any) -> Response:
        found = self.things(self.workspace, **self.parameters())
        if not self.many:
            return Response(self.present(self.answers, [found])[0])
        return Response({"results": self.present(self.answers, found)})


def acts(**what: Any) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Make a method of an endpoint an act: see `Does` for `what`.

    The method gets the parsed body and parameters as `data`, and gives back what is shown.
    """
    does = Does(**what)

    def declare(method: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(method)
        def handler(self: Endpoint, request: Any, **kwargs: Any) -> Response:
            sent = request.data

            def act() -> repeating.Answer:
                # Within: what was sent may be valid no more once it has had its effect.
                data = parameters(does.query, request.query_params) | _body(self, does, sent)
                found = method(self, data, **kwargs)
                return repeating.Answer(does.status, _shown(self, does, found))

            body = sent if does.takes else None
            once = partial(repeating.once, request, body=body, act=act)
            answer = contention.repeated(once) if does.repeatable else act()
            headers = {"Idempotency-Replayed": "true"} if answer.again else None
            return Response(answer.body, status=answer.status, headers=headers)

        handler.does = does  # type: ignore[attr-defined]
        return handler

    return declare


def _body(endpoint: Endpoint, does: Does, given: Any) -> dict[str, Any]:
    taken = (does.takes or Body)(
        data=given, partial=does.partial, context={"workspace": endpoint.workspace}
    )
    taken.is_valid(raise_exception=True)
    return dict(taken.validated_data)


def _shown(endpoint: Endpoint, does: Does, found: Any) -> Any:
    if does.answers is None:
        return None
    return endpoint.present(does.answers, [found])[0]


@cache
def _with_ordering(listing: type[Listing]) -> type[Query]:
    """The list's query parameters with its orderings, the first of which is the usual one."""
    names = list(listing.orderings)
    ordering = Choice(choices=names, default=names[0], help_text="The order; `-` turns it round.")
    made: type[Query] = type(f"{listing.__name__}Query", (listing.query,), {"ordering": ordering})
    return made


def _conditional(request: Any, response: Any) -> Any:
    """304 where the caller's `If-None-Match` names what would be answered."""
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response.headers["ETag"] = etag
    found = get_conditional_response(request, etag=etag, response=response)
    if found is not None and found is not response:
        for name, value in getattr(request, "rate", {}).items():
            found.headers[name] = value
    return found
