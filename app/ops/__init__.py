"""Operators: what each is, in one place, and the catalogue of them all."""
