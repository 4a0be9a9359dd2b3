"""The result of `manage.py demo_data`, as text and as JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from demo.importer import ImportTask
from demo.sign_ins import SignIn


@dataclass(frozen=True)
class DemoReport:
    """The task, what was executed, the sign-ins to try, and the number of parked streams."""

    task: ImportTask
    commands: int
    seconds: float
    sign_ins: Sequence[SignIn]
    parked: int  # streams

    def as_text(self) -> str:
        """The report for a person."""
        return "\n".join([f"{self._done()}.", *self._parked_lines(), "", "Sign in as:", *self._sign_in_lines()])

    def as_json(self) -> str:
        """The report for a script, one line of JSON."""
        world = self.task.world
        return json.dumps(
            {
                "made": not self.task.complete,
                "customers": world.customers,
                "events": world.events,
                "first_day": world.first_day.isoformat(),
                "last_day": world.last_day.isoformat(),
                "commands": self.commands,
                "seconds": round(self.seconds, 3),
                "parked": self.parked,
                "sign_ins": [asdict(sign_in) for sign_in in self.sign_ins],
            }
        )

    def _done(self) -> str:
        world = self.task.world
        what = f"{world.customers:,} customers, {world.events:,} events, {world.first_day} to {world.last_day}"
        if self.task.complete:
            return f"The demo world is there already: {what}"
        verb = "Completed the" if self.task.done else "Made a"
        rate = f"{self.commands / self.seconds:,.0f} a second"
        return f"{verb} demo world: {what} ({self.commands:,} commands in {self.seconds:.1f} s, {rate})"

    def _parked_lines(self) -> Iterator[str]:
        if self.parked:
            yield f"Parked, for you to try again: {self.parked} (admin, or manage.py parked_events --retry-all)."

    def _sign_in_lines(self) -> Iterator[str]:
        roles = max(len(sign_in.role) for sign_in in self.sign_ins)
        emails = max(len(sign_in.email) for sign_in in self.sign_ins)
        for role, email, password in (asdict(sign_in).values() for sign_in in self.sign_ins):
            yield f"  {role:<{roles}}  {email:<{emails}}  {password or '(has another password by now)'}"
