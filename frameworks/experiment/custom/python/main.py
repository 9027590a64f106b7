"""Serves a study's custom.py: its routes, init_app and custom_get_condition.

The Node server starts this program, forwards to it what custom.py answers, and stays the only one
that participants reach. The package `psiturk` beside this file stands in for the original.
"""
import hokku_wsgi

hokku_wsgi.limit()

import json
import os
import re
import sys
import traceback
import urllib.parse

STUDY = json.loads(os.environ.pop("HOKKU_STUDY"))

try:
    import flask
    import psycopg2  # noqa: F401
    import sqlalchemy  # noqa: F401
except ImportError as error:
    hokku_wsgi.refuse("Python has no package %s." % error.name)

import psiturk

psiturk.STUDY = STUDY
sys.path.insert(1, STUDY["directory"])

import python2
from psiturk.db import db_session
from psiturk.experiment import app
from psiturk.experiment_errors import error_page

notes = python2.install(STUDY["directory"])


def load():
    """Imports custom.py as the original does: the blueprint first, then init_app."""
    import custom

    if not hasattr(custom, "custom_code"):
        hokku_wsgi.refuse("custom.py has no blueprint custom_code.")
    app.register_blueprint(custom.custom_code)
    if hasattr(custom, "init_app") and not STUDY["isTrial"]:
        custom.init_app(app)
    return getattr(custom, "custom_get_condition", None)


try:
    get_condition = load()
except Exception as error:
    traceback.print_exc()
    frames = [f for f in traceback.extract_tb(error.__traceback__) if STUDY["directory"] in f.filename]
    at = "%s, line %d: " % (os.path.basename(frames[-1].filename), frames[-1].lineno) if frames else ""
    reason = "custom.py cannot be loaded: %s%s: %s" % (at, type(error).__name__, error)
    if isinstance(error, ModuleNotFoundError):
        reason += ". List the package in requirements.txt; psiturk.%s is not known here." % (
            error.name.split(".")[-1]
        ) if error.name.startswith("psiturk.") else ". List its package in requirements.txt."
    hokku_wsgi.refuse(reason)

# The original's routes come after those of the study, which may replace them.
for path, name in STUDY["routes"].items():
    app.add_url_rule(path, name, lambda: flask.abort(404))


@app.errorhandler(500)
def broken(error):
    return error_page("unknown_error", flask.request), 500


@app.teardown_appcontext
def end_session(error=None):
    db_session.remove()


PARAMETER = re.compile(r"<(?:([a-zA-Z_]\w*)(?:\(.*?\))?:)?([a-zA-Z_]\w*)>")


def pattern_of(rule):
    """A rule of Flask as a regular expression that Node reads, too."""
    parts = PARAMETER.split(rule)
    text = re.escape(parts[0])
    for at in range(1, len(parts), 3):
        converter = app.url_map.converters.get(parts[at] or "default")
        text += "(?:%s)%s" % (getattr(converter, "regex", "[^/]+"), re.escape(parts[at + 2]))
    return "^%s$" % (text + "?" if rule.endswith("/") and rule != "/" else text)


def routes():
    own = set(STUDY["routes"].values()) | {"static"}
    for rule in app.url_map.iter_rules():
        if rule.endpoint in own or rule.rule.startswith("/static/"):
            continue
        view = app.view_functions.get(rule.endpoint)
        names = getattr(getattr(_unwrapped(view), "__code__", None), "co_names", ())
        yield {
            "path": rule.rule,
            "pattern": pattern_of(rule.rule),
            "methods": sorted(rule.methods or ["GET", "HEAD", "OPTIONS"]),
            "setsBonus": "bonus" in names or "bonus" in rule.rule.lower(),
        }


def _unwrapped(view):
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return view


def unseen():
    """What custom.py hangs on the application, which pages of the Node server do not pass."""
    if len(app.template_context_processors.get(None, [])) > 1:
        yield "a context processor"
    for name in ("before_request_funcs", "after_request_funcs", "teardown_request_funcs"):
        if getattr(app, name).get(None):
            yield name.replace("_funcs", "")


def answer_condition(environ):
    mode = urllib.parse.unquote(environ.get("HTTP_X_HOKKU_MODE", ""))
    try:
        with app.test_request_context("/exp", query_string={"mode": mode}):
            condition, counterbalance = get_condition(mode)
        return 200, {"cell": [int(condition), int(counterbalance)]}
    except Exception as error:
        traceback.print_exc()
        return 500, {"error": "%s: %s" % (type(error).__name__, error)}


def application(environ, start_response):
    if environ["PATH_INFO"] != "/.hokku/condition":
        return app(environ, start_response)
    status, value = answer_condition(environ)
    start_response("%d -" % status, [("Content-Type", "application/json")])
    return [json.dumps(value).encode()]


hokku_wsgi.serve(
    application,
    {
        "routes": list(routes()),
        "hasCondition": get_condition is not None,
        "notes": notes,
        "unseen": list(unseen()),
        "version": "Python %d.%d.%d" % sys.version_info[:3],
    },
)
