"""What margins are worth, and what standards would hold."""
