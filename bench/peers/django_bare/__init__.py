"""A bare Django view: as little as a page can cost."""
