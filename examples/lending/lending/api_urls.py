"""The addresses of the API."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView
from eventstore.http.routes import route

from lending import api

urlpatterns = [
    route("books/<str:book_id>/loans", api.LendView),
    route("loans", api.LoansView),
    path("schema", SpectacularAPIView.as_view()),
]
