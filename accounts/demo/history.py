"""The history of a demo world: who does what on which day, in the order of time; the same each time it is asked for.

Some acts come once (people arrive), some each month (wage, rent); shopping, favours and mistakes fill the days up to
the number of events that the world is to have.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from accounts.commands import RenameAccount
from accounts.demo import acts
from accounts.demo.acts import Act
from accounts.demo.book import Book, Step
from accounts.demo.people import Person, by_day, settle
from accounts.demo.world import DAYS, World, midnight

EACH_MONTH: Final[tuple[tuple[range, Act], ...]] = (  # on one of these days
    (range(1, 5), acts.rent),
    (range(6, 12), acts.bill(0)),
    (range(12, 20), acts.bill(1)),
    (range(22, 26), acts.wage),
    (range(26, 29), acts.save),
)
EVENTS_EACH_MONTH: Final = 6
EVENTS_OF_ARRIVAL: Final = 5
REGULAR: Final = 0.6  # of all events; the rest is spontaneous

NOW_AND_THEN: Final[dict[Act, int]] = {  # how often, in a thousand
    acts.shop: 800,
    acts.send: 140,
    acts.save: 10,
    acts.pay_in: 25,
    acts.move: 3,
    acts.overdraw: 10,
    acts.mistype: 5,
    acts.mix_up: 5,
    acts.register_again: 2,
}
