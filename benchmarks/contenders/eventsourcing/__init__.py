"""The library eventsourcing (John Bywater), and eventsourcing-django, which puts its events into Django's ORM."""
