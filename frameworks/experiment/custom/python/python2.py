"""Reads Python 2 spellings in a study's own files as what they are in Python 3."""
import importlib.abc
import importlib.machinery
import logging
import os
import re
import sys

# Spellings that compile in Python 3, and fail when they are reached.
OLD = re.compile(
    r"\.has_key\(|\.iter(?:items|keys|values)\(|\b(?:xrange|unicode|basestring|raw_input|reduce|long)\("
    r"|\bimport (?:urllib2|urlparse|StringIO|ConfigParser|Queue)\b|\bfrom (?:urllib2|urlparse|StringIO) "
)

FIXERS = [
    "fissix.fixes.fix_" + name
    for name in (
        "basestring dict except exec execfile has_key idioms imports input itertools "
        "itertools_imports long map filter zip methodattrs ne next numliterals paren print raise "
        "raw_input reduce repr unicode urllib xrange"
    ).split()
    if name not in ("idioms", "input")
]

# Ours reads what Python 2 wrote.
KEPT = re.compile(r"\bcPickle\b")


def fix(source, name):
    """The text in Python 3, and the lines that changed; the text itself if nothing has to."""
    try:
        compile(source, name, "exec", dont_inherit=True)
        if not OLD.search(source):
            return source, []
    except TabError:
        source = re.sub(r"(?m)^[ \t]+", lambda found: found.group().expandtabs(8), source)
        try:
            compile(source, name, "exec", dont_inherit=True)
            if not OLD.search(source):
                return source, ["tabs"]
        except SyntaxError:
            pass
    except SyntaxError:
        pass
    return _refactored(source, name)


def _refactored(source, name):
    logging.getLogger("fissix").setLevel(logging.WARNING)
    logging.getLogger("RefactoringTool").setLevel(logging.WARNING)
    from fissix.pgen2.parse import ParseError
    from fissix.refactor import RefactoringTool

    text = KEPT.sub("hokku_kept_pickle", source)
    text = text if text.endswith("\n") else text + "\n"
    tool = RefactoringTool(FIXERS)
    try:
        fixed = str(tool.refactor_string(text, name))
    except ParseError:
        # A file may mix both: `print()` as a function.
        tool = RefactoringTool(FIXERS, {"print_function": True})
        try:
            fixed = str(tool.refactor_string(text, name))
        except ParseError:
            return source, []
    before, after = text.splitlines(), fixed.splitlines()
    lines = [str(at + 1) for at, (old, new) in enumerate(zip(before, after)) if old != new]
    return fixed.replace("hokku_kept_pickle", "cPickle"), lines or (["?"] if text != fixed else [])


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name, path, notes):
        super().__init__(name, path)
        self.notes = notes

    def get_code(self, fullname):
        path = self.get_filename(fullname)
        source = importlib.util.decode_source(self.get_data(path))
        fixed, lines = fix(source, path)
        if lines:
            self.notes.append(_note(os.path.basename(path), source, lines))
        return compile(fixed, path, "exec", dont_inherit=True)


def _note(name, source, lines):
    if lines == ["tabs"]:
        return name + " mixes tabs and spaces; tabs were read as in Python 2."
    shown = ", ".join(lines[:10]) + (" and more" if len(lines) > 10 else "")
    note = "%s is Python 2; its spellings were read as Python 3 in line %s." % (name, shown)
    divisions = [
        str(at + 1)
        for at, line in enumerate(source.splitlines())
        if re.search(r"[\w)\]] */ *[\w(]", line.split("#")[0]) and "'" not in line and '"' not in line
    ]
    if divisions and "import division" not in source:
        note += " Line %s divides: in Python 2 whole numbers stayed whole." % ", ".join(divisions[:10])
    return note


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, directory, notes):
        self.directory = os.path.realpath(directory)
        self.notes = notes

    def find_spec(self, fullname, path, target=None):
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        origin = os.path.realpath(spec.origin) if spec and spec.origin else ""
        if not origin.startswith(self.directory + os.sep) or not origin.endswith(".py"):
            return None
        if os.sep + "site-packages" + os.sep in origin:
            return None
        spec.loader = _Loader(fullname, spec.origin, self.notes)
        return spec


def install(directory):
    """Reads the modules of a folder so, and returns the list to which it writes what it did."""
    import importlib.util  # noqa: F401

    notes = []
    sys.meta_path.insert(0, _Finder(directory, notes))
    return notes
