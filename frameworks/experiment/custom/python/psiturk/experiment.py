import logging
import os
import sys

from flask import Flask, jsonify, request

from . import STUDY
from .experiment_errors import ExperimentApiError, ExperimentError

logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")

app = Flask(
    "Experiment_Server",
    root_path=STUDY["directory"],
    template_folder=os.path.join(STUDY["directory"], "templates"),
    static_folder=os.path.join(STUDY["directory"], "static"),
)
app.secret_key = STUDY["secret"]
app.config.update(EXPERIMENT_NAME="psiturk", MAX_CONTENT_LENGTH=STUDY["bodyBytesMax"])


@app.errorhandler(ExperimentError)
def handle_exp_error(exception):
    app.logger.error("%s (%s) %s", exception.value, exception.errornum, exception)
    return exception.error_page(request)


@app.errorhandler(ExperimentApiError)
def handle_exp_api_error(error):
    response = jsonify(error.to_dict())
    response.status_code = error.status_code
    return response
