"""English as it is read in Europe: 14:02, not 2:02 p.m."""

TIME_FORMAT = "H:i"
DATE_FORMAT = "j F Y"
SHORT_DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "j F Y H:i"
