"""`python -m benchmarks.contenders.tidemark TASK`: the engine at work."""

import django

from benchmarks.contenders.worker import Task, serve

django.setup()

from benchmarks.contenders.tidemark import reads, site, writes  # noqa: E402 - need the apps

serve(
    Task.given(),
    {
        "append": writes.Append,
        "tail": reads.Tail,
        "load": reads.Load,
        "command": writes.Commands,
        "many": writes.ManyCommands,
        "crowd": writes.CrowdedCommands,
        "catch-up": reads.CatchUp,
        "memory": reads.Memory,
        "visible": reads.Visible,
        "post": site.Post,
    },
)
