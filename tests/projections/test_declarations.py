"""The projections of the product are declared soundly."""

from eventstore.checks import declarations
from eventstore.checks.read_models import check_read_models
from eventstore.projecting.declaration.registry import projections


def test_the_projections_of_this_product_make_sense() -> None:
    assert projections
    assert declarations.check_projections() == []


def test_the_read_models_of_this_product_can_be_rebuilt() -> None:
    assert projections
    assert check_read_models() == []
