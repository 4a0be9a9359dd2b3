"""Bring delayed read models and reactions up to date within a test, as a runner does outside."""


def catch_up(*names: str) -> None:
    """Deliver all that is recorded by now to delayed projections and reactions; to these, if names are given.

    Commands of reactions are executed, and what they record is delivered too. Needs a test with real transactions on
    PostgreSQL (`transactional_db`), as a runner does. Raises what is not the events' fault; an event that a projector
    can't digest parks its stream, as in production.
    """
    from eventstore import feed  # noqa: PLC0415 - needs the models, and `given` needs none
    from eventstore.projecting.runner.runner import Runner  # noqa: PLC0415 - likewise

    reached = -1
    while reached != (reached := feed.advance().position):
        Runner(names).catch_up()
