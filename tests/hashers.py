"""A hasher that is preferred to the others: passwords are hashed anew when they are typed."""

from django.contrib.auth.hashers import MD5PasswordHasher


class BetterHasher(MD5PasswordHasher):
    """Stands for a stronger hash, as new versions of Django bring."""

    algorithm = "better"
