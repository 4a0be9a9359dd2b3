"""The read models of the library; their projectors alone write them."""

from django.db import models
from eventstore.projecting import ReadModel


class Title(ReadModel):
    """A book as the catalogue shows it."""

    book_id = models.UUIDField(primary_key=True)  # a natural key, known from the event
    title = models.CharField(max_length=200)
    shelf = models.CharField(max_length=20)

    def __str__(self) -> str:
        return self.title


class Loan(ReadModel):
    """A book that is out."""

    book_id = models.UUIDField(primary_key=True)
    reader_id = models.UUIDField()
    due = models.DateField()
    since = models.DateTimeField()


class Reservation(ReadModel):
    """A book that a reader waits for."""

    book_id = models.UUIDField(primary_key=True)
    reader_id = models.UUIDField()
    until = models.DateTimeField()


class Member(ReadModel):
    """A reader, by name."""

    reader_id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=200, null=True)  # noqa: DJ001 - None once the reader is erased

    def __str__(self) -> str:
        return self.name or "?"


class Lending(ReadModel):
    """A line of the library's history."""

    position = models.BigIntegerField(primary_key=True)
    book_id = models.UUIDField()
    at = models.DateTimeField()


class RefusedRequest(ReadModel):
    """A request that was refused, and why."""

    number = models.BigIntegerField(primary_key=True)
    type = models.CharField(max_length=128)
    code = models.CharField(max_length=64)
