"""The checker of histories names each anomaly of a history that has it, and none of one that has not.

The histories are those by which Adya, and Kingsbury and Alvaro, explain their terms.
"""

import random

import pytest

from tests.torture.histories.anomalies import Anomaly, anomalies
from tests.torture.histories.graphs import circles
from tests.torture.histories.history import Append, Read, Transaction


def transaction(name: str, text: str, *, committed: bool = True) -> Transaction:
    """A transaction such as "x+1 y=1,2": appends 1 to x, then reads 1 and 2 in y."""
    return Transaction(name, [step(word) for word in text.split()], committed)


def step(word: str) -> Append | Read:
    name, sign, rest = word[0], word[1], word[2:]
    return Append(name, rest) if sign == "+" else Read(name, tuple(rest.split(",") if rest else ()))


def kinds(texts: list[str], final: str = "", rolled_back: str = "") -> set[Anomaly]:
    history = [transaction(f"T{number}", text) for number, text in enumerate(texts, 1)]
    if rolled_back:
        history.append(transaction("rolled back", rolled_back, committed=False))
    ends = [each for each in map(step, final.split()) if isinstance(each, Read)]
    return {found.anomaly for found in anomalies(history, ends)}


WRONG: dict[Anomaly, tuple[list[str], str, str]] = {
    Anomaly.G0: (["x+1 y+1", "x+2 y+2"], "x=1,2 y=2,1", ""),
    Anomaly.G1A: (["x=1"], "", "x+1"),
    Anomaly.G1B: (["x+1 x+2", "x=1"], "x=1,2", ""),
    Anomaly.G1C: (["x+1 y=1", "y+1 x=1"], "", ""),
    Anomaly.G_SINGLE: (["x+1 y+1", "x= y=1"], "x=1 y=1", ""),
    Anomaly.G2: (["x= y+1", "y= x+1"], "x=1 y=1", ""),
    Anomaly.LOST_UPDATE: (["x= x+1", "x= x+2"], "x=2", ""),
    Anomaly.DUPLICATE: (["x+1"], "x=1,1", ""),
    Anomaly.INCOMPATIBLE: (["x+1", "x+2", "x=1", "x=2,1"], "", ""),
    Anomaly.INTERNAL: (["x+1 x="], "", ""),
    Anomaly.GARBAGE: (["x=9"], "", ""),
}


@pytest.mark.parametrize("anomaly", Anomaly, ids=lambda anomaly: anomaly.name)
def test_it_names_each_anomaly(anomaly: Anomaly) -> None:
    history, final, rolled_back = WRONG[anomaly]
    assert anomaly in kinds(history, final, rolled_back)


def test_a_long_fork_and_a_circle_of_three_are_found() -> None:
    assert Anomaly.G2 in kinds(["x+1", "y+1", "x=1 y=", "x= y=1"], "x=1 y=1")
    assert Anomaly.G_SINGLE in kinds(["x+1 z+1", "z=1 y+1", "y=1 x="], "x=1 y=1 z=1")


def test_two_who_follow_the_same_state_are_found_though_both_were_kept() -> None:
    assert Anomaly.LOST_UPDATE in kinds(["x= x+1", "x= x+2"], "x=1,2")


def test_it_knows_that_the_mildest_explanation_counts() -> None:
    found = kinds(["x= y+1", "y= x+1"], "x=1 y=1")
    assert found == {Anomaly.G2}, "each missed the other's write, and neither saw a half"


def serial_history(chance: random.Random, length: int) -> tuple[list[Transaction], list[Read]]:
    """Transactions one after the other on three lists; some are rolled back."""
    lists: dict[str, tuple[int, ...]] = dict.fromkeys("xyz", ())
    history = []
    for number in range(length):
        own, steps = dict(lists), list[Append | Read]()
        for turn in range(chance.randint(1, 5)):
            name = chance.choice("xyz")
            if chance.random() < 0.5:
                own[name] = (*own[name], 10 * number + turn)
                steps.append(Append(name, 10 * number + turn))
            else:
                steps.append(Read(name, own[name]))
        committed = chance.random() < 0.8
        lists = own if committed else lists
        history.append(Transaction(str(number), steps, committed))
    return history, [Read(name, elements) for name, elements in lists.items()]


@pytest.mark.parametrize("seed", range(20))
def test_it_finds_nothing_in_transactions_that_ran_one_after_the_other(seed: int) -> None:
    history, final = serial_history(random.Random(seed), 60)
    random.Random(seed).shuffle(history)  # the order in which they are told says nothing
    assert anomalies(history, final) == []


@pytest.mark.parametrize("seed", range(20))
def test_it_finds_a_read_that_is_moved_to_another_time(seed: int) -> None:
    """A read that skips the last change of one list, though its transaction saw what came with it in another."""
    chance = random.Random(seed)
    history, final = serial_history(chance, 40)
    both = Transaction("both", [Append("x", "X"), Append("y", "Y")])
    (x, y), rest = final[:2], final[2:]
    torn = Transaction("torn", [Read("x", (*x.elements, "X")), y])
    ends = [Read("x", (*x.elements, "X")), Read("y", (*y.elements, "Y")), *rest]
    assert Anomaly.G_SINGLE in {found.anomaly for found in anomalies([*history, both, torn], ends)}


def test_circles_agree_with_what_can_be_reached() -> None:
    chance = random.Random(1)
    for _ in range(50):
        graph = {vertex: {chance.randrange(12) for _ in range(chance.randrange(3))} - {vertex} for vertex in range(12)}
        ways = {vertex: set(edges) for vertex, edges in graph.items()}
        for _ in graph:
            ways = {vertex: seen.union(*(graph[each] for each in seen)) for vertex, seen in ways.items()}
        together = {frozenset(b for b in graph if b in ways[a] and a in ways[b]) - {a} | {a} for a in graph}
        assert {frozenset(circle) for circle in circles(graph)} == {each for each in together if len(each) > 1}
