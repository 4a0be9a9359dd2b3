"""Commands and queries over HTTP, for projects that use Django REST Framework and drf-spectacular (an extra)."""
