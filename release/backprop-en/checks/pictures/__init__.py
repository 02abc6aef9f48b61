"""Pictures of the notebooks, drawn from the learner's own classes and functions. They are never graded."""

from .curves import animation, hidden_units, kinks, memorising
from .descents import contours, descent, tangent
from .elements import element
from .graphs import graph
from .maps import gradient_maps
from .networks import network
from .own import own

__all__ = [
    "animation",
    "contours",
    "descent",
    "element",
    "gradient_maps",
    "graph",
    "hidden_units",
    "kinks",
    "memorising",
    "network",
    "own",
    "tangent",
]
