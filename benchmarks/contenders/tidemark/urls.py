"""Two views with nothing around them."""

import json

import msgspec
from django.http import HttpRequest, JsonResponse
from django.urls import path

from benchmarks.contenders.tidemark.models import Filling
from benchmarks.contenders.tidemark.purses import FillPurse
from eventstore.execute import execute


def insert(request: HttpRequest) -> JsonResponse:
    """One row, as a site without events would write it."""
    row = Filling.objects.create(**json.loads(request.body))
    return JsonResponse({"id": row.pk, "amount": row.amount}, status=201)


def fill(request: HttpRequest) -> JsonResponse:
    """A whole command."""
    command = msgspec.json.decode(request.body, type=FillPurse)
    receipt = execute(command, request.headers["Idempotency-Key"], actor="benchmark")
    return JsonResponse({**receipt.answer, "position": receipt.position}, status=201)


urlpatterns = [path("insert", insert), path("execute", fill)]
