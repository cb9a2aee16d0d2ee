"""The kinds of things in a picture, a file each: pure functions from a place, numbers and colours to marks."""
