"""The Python face of gradwire, for notebooks and other tools.

    import gradwire

    gradwire.graph("x*y + max(z, w)", x=3, y=-4)      # a circuit with .value, .grads, .svg(), .to_json()
    gradwire.draw("x*y + max(z, w)", x=3)             # its picture, live in a notebook
    gradwire.show(loss)                               # what PyTorch or micrograd computed
    gradwire.show(f, 2.0, 3.0)                        # a function of JAX or HIPS autograd at a point

Nothing heavy is imported before something is drawn, and no framework ever: an object says by its own type whose it is.
"""

from gradwire.circuit import Circuit, graph
from gradwire.drawing import draw, show
from gradwire.picture import Picture

__all__ = ["Circuit", "Picture", "draw", "graph", "show"]
