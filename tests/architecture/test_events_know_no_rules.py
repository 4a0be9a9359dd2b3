"""What the read side may see of the domain leads to nothing else of it: its import contract leaves out that step."""

import grimp

VISIBLE = {"accounts.domain.events", "accounts.domain.fields", "accounts.domain.money", "accounts.domain.notation"}


def test_events_and_money_import_nothing_else_of_the_write_side() -> None:
    graph = grimp.build_graph("accounts", "eventstore")
    imported = {name for module in VISIBLE for name in graph.find_modules_directly_imported_by(module)}
    assert {name for name in imported if name.startswith("accounts")} <= VISIBLE
