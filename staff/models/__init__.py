"""Staff accounts and what belongs to them."""

from staff.models.accounts import Organization, User

__all__ = ["Organization", "User"]
