"""What is made of the figures: checked goals, a table, a chart."""

from xml.etree import ElementTree

from benchmarks.chart import chart
from benchmarks.contest import MILLISECONDS, Sample, per_second
from benchmarks.goals import AtLeast, NoneOf, TimesAsGood
from benchmarks.report import BenchmarkReport, Check, Report, Result
from benchmarks.table import number, table

EVENTS = per_second("events")
OURS = Result("Tidemark", (300.0, 100.0, 900.0), 1.5, 2.5, {"missed": 0})
PEER = Result("a <peer>", (100.0, 100.0, 100.0), 4.0, 5.0, {"missed": 1_234})
RESULTS = {"Tidemark": OURS, "a <peer>": PEER}
REPORT = Report(
    {"processor": "a quick one", "postgresql": {"fsync": "on"}},
    (BenchmarkReport("append", "Append & read", "events/s", (OURS, PEER), (Check("who", "much", "more", met=True),)),),
)


def test_a_ratio_is_the_median_of_the_ratios_of_the_rounds() -> None:
    check = TimesAsGood("a <peer>", 2.5).check(RESULTS, EVENTS)
    assert check == Check("Tidemark : a <peer>", "≥ 2.5 times", "3.00", met=True)


def test_of_durations_less_is_better() -> None:
    check = TimesAsGood("a <peer>", 0.5).check(RESULTS, MILLISECONDS)
    assert check == Check("Tidemark : a <peer>", "≥ 0.5 times", "0.33", met=False)


def test_a_goal_that_needs_attention_who_is_missing_is_not_checked() -> None:
    assert TimesAsGood("nobody", 2).check(RESULTS, EVENTS) is None


def test_figures_and_facts_can_be_goals_by_themselves() -> None:
    assert AtLeast(301).check(RESULTS, EVENTS) == Check("Tidemark", "≥ 301 events/s", "300", met=False)
    assert NoneOf("missed").check(RESULTS, EVENTS) == Check("Tidemark: missed", "0", "0", met=True)
    assert NoneOf("missed", of="a <peer>").check(RESULTS, EVENTS) == Check("a <peer>: missed", "0", "1,234", met=False)


def test_rates_of_processes_add_up_and_durations_have_a_median() -> None:
    samples = [Sample(10, [0.5, 0.5]), Sample(30, [1.0, 2.0])]
    assert EVENTS.value(samples) == 20
    assert MILLISECONDS.value(samples) == 750


def test_the_table_tells_everything() -> None:
    text = table(REPORT)
    assert "| `append` | who | much | more | yes |" in text
    assert "| Tidemark | **300** | 100 – 900 | 1.5 | 2.5 | 0 |" in text
    assert "| postgresql fsync | on |" in text


def test_the_chart_is_well_formed_and_says_its_figures_in_words() -> None:
    root = ElementTree.fromstring(chart(REPORT))  # noqa: S314 - of our own making
    description = root.find("{http://www.w3.org/2000/svg}desc")
    assert description is not None
    assert description.text == "Append & read: Tidemark 300 events/s, a <peer> 100 events/s"


def test_a_number_shows_the_digits_that_count() -> None:
    assert [number(value) for value in (123_456.7, 12.345, 0.98765)] == ["123,457", "12.3", "0.988"]
