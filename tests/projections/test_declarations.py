"""The projections of the product are declared soundly."""

from eventstore.checks import declarations
from eventstore.projecting.declaration.registry import projections


def test_the_projections_of_this_product_make_sense() -> None:
    assert projections
    assert declarations.check_projections() == []
