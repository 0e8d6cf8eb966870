"""Encryption of what is stored secret, with a list of keys so that they can be changed."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from .errors import ServiceError


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.CREDENTIALS_KEYS])


def seal(text: str) -> bytes:
    """Encrypt with the newest key."""
    return _fernet().encrypt(text.encode())


def unseal(token: bytes) -> str:
    """Decrypt with whichever key fits; raises ServiceError where none does."""
    try:
        return _fernet().decrypt(bytes(token)).decode()
    except InvalidToken as error:
        raise ServiceError(
            "A stored API key can't be decrypted: CREDENTIALS_KEYS has lost the key it was stored with. "
            "Put that key back, or connect the team again."
        ) from error
