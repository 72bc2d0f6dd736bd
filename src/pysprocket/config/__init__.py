"""Settings: `sprocket.toml` files in, frozen structs out.

In: the files of `load`. Out: `Config`, and for a run the chosen backend. Documented per key in `settings`.
"""

from pysprocket.config.backends import ChosenBackend, choose_backend
from pysprocket.config.files import load
from pysprocket.config.settings import Config

__all__ = ["ChosenBackend", "Config", "choose_backend", "load"]
