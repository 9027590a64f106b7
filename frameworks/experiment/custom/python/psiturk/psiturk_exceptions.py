class PsiturkException(Exception):
    def __init__(self, message="", **kwargs):
        super().__init__(message)
        self.message = message


class EphemeralContainerDBError(PsiturkException):
    pass
