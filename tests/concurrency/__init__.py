"""Presses at once, over threads, processes and servers: the test of the lock that every room stands on."""
