"""Stories: connected actions over several days, written as one generator function."""

from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import timedelta

from demo.scene import Action, Scene
from demo.simulation import Next, Step

Story = Generator[tuple[Step, timedelta], Scene, None]
"""Yields each step with the pause after it, and receives the scene of the next step.

A step whose answer differs from the expected one is dropped, and ends the story.
"""

SOON = timedelta(minutes=4)


def action_of(story: Callable[[Scene], Story]) -> Action:
    """A story as an action: its first step, which plans the others."""

    def begin(scene: Scene) -> Step | None:
        steps = story(scene)
        return _next_step(steps, lambda: next(steps))

    return begin


def _next_step(steps: Story, resume: Callable[[], tuple[Step, timedelta]]) -> Step | None:
    try:
        step, pause = resume()
    except StopIteration:
        return None
    return replace(step, then=Next(pause, lambda scene: _next_step(steps, lambda: steps.send(scene))))
