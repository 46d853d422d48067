"""Stand-ins for the outside world that speak its real protocols, on loopback only: what drills send to."""
