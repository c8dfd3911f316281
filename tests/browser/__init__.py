"""Every surface in a real browser: the test of what no room can show without its page, its socket and its script."""
