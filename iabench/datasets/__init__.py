"""Facts of somebody's own: rows read from files, registered datasets or the hub, by their form."""
