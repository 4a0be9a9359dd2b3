"""The rules of a reader and of the card that is sent."""

from uuid import UUID

from eventstore.testing import given

from lending.commands import Join, SendCard
from lending.events import CardSent
from tests.examples import ANN, ANN_JOINED

CARD = UUID(int=2)


def test_a_card_number_is_given_once() -> None:
    given().when(Join(ANN, "Ann")).then(ANN_JOINED)
    given(ANN_JOINED).when(Join(ANN, "Anna")).refused("CARD_IS_TAKEN", field="card_number")


def test_a_card_is_sent_once() -> None:
    given().when(SendCard(CARD, ANN)).then(CardSent(CARD, ANN))
    given(CardSent(CARD, ANN)).when(SendCard(CARD, ANN)).refused("CARD_WAS_SENT")
