class MTurkServicesWrapper(object):
    """Mechanical Turk is asked by the Node server only: one program decides who is paid."""

    def __init__(self, *args, **kwargs):
        pass

    def set_sandbox(self, is_sandbox=True):
        pass

    def __getattr__(self, name):
        def refuse(*args, **kwargs):
            raise NotImplementedError(
                "custom.py cannot call %s here: use psiturk worker or the dashboard." % name
            )

        return refuse
