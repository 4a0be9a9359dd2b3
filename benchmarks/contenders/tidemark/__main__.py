"""`python -m benchmarks.contenders.tidemark TASK`: the engine at work."""

import django

from benchmarks.contenders.worker import Task, serve

django.setup()

from benchmarks.contenders.tidemark import reading, serving, writing  # noqa: E402 - need the apps

serve(
    Task.given(),
    {
        "append": writing.Append,
        "tail": reading.Tail,
        "load": reading.Load,
        "command": writing.Commands,
        "many": writing.ManyCommands,
        "crowd": writing.CrowdedCommands,
        "catch-up": reading.CatchUp,
        "memory": reading.Memory,
        "visible": reading.Visible,
        "post": serving.Post,
    },
)
