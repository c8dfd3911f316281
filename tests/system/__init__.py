"""What holds over the rooms together: what each screen shows, what each page asks of the database, how rooms import."""
