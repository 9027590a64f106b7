"""Python 2's cPickle: it read pickles from files that were opened as text."""
import pickle
from pickle import *  # noqa: F401,F403
from pickle import HIGHEST_PROTOCOL, Pickler, Unpickler, dump, dumps  # noqa: F401


def load(file, **options):
    options.setdefault("encoding", "latin1")
    return pickle.load(getattr(file, "buffer", file), **options)


def loads(data, **options):
    options.setdefault("encoding", "latin1")
    return pickle.loads(data.encode("latin1") if isinstance(data, str) else data, **options)
