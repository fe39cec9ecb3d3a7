"""A service of both servers, which the tests of a worker share."""

from collections.abc import Iterator

import pytest

from tests.service import Service


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service whose first process is Daphne and whose second is uvicorn.

    It is shared: a test that ends a process or Redis starts it again, and closes the talks it opened.
    """
    service = Service(tmp_path_factory.mktemp("mixed"), extra={"NOTALONE_MESSAGES_PER_MINUTE": "0"})
    try:
        service.start(webs=1)
        service.add_web("uvicorn")
        yield service
    finally:
        service.stop()


@pytest.fixture(params=["daphne", "uvicorn"])
def at(request: pytest.FixtureRequest) -> int:
    """The place of each server in the mixed service."""
    return ["daphne", "uvicorn"].index(request.param)
