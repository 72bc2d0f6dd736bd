"""Settings: `sprocket.toml` files, the environment and `--set` in, frozen structs out.

In: what `load` takes. Out: `Config`, and for a run the chosen backend; `Loaded` also says where each value came from.
Documented per key in `settings`.
"""

from pysprocket.config.backends import ChosenBackend, choose_backend
from pysprocket.config.loading import Loaded, load, load_explained
from pysprocket.config.settings import Config

__all__ = ["ChosenBackend", "Config", "Loaded", "choose_backend", "load", "load_explained"]
