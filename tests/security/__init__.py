"""What SECURITY.md promises of every address and every socket, whichever room they are in."""
