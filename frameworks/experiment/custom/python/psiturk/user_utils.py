import hmac
from functools import update_wrapper, wraps

from flask import Response, current_app, make_response, request


def print_to_log(stuff_to_print):
    current_app.logger.info(stuff_to_print)


def nocache(func):
    def new_func(*args, **kwargs):
        resp = make_response(func(*args, **kwargs))
        resp.cache_control.no_cache = True
        return resp

    return update_wrapper(new_func, func)


class PsiTurkAuthorization(object):
    """Asks for login_username and login_pw; without all three options no one gets in."""

    def __init__(self, config):
        names = ("login_username", "login_pw", "secret_key")
        values = [config.get("Server Parameters", name, fallback="") for name in names]
        self.queryname, self.querypw = values[:2]
        self.is_set = all(values)

    def check_auth(self, username, password):
        given = ("%s:%s" % (username, password)).encode()
        right = ("%s:%s" % (self.queryname, self.querypw)).encode()
        return self.is_set and hmac.compare_digest(given, right)

    @classmethod
    def authenticate(cls):
        return Response(
            "Could not verify your access level for that URL.\n"
            "You have to login with proper credentials",
            401,
            {"WWW-Authenticate": 'Basic realm="Login Required"'},
        )

    def requires_auth(self, func):
        @wraps(func)
        def decorated(*args, **kwargs):
            auth = request.authorization
            if not auth or not self.check_auth(auth.username, auth.password):
                return self.authenticate()
            return func(*args, **kwargs)

        return decorated
