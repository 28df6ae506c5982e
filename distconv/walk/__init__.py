"""Walks: drops in a row, what is known of them, the regions they stay in, and walks that never end."""

from distconv.walk.absorption import Exit
from distconv.walk.endless import EndlessWalk
from distconv.walk.passage import Passage
from distconv.walk.returning import Return
from distconv.walk.stay import Stay
from distconv.walk.walk import Walk

__all__ = ["EndlessWalk", "Exit", "Passage", "Return", "Stay", "Walk"]
