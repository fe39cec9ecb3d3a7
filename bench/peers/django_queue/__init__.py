"""A bare queue on Django and Channels: as little as a visitor can cost there."""
