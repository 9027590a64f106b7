from flask import render_template
from jinja2 import TemplateNotFound

from . import STUDY


def error_page(key, request):
    """The study's own error.html, with the number of the error."""
    number, description = STUDY["errors"].get(key, STUDY["errors"]["unknown_error"])
    variables = {name: value for name, value in request.args.items()}
    variables.update(
        errornum=number, errordesc=description, contact_address=STUDY["contact"]
    )
    try:
        return render_template("error.html", **variables)
    except TemplateNotFound:
        return "<!doctype html><title>Error</title><p><b>Error</b>: %d</p><p>%s</p>" % (
            number,
            description,
        )


class ExperimentError(Exception):
    """Shows one of the numbered error pages, by its key."""

    experiment_errors = {key: number for key, (number, _) in STUDY["errors"].items()}

    def __init__(self, value, **kwargs):
        super().__init__(value)
        self.experiment_errors = type(self).experiment_errors
        self.value = value if value in STUDY["errors"] else "unknown_error"
        self.errornum = self.experiment_errors[self.value]

    def error_page(self, request, contact_on_error=None):
        return error_page(self.value, request)


class ExperimentApiError(Exception):
    status_code = 400

    def __init__(self, message, status_code=None, payload=None):
        super().__init__(message)
        self.message = message
        self.status_code = status_code or type(self).status_code
        self.payload = payload

    def to_dict(self):
        return dict(self.payload or (), message=self.message)


class InvalidUsageError(ExperimentApiError):
    pass


InvalidUsage = InvalidUsageError
