"""From a layout and numbers to a scene, and from a scene to SVG and PNG."""
