"""The addresses of the pages."""

from django.urls import path

from lending import views

urlpatterns = [
    path("", views.books, name="books"),
    path("join", views.join, name="join"),
    path("books/<uuid:book_id>/lend", views.lend, name="lend"),
    path("books/<uuid:book_id>/return", views.give_back, name="return"),
]
