"""Batches: many requests to the engine, in as few transactions as their side effects allow."""

from collections.abc import Iterator, Sequence

from eventstore.execute import BatchRefused, CommandRequest, Receipt, execute_many, execute_request


def execute_all_or_none(requests: Sequence[CommandRequest]) -> Iterator[Receipt]:
    """The receipts of all requests, inside the caller's transaction; raises BatchRefused at the first refusal."""
    executed = 0
    for part in _parts(requests):
        try:
            receipts = [_execute_one(part[0])] if part[0].in_transaction else execute_many(part, atomic=True)
        except BatchRefused as no:
            raise BatchRefused(executed + no.index, no.refusal) from no
        yield from receipts
        executed += len(receipts)


def _execute_one(request: CommandRequest) -> Receipt:
    receipt = execute_request(request)
    if receipt.refusal:
        raise BatchRefused(0, receipt.refusal)
    return receipt


def execute_each(requests: Sequence[CommandRequest]) -> Iterator[Receipt]:
    """The receipt of each request, refused or not."""
    for part in _parts(requests):
        yield from [execute_request(part[0])] if part[0].in_transaction else execute_many(part)


def _parts(requests: Sequence[CommandRequest]) -> Iterator[list[CommandRequest]]:
    """Consecutive requests that `execute_many` can take together; a request with `in_transaction` is a part alone."""
    part: list[CommandRequest] = []
    for request in requests:
        if part and (request.in_transaction or part[-1].in_transaction):
            yield part
            part = []
        part.append(request)
    if part:
        yield part
