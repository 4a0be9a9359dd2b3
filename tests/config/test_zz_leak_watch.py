import pytest
from eventstore.models import Projection
from eventstore.projecting.declaration import projections
pytestmark=pytest.mark.django_db
def test_leak():
    print(list(Projection.objects.values_list("name","version","is_live")), list(projections))
    assert 0
