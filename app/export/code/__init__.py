"""What the exporters to other frameworks share: a graph as a readable program, statement by statement."""
