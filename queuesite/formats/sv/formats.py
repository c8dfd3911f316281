"""Swedish as it is written in Finland: 14.02, as in Finnish, not 14:02. Browsers call it sv-FI."""

TIME_FORMAT = "G.i"
DATETIME_FORMAT = "j F Y G.i"
