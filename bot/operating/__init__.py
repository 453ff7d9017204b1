"""What whoever runs the bot does with it as a whole: compare, back up, move."""
