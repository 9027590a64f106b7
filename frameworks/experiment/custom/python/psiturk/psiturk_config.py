from configparser import RawConfigParser

from . import STUDY
from .psiturk_exceptions import EphemeralContainerDBError, PsiturkException  # noqa: F401


class PsiturkConfig(RawConfigParser):
    """The study's options as the Node server has read them, from all sources."""

    def __init__(self, local_config="config.txt", global_config_name=".psiturkconfig", **kwargs):
        super().__init__(strict=False, **kwargs)

    def load_config(self):
        for section, options in STUDY["sections"].items():
            if not self.has_section(section):
                self.add_section(section)
            for name, value in options.items():
                self.set(section, name, value)

    # Version 2 allowed a plain option name.
    def getint(self, section, option, **kwargs):
        return int(self.get(section, option, **kwargs))
