"""Many requests to the engine, in as few goes as their kinds allow."""

from collections.abc import Iterator, Sequence

from eventstore.execute import BatchRefused, Request, carry_out, execute_many
from eventstore.records import Receipt


def together(requests: Sequence[Request]) -> Iterator[Receipt]:
    """The receipts of all, inside the caller's transaction; raises BatchRefused at the first refusal."""
    done = 0
    for run in _runs(requests):
        try:
            receipts = [_alone(run[0])] if run[0].alongside else execute_many(run, atomic=True)
        except BatchRefused as no:
            raise BatchRefused(done + no.index, no.refusal) from no
        yield from receipts
        done += len(receipts)


def _alone(request: Request) -> Receipt:
    receipt = carry_out(request)
    if receipt.refusal:
        raise BatchRefused(0, receipt.refusal)
    return receipt


def one_by_one(requests: Sequence[Request]) -> Iterator[Receipt]:
    """The receipt of each, refused or not."""
    for run in _runs(requests):
        yield from [carry_out(run[0])] if run[0].alongside else execute_many(run)


def _runs(requests: Sequence[Request]) -> Iterator[list[Request]]:
    """Parts that can be executed in one go: what has something alongside goes alone."""
    run: list[Request] = []
    for request in requests:
        if run and (request.alongside or run[-1].alongside):
            yield run
            run = []
        run.append(request)
    if run:
        yield run
