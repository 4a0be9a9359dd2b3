from collections import Counter
from concurrent.futures import ThreadPoolExecutor
import pytest
from django.db import connections
from django.utils import timezone
from accounts.commands import *
from accounts.handlers import new_id, own_account
from eventstore.execute import execute
from eventstore.projecting.declaration import projections
from eventstore.projecting.rebuild import rebuild
from eventstore.projecting.runner import Runner
from projections import queries
from tests.factories import *

def par(jobs, n=20):
    def run(job):
        try: return job()
        finally: connections["default"].close()
    with ThreadPoolExecutor(n) as pool: return list(pool.map(run, jobs))

@pytest.mark.django_db(transaction=True)
def test_all():
    a = AccountFactory.create(balance=100); b = AccountFactory.create(balance=100)
    o = lambda x: x.customer_id
    got = par([lambda: execute(Withdraw(a.account_id, o(a), new_id(), 10, timezone.now()), new_id(), actor="customer:x") for _ in range(50)], 50)
    assert Counter(r.refusal.code if r.refusal else "" for r in got) == {"": 10, "INSUFFICIENT_FUNDS": 40}
    DepositFactory.create(account=a, amount=100)
    def t(s, d): return lambda: execute(Transfer(new_id(), o(s), s.account_id, d.account_id, new_id(), new_id(), 1), new_id(), actor="x")
    got = par([t(a, b) if i % 2 else t(b, a) for i in range(200)])
    print(Counter(r.refusal.code if r.refusal else "" for r in got))
    assert own_account(a.account_id, o(a)).balance + own_account(b.account_id, o(b)).balance == 200
    got = par([lambda: execute(Deposit(a.account_id, o(a), new_id(), 7, timezone.now()), "same", actor="x", fingerprint="f") for _ in range(20)])
    assert all(r.answer == got[0].answer for r in got) and sum(not r.replayed for r in got) == 1
    Runner().catch_up()
    ps = list(projections.values()); snap = lambda: [list(p.model._default_manager.order_by("pk").values()) for p in ps]
    before = snap(); rebuild(ps); assert snap() == before
    assert sum(r.amount for r in queries.trial_balance()) == 0
