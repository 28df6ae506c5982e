"""One tree of errors: values are ``ValueError``, kinds are ``TypeError``, all are ``DistconvError``."""


class DistconvError(Exception):
    """Anything that distconv refuses to do."""


class DistconvValueError(DistconvError, ValueError):
    """A value that no answer exists for: a negative weight, a total that is not 1, a level outside [0, 1]."""


class DistconvTypeError(DistconvError, TypeError):
    """A kind of object that does not fit: a list as outcome, a fractional number of copies, ``X * Y``."""


class DimensionError(DistconvValueError):
    """Outcomes, operands or arguments whose dimensions do not match."""


class SizeLimitError(DistconvValueError):
    """A result that would not fit in ``settings.max_bytes``, refused before memory is touched."""


class AccuracyError(DistconvError, ArithmeticError):
    """A probability that cannot be certified to ``settings.tolerance``."""


class DistconvWarning(UserWarning):
    """Something to know before it happens: work that is predicted to take long."""
