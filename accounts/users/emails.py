"""The one form in which e-mail addresses are stored and compared."""


def normalise_email(email: str) -> str:
    """Trims and case-folds an address, so that two spellings of it are equal."""
    return email.strip().casefold()
