"""Stories: acts that hang together, over days, written as one function."""

from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import timedelta

from demo.book import Next, Step
from demo.scene import Act, Scene

Story = Generator[tuple[Step, timedelta], Scene, None]
"""Gives each step with the pause after it, and is given the scene of the next one then.

A step that is answered otherwise than it expects is not taken, and ends the story.
"""

SOON = timedelta(minutes=4)


def act_of(tell: Callable[[Scene], Story]) -> Act:
    """A story as an act: its first one, which brings the others with it."""

    def begin(scene: Scene) -> Step | None:
        story = tell(scene)
        return _turn(story, lambda: next(story))

    return begin


def _turn(story: Story, go_on: Callable[[], tuple[Step, timedelta]]) -> Step | None:
    try:
        step, pause = go_on()
    except StopIteration:
        return None
    return replace(step, then=Next(pause, lambda scene: _turn(story, lambda: story.send(scene))))
