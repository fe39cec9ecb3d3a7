"""Keys are changed while both processes run: what was sealed before opens, and no word is lost on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.talks import talking
from tests.service import Service

pytestmark = pytest.mark.processes

OLD, NEW = "old:" + "11" * 32, "new:" + "22" * 32


def test_a_talk_goes_on_while_the_keys_are_changed(tmp_path: Path) -> None:
    """The documented way: everywhere the new key last, then first, then ``rotate_keys``, then alone."""
    service = Service(tmp_path)
    try:
        with_keys(service, f"{OLD},{NEW}").start(webs=1)
        with_keys(service, f"{NEW},{OLD}").add_web("uvicorn")  # the next step has reached one of two
        with talking(service, vera_at=0, carla_at=1) as talk:
            talk.vera.write("まえの鍵で")
            talk.carla.write("あたらしい鍵で")
            talk.settle()
            assert "anew" in service.manage("rotate_keys")
            talk.vera.write("入れかえたあとで")
            talk.settle()
            with_keys(service, NEW)
            service.webs[0].kill()
            service.restart(0)  # knows the new key alone
            talk.vera.come(service.webs[0])
            talk.vera.write("古い鍵がなくても")
            talk.settle()
            talk.check(service.webs[0])
        assert "another version" not in service.logs()
        assert "Traceback" not in service.logs()
    finally:
        service.stop()


def with_keys(service: Service, keys: str) -> Service:
    """What is started from now on has these keys."""
    service.extra["NOTALONE_CONTENT_KEYS"] = keys
    return service
