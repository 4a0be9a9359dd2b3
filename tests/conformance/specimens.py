"""Read models with a column of every kind that Django has, and the values that are easiest to get wrong."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import models

from eventstore.projecting import ReadModel

if TYPE_CHECKING:
    Field = models.Field[int | None, int | None]
else:
    Field = models.Field

NEPAL = timezone(timedelta(hours=5, minutes=45))
NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)


class Colour(models.TextChoices):
    RED = "red"
    BLUE = "blue"


class Size(models.IntegerChoices):
    SMALL = 1
    LARGE = 2


class Plain(ReadModel):
    """Nothing but what the quickest way takes as it is."""

    objects: ClassVar[models.Manager["Plain"]] = models.Manager()  # mypy knows no app of this name

    id = models.UUIDField(primary_key=True)
    text = models.TextField(default="")
    name = models.CharField(max_length=200, null=True)  # noqa: DJ001 - NULL and "" are distinct
    slug = models.SlugField(default="")
    email = models.EmailField(default="")
    colour = models.CharField(max_length=8, choices=Colour, default=Colour.RED)
    size = models.SmallIntegerField(choices=Size, default=Size.SMALL)
    other = models.UUIDField(null=True)
    flag = models.BooleanField(default=False)
    maybe = models.BooleanField(null=True)
    small = models.SmallIntegerField(default=0)
    number = models.IntegerField(default=0)
    big = models.BigIntegerField(default=0)
    positive = models.PositiveBigIntegerField(default=0)
    day = models.DateField(null=True)
    moment = models.DateTimeField(null=True)

    class Meta:
        app_label = "conformance"
        constraints = [models.UniqueConstraint(fields=["slug", "id"], name="conformance_plain_slug")]
        indexes = [
            models.Index(fields=["big", "-moment"], name="conformance_plain_big"),
            models.Index(fields=["name"], condition=models.Q(flag=True), name="conformance_plain_flagged"),
        ]


class Special(ReadModel):
    """Columns whose values are prepared for the database, and converted when they are read."""

    objects: ClassVar[models.Manager["Special"]] = models.Manager()  # mypy knows no app of this name

    number = models.BigIntegerField(primary_key=True)
    small = models.SmallIntegerField(default=0)
    whole = models.IntegerField(default=0)
    price = models.DecimalField(max_digits=15, decimal_places=4, null=True)
    ratio = models.FloatField(null=True)
    details = models.JSONField(null=True)
    picture = models.BinaryField(null=True)
    hour = models.TimeField(null=True)
    length = models.DurationField(null=True)
    address = models.GenericIPAddressField(null=True)
    url = models.URLField(default="")
    path = models.FilePathField(default="")
    group = models.ForeignKey(Group, models.DO_NOTHING, null=True, db_constraint=False)
    moment = models.DateTimeField(null=True)

    class Meta:
        app_label = "conformance"


class Lonely(ReadModel):
    """Nothing but a key: there is nothing to change when it is there already."""

    objects: ClassVar[models.Manager["Lonely"]] = models.Manager()  # mypy knows no app of this name

    id = models.UUIDField(primary_key=True)

    class Meta:
        app_label = "conformance"


class RomanField(Field):
    """A field of a project's own, that makes a text of its values."""

    def get_internal_type(self) -> str:
        return "TextField"

    def get_prep_value(self, value: int | None) -> str | None:
        return None if value is None else "I" * value

    def from_db_value(self, value: str | None, *_: object) -> int | None:
        return None if value is None else len(value)


class Carved(ReadModel):
    """A column whose values are texts only once they are prepared."""

    objects: ClassVar[models.Manager["Carved"]] = models.Manager()  # mypy knows no app of this name

    id = models.UUIDField(primary_key=True)
    year = RomanField(null=True)
    moment = models.DateTimeField(null=True)

    class Meta:
        app_label = "conformance"


MODELS: list[type[ReadModel]] = [Plain, Special, Lonely, Carved]

TEXTS = [
    "",
    "null",
    "\\N",
    "\\.",
    "a\tb\nc\r\nd",
    "\"'`\\",
    "%s {0} $1",
    "日本語 👩‍👩‍👧 e\u0301 é \u202e\ufffd",
    "\x01\x1f\x7f\u2028",
]

PLAIN_VALUES: list[dict[str, Any]] = [
    *({"text": text, "name": text, "slug": text, "email": text} for text in TEXTS),
    {"name": None, "other": None, "maybe": None, "day": None, "moment": None},
    {"colour": Colour.BLUE, "size": Size.LARGE, "flag": True, "maybe": False, "other": UUID(int=0)},
    {"other": UUID(int=2**128 - 1), "maybe": True},
    {"small": -(2**15), "number": -(2**31), "big": -(2**63), "positive": 0},
    {"small": 2**15 - 1, "number": 2**31 - 1, "big": 2**63 - 1, "positive": 2**63 - 1},
    {"day": date(1, 1, 1), "moment": datetime(1, 1, 1, tzinfo=UTC)},
    {"day": date(9999, 12, 31), "moment": datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)},
    {"day": date(2024, 2, 29), "moment": datetime(2024, 2, 29, 12, 30, 0, 1, tzinfo=NEPAL)},
]

SPECIAL_VALUES: list[dict[str, Any]] = [
    {},
    {
        "price": Decimal("12345678901.2345"),
        "ratio": 0.1,
        "details": {"a": [1, None, True, "é", -1.5]},
        "url": "https://é",
    },
    {"price": Decimal("-0.0001"), "ratio": -1e300, "details": [], "picture": b"", "hour": time(0), "small": -(2**15)},
    {"price": Decimal(0), "ratio": 5e-324, "details": {"": {"big": 2**63 - 1}}, "picture": bytes(range(256))},
    {"details": "text", "hour": time(23, 59, 59, 999_999), "length": timedelta(days=400, microseconds=1)},
    {"details": 0, "length": -timedelta(days=1, seconds=2, microseconds=3), "address": "2001:db8::1", "path": "/é/b"},
    {"details": False, "length": timedelta(0), "address": "192.0.2.1", "group_id": 7, "whole": 2**31 - 1},
    {"details": {'quote"d': "\\ \n \u2028 👩"}, "moment": datetime(2024, 2, 29, 12, 30, 0, 1, tzinfo=NEPAL)},
]


def plain(key: int, **values: Any) -> Plain:
    """A row by the number in its key."""
    return Plain(id=UUID(int=key), **values)
