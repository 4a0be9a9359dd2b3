"""Many requests to the engine, in as few goes as their kinds allow."""

from collections.abc import Iterator, Sequence

from eventstore.execute import BatchRefused, CommandRequest, Receipt, execute_many, execute_request


def together(requests: Sequence[CommandRequest]) -> Iterator[Receipt]:
    """The receipts of all, inside the caller's transaction; raises BatchRefused at the first refusal."""
    done = 0
    for run in _runs(requests):
        try:
            receipts = [_alone(run[0])] if run[0].in_transaction else execute_many(run, atomic=True)
        except BatchRefused as no:
            raise BatchRefused(done + no.index, no.refusal) from no
        yield from receipts
        done += len(receipts)


def _alone(request: CommandRequest) -> Receipt:
    receipt = execute_request(request)
    if receipt.refusal:
        raise BatchRefused(0, receipt.refusal)
    return receipt


def one_by_one(requests: Sequence[CommandRequest]) -> Iterator[Receipt]:
    """The receipt of each, refused or not."""
    for run in _runs(requests):
        yield from [execute_request(run[0])] if run[0].in_transaction else execute_many(run)


def _runs(requests: Sequence[CommandRequest]) -> Iterator[list[CommandRequest]]:
    """Parts that can be executed in one go: a request with `in_transaction` goes alone."""
    run: list[CommandRequest] = []
    for request in requests:
        if run and (request.in_transaction or run[-1].in_transaction):
            yield run
            run = []
        run.append(request)
    if run:
        yield run
