"""Kinds of law: what a `Distribution` is, below the façade; each makes the windows that it is asked for."""
