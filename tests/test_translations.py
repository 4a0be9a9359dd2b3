"""English and Simplified Chinese are complete: no page is half in another language."""

import re

import pytest
from django.conf import settings
from django.utils import translation

from tests.texts import SOURCES, compiled, folder, texts, written

LANGUAGE = "zh_Hans"
PLACE = re.compile(r"%\(\w+\)[a-z]|%%|%[a-z]|\{\w*\}")


@pytest.fixture(scope="module", params=sorted(SOURCES))
def catalog(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def translations(catalog: str) -> dict[tuple[str, ...], list[str]]:
    return written(catalog, LANGUAGE)


def test_every_text_has_a_translation(catalog: str, translations: dict[tuple[str, ...], list[str]]) -> None:
    missing = {text for text in texts(catalog) if not all(translations.get(text, [""]))}
    assert not missing, "run make messages, and translate what is new"


def test_no_translation_is_left_of_a_text_that_is_gone(
    catalog: str, translations: dict[tuple[str, ...], list[str]]
) -> None:
    assert not translations.keys() - texts(catalog), "run make messages"


def test_no_translation_is_a_guess(catalog: str) -> None:
    text = folder(catalog, LANGUAGE).joinpath("django.po").read_text()
    assert not re.search(r"^#,.*\bfuzzy\b", text, re.MULTILINE)


def test_translations_have_the_places_of_their_text(translations: dict[tuple[str, ...], list[str]]) -> None:
    for text, forms in translations.items():
        for form in forms:
            assert sorted(PLACE.findall(form)) == sorted(PLACE.findall(text[-1])), text


def test_what_is_compiled_is_what_is_written(catalog: str, translations: dict[tuple[str, ...], list[str]]) -> None:
    assert compiled(catalog, LANGUAGE) == {text[0]: forms[0] for text, forms in translations.items()}, (
        "run make messages"
    )


def test_the_languages_are_those_of_the_settings() -> None:
    assert [code for code, _ in settings.LANGUAGES] == ["en", "zh-hans"]
    with translation.override("zh-hans"):
        assert translation.gettext("There is no such account.") == "账户不存在。"
