"""The work of a request, without HTTP: from a request to the bytes of its answer."""
