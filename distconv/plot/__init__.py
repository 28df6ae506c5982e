"""Pictures on matplotlib Axes (the ``plot`` extra). Every function takes and returns an Axes, and needs no screen.

The colours are Okabe and Ito's, which colour-blind readers tell apart; heat maps use viridis, signed ones purple to
orange.
"""

from distconv.plot.animation import animate_sliding
from distconv.plot.kernels import plot_kernel_step, plot_matrix
from distconv.plot.laws import plot
from distconv.plot.partitions import plot_partitions
from distconv.plot.sliding import plot_sliding
from distconv.plot.tails import plot_tail
from distconv.plot.walks import plot_walk

__all__ = [
    "animate_sliding",
    "plot",
    "plot_kernel_step",
    "plot_matrix",
    "plot_partitions",
    "plot_sliding",
    "plot_tail",
    "plot_walk",
]
