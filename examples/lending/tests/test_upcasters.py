"""Old data read as what they mean today."""

from eventstore.testing import upcast

from tests.examples import BOOK


def test_books_had_no_shelf() -> None:
    old = {"book_id": str(BOOK), "title": "Middlemarch"}
    assert upcast("book.bought", 1, old).shelf == "A"
