"""Pages for people: the playground, shared circuits, embeds."""
